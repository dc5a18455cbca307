"""Knows how large an archive is, without counting it each time."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from retrieval.archive.catalog import Catalog, CatalogSummary

_SECONDS = 60.0
"""How long a count holds: counting a million passages takes a while."""


class ArchiveSize:
    """Counts articles and passages once a minute at most, and only after a change.

    Args:
        catalog: returns the catalog.
        clock: seconds that only grow.
    """

    def __init__(
        self, catalog: Callable[[], Catalog], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._catalog = catalog
        self._clock = clock
        self._lock = Lock()
        self._until = float("-inf")
        self._version: int | None = None
        self._summary: CatalogSummary | None = None

    def articles(self) -> float:
        """Return how many articles there are, or were a minute ago."""
        return self._counted().articles

    def passages(self) -> float:
        """Return how many passages there are, or were a minute ago."""
        return self._counted().passages

    def _counted(self) -> CatalogSummary:
        with self._lock:
            if self._summary is None or self._clock() >= self._until:
                catalog = self._catalog()
                version = catalog.version()
                if self._summary is None or version != self._version:
                    self._summary, self._version = catalog.summary(), version
                self._until = self._clock() + _SECONDS
            return self._summary
