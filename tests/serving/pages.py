"""The page of Newsdesk on a real server, and an archive for it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from bot.serving import page
from bot.settings import load_settings
from bot.wiring import Desk
from corpus.article import Article
from tests.in_process import shared_encoder, shared_reader

PEACEKEEPERS = "How many Russian peacekeepers will be deployed?"
TRUCE = "When did the third truce take effect?"

PUMPS = "How many pumps did the council send to the Vellmoor quarry?"
SCRIPT = "<script>document.title = 'owned'</script>"
_LONG = "Donaudampfschifffahrts" * 20
HOSTILE = Article(
    "https://evil.example/<b>'\"&amp;",
    f"{SCRIPT} **Pumps** reach the Vellmoor quarry {{{{ 7 * 7 }}}}",
    f"The council sent 14 pumps to the Vellmoor quarry </mark>{SCRIPT} on Tuesday.\n\n"
    f"<img src=x onerror=\"document.title='owned'\"> [1] [click](javascript:alert(1)) {_LONG}\n\n"
    "</article></main><h1>owned</h1> The mayor of Vellmoor thanked the council for the pumps.",
    f"The {SCRIPT} Bugle",
    date(2021, 5, 4),
)

FERRY = "When does the new ferry to Norrholm sail?"
SAILS = "The new ferry to Norrholm sails at 06:45 every morning."
_ABOUT_FERRIES = (
    f"{SAILS} It carries 120 cars and 600 passengers, twice as many as the old one, and crosses "
    "the sound in half an hour. The harbour master of Norrholm said that the quay had been "
    "lengthened for it by 40 metres. Tickets cost 12 crowns, and islanders pay half."
)
FIRST_FERRY = Article(
    "https://bugle.example/ferry", "Ferry sails", _ABOUT_FERRIES, "The Bugle", date(2021, 6, 1)
)
COPIED_FERRY = Article(
    "https://star.example/ferry", "New ferry", _ABOUT_FERRIES, "The Star", date(2021, 6, 2)
)
EXCERPT = Article(
    "https://bugle.example/short", "Bakers of Norrholm strike", "The bakers of Norrholm struck.",
    "The Bugle", date(2021, 6, 3), excerpt=True,
)  # fmt: skip
HELD = Article(
    "https://bugle.example/held", "Queen opens the bridge", "The queen opened the bridge.",
    "The Bugle", date(2021, 6, 4), embargo=datetime.now(UTC) + timedelta(days=1),
)  # fmt: skip


def desk_at(home: Path, **settings: Any) -> Desk:
    """A desk over a home, with what takes time to load shared."""
    desk = Desk(load_settings(home, **settings))
    vars(desk).update(embedded=shared_encoder(), reader=shared_reader())
    return desk


def home_in(folder: Path, ingested: Path) -> Path:
    """A home with the sample archive and the articles above."""
    shutil.copytree(ingested, folder / "home")
    with desk_at(folder / "home", engine="extractive").indexer() as index:
        done = index.ingest([HOSTILE, FIRST_FERRY, COPIED_FERRY, EXCERPT, HELD])
    assert len(done.added) == 5, done
    return folder / "home"


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """Serve the page of a desk on loopback; gives its address."""
    app = FastAPI()
    app.include_router(page.routes(desk))
    with closing(desk):
        assert desk.assistant
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            port = server.servers[0].sockets[0].getsockname()[1]
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()
