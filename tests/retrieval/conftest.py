from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from retrieval.embeddings.encoder import OnnxEncoder
from tests.retrieval.archive_kit import Archive, BagEncoder
from tests.retrieval.chroma_kit import ServerProcess, chroma_running


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A Chroma server for all tests, which leave it running: each has an archive of its own."""
    with chroma_running(tmp_path_factory.mktemp("chroma-server")) as server:
        yield server


@pytest.fixture
def open_archive(tmp_path: Path, embedded: OnnxEncoder) -> Iterator[Callable[..., Archive]]:
    """Opens the archive in one home, each time as another process would."""
    with ExitStack() as stack:

        def open_archive(**settings: Any) -> Archive:
            settings.setdefault("encoder", BagEncoder("usual"))
            return stack.enter_context(Archive(tmp_path / "home", embedded, **settings))

        yield open_archive


@pytest.fixture
def archive(open_archive: Callable[..., Archive]) -> Archive:
    """An empty archive."""
    return open_archive()
