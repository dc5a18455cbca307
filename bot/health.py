"""Checks the archive, the engine and the home folder without changing anything."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from bot.telegram.storage.schema import TELEGRAM
from bot.telegram.storage.store import FILE as TELEGRAM_FILE
from bot.wiring import Desk
from bot.wiring.archive import CHUNKING
from retrieval.archive.index import index_name, require_current
from retrieval.errors import ArchiveUnreadable, NewsdeskError


@dataclass
class Health:
    """The report of `examine`. Unknown values are None; each problem names its remedy."""

    articles: int | None = None
    passages: int | None = None
    earliest: str | None = None
    latest: str | None = None
    engine: str = ""
    encoder: str | None = None
    index: str | None = None
    reader: str | None = None
    home: str = ""
    database: str | None = None
    vectors: str | None = None
    disk_bytes: int = 0
    telegram_bytes: int = 0
    problems: list[str] = field(default_factory=list)


def examine(desk: Desk) -> Health:
    """Check everything an answer depends on. Errors become problems of the report."""
    home = desk.settings.home
    health = Health(home=str(home))
    checks = (_home, _room, _engine, _encoder, _reader, _catalog, _index)
    for check in checks:
        try:
            check(desk, health)
        except NewsdeskError as error:
            if str(error) not in health.problems:
                health.problems.append(str(error))
    return health


def _home(desk: Desk, health: Health) -> None:
    """Write a small file, which fails without permission or on a read-only or full disk."""
    folder = desk.settings.home
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))
            file.flush()
    except OSError as error:
        health.problems.append(
            f"NEWSDESK_HOME {desk.settings.home} cannot be written ({error.strerror}): make room "
            "or change its permissions, or name another folder."
        )


def _room(desk: Desk, health: Health) -> None:
    health.disk_bytes, health.telegram_bytes = room_taken(desk)


def _engine(desk: Desk, health: Health) -> None:
    """Name the model, set it up, and ask its service for its list: a question may cost money."""
    health.engine = desk.engine
    desk.check_engine()
    desk.try_services()


def _encoder(desk: Desk, health: Health) -> None:
    from retrieval.embeddings.encoder import EMBEDDED

    health.encoder = desk.encoder.name
    health.index = index_name(health.encoder, CHUNKING)
    _verify(EMBEDDED, desk.settings.embeddings)


def _reader(desk: Desk, health: Health) -> None:
    from retrieval.reading.reader import EMBEDDED

    readers = {desk.reader.declared.name: None}
    if desk.own_reader:
        readers |= {desk.own_reader.declared.name: None}
    health.reader = ", ".join(readers)
    _verify(EMBEDDED, desk.settings.reader)


def _verify(shipped: Path, own: str) -> None:
    """Compare the files of a shipped model with their checksums, and those of one's own if it has
    any.
    """
    from retrieval.onnx_model import verify

    for folder in (shipped, Path(own)):
        if folder == shipped or (folder / "SHA256SUMS").exists():
            verify(folder)


def _catalog(desk: Desk, health: Health) -> None:
    if not desk.has_catalog:  # opening it would create it
        health.articles = health.passages = 0
        return
    if desk.settings.database_url is not None:
        health.database = desk.catalog.database.name
    if problem := desk.catalog.check():
        line = " ".join(problem.split())
        raise ArchiveUnreadable(
            f"The catalog {desk.catalog_path} is damaged ({line}). Nothing was deleted. Move "
            f"{desk.settings.home} away and ingest your articles again."
        )
    summary = desk.catalog.summary()
    health.articles, health.passages = summary.articles, summary.passages
    health.earliest = summary.earliest.isoformat() if summary.earliest else None
    health.latest = summary.latest.isoformat() if summary.latest else None


def _index(desk: Desk, health: Health) -> None:
    health.vectors = desk.settings.chroma_url
    if not health.articles or health.index is None:
        return
    require_current(desk.catalog, health.index)
    if missing := desk.vectors.missing(desk.catalog.passage_ids()):
        health.problems.append(
            f"{len(missing):,} of {health.passages:,} passages have no vector and are found by "
            "their words alone: the next `newsdesk ingest` makes them."
        )


def room_taken(desk: Desk) -> tuple[int, int]:
    """Return the bytes of home and database together, and those of the bot's tables.

    Raises:
        ArchiveUnreadable: the database cannot be used.
    """
    home = desk.settings.home
    used, telegram = disk_used(home), disk_used(home, TELEGRAM_FILE)
    if desk.settings.database_url is None:
        return used, telegram
    one = desk.catalog.database.one
    return used + one("SELECT pg_database_size(current_database())"), int(one(_TABLES) or 0)


_TABLES = f"""
SELECT sum(pg_total_relation_size(oid)) FROM pg_class
WHERE relkind = 'r' AND relnamespace = to_regnamespace('{TELEGRAM.name}')
"""


def disk_used(folder: Path, prefix: str = "") -> int:
    """Return the bytes of the files below a folder whose names begin with a prefix.

    Files that vanish meanwhile are skipped.
    """
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            if not name.startswith(prefix):
                continue
            try:
                total += os.lstat(os.path.join(parent, name)).st_size
            except OSError:
                continue
    return total
