"""The page of Newsdesk on a real server, and a browser to look at it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from bot.serving import page
from bot.settings import load_settings
from bot.wiring import Desk
from tests.in_process import shared_encoder, shared_reader

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)


def desk_at(home: Path, **settings: Any) -> Desk:
    """A desk over a home, with what takes time to load shared."""
    desk = Desk(load_settings(home, **settings))
    vars(desk).update(embedded=shared_encoder(), reader=shared_reader())
    return desk


@contextmanager
def served(desk: Desk) -> Iterator[str]:
    """Serve the page of a desk on loopback; gives its address."""
    app = FastAPI()
    app.include_router(page.routes(desk))
    with closing(desk):
        assert desk.assistant
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join()
