"""Opens the stores of the archive, and holds the locks of those who write to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path

from bot.settings import Settings
from retrieval.archive.catalog import Catalog
from retrieval.archive.chroma_folder import ChromaFolder
from retrieval.archive.chunking import Chunking
from retrieval.archive.homes import FILE, catalog_at, catalog_in
from retrieval.archive.vectors import VectorStore
from retrieval.errors import ArchiveUnreadable

CHUNKING = Chunking()


def catalog_path(settings: Settings) -> Path:
    """Return the path of the catalog's SQLite file."""
    return settings.home / FILE


def open_catalog(settings: Settings, *, unfinished: bool) -> Catalog:
    """Open the catalog, in the home or in the database; with `unfinished` a stopped copy, too.

    Raises:
        ArchiveUnreadable: it cannot be used.
    """
    url = settings.database_url
    catalog = catalog_at(url.get_secret_value()) if url else catalog_in(catalog_path(settings))
    if not unfinished:
        try:
            catalog.facts.require_whole()
        except BaseException:
            catalog.close()
            raise
    return catalog


def open_vectors(
    settings: Settings, collection: str, catalog: Callable[[], Catalog]
) -> VectorStore:
    """Open a collection of vectors, in the home or on a Chroma server.

    `catalog` gives the archive's, which tells it from others on that server.
    """
    if settings.chroma_url is None:
        return ChromaFolder(settings.home / "chroma", collection)
    from retrieval.archive.chroma_server import ChromaServer, ServerAddress

    token = settings.chroma_token
    address = ServerAddress(
        settings.chroma_url,
        settings.chroma_tenant,
        settings.chroma_database,
        token.get_secret_value() if token else None,
        settings.chroma_token_header,
        settings.chroma_timeout,
    )
    return ChromaServer(address, catalog().facts.archive_id(), collection)


def lock_of_writing(
    settings: Settings, waiting: Callable[[], None]
) -> AbstractContextManager[None]:
    """Return the lock of the one who writes; those whose stores are all on servers need none.

    `waiting` is called once if another process holds it.
    """
    on_servers = settings.database_url and settings.chroma_url
    return nullcontext() if on_servers else _lock_in_home(settings.home, "ingest.lock", waiting)


def lock_of_refreshing(
    settings: Settings, catalog: Callable[[], Catalog], waiting: Callable[[], None]
) -> AbstractContextManager[None]:
    """Return the lock of the one who refreshes: of the home, or of all who share a database."""
    if settings.database_url is None:
        return _lock_in_home(settings.home, "refresh.lock", waiting)
    return _lock_of_all(catalog(), waiting)


@contextmanager
def _lock_of_all(catalog: Catalog, waiting: Callable[[], None]) -> Iterator[None]:
    with closing(catalog.database.claims()) as claims:
        if not claims.take({"refresh"}):
            waiting()
            claims.wait({"refresh"})
        yield


@contextmanager
def _lock_in_home(home: Path, name: str, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold a lock of a home.

    Raises:
        ArchiveUnreadable: the home cannot be written.
    """
    from filelock import FileLock, Timeout

    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = FileLock(home / name)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            waiting()
            lock.acquire()
    except OSError as error:
        raise ArchiveUnreadable(
            f"NEWSDESK_HOME {home} cannot be written: {error.strerror}."
        ) from error
    try:
        yield
    finally:
        lock.release()
