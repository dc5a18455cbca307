"""A table of what is known of the hosts asked last."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Few(Generic[T]):
    """Keeps one thing a name for the `most` names used last, made at a name's first use."""

    def __init__(self, make: Callable[[], T], most: int = 5_000) -> None:
        self._make = make
        self._most = most
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._lock = Lock()

    def of(self, name: str) -> T:
        """Return what is kept for a name."""
        with self._lock:
            if name not in self._kept:
                self._kept[name] = self._make()
            self._kept.move_to_end(name)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)
            return self._kept[name]
