"""Articles for the page that are not like others, and questions that they answer."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime, timedelta

from bot.wiring import Desk
from corpus.article import Article

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


ARTICLES = (HOSTILE, FIRST_FERRY, COPIED_FERRY, EXCERPT, HELD)


def ingest(desk: Desk, *articles: Article) -> None:
    """Read articles into the archive of a desk, and close it."""
    with closing(desk), desk.indexer() as index:
        assert not index.ingest(articles).rejected
