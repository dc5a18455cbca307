from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from retrieval.embeddings.encoder import OnnxEncoder
from tests.retrieval.archive_kit import Archive, BagEncoder


@pytest.fixture
def open_archive(
    tmp_path: Path, embedded: OnnxEncoder, database_url: str | None
) -> Iterator[Callable[..., Archive]]:
    """Opens the archive in one home, each time as another process would."""
    with ExitStack() as stack:

        def open_archive(**settings: Any) -> Archive:
            settings = {"encoder": BagEncoder("usual"), "url": database_url} | settings
            return stack.enter_context(Archive(tmp_path / "home", embedded, **settings))

        yield open_archive


@pytest.fixture
def archive(open_archive: Callable[..., Archive]) -> Archive:
    """An empty archive."""
    return open_archive()
