"""A cache of bounded size, which drops the least recently used entry (LRU). Thread-safe."""

from __future__ import annotations

import gc
import sys
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from threading import Lock
from types import FunctionType, ModuleType
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class LruCache(Generic[K, V]):
    """Keeps the values of the keys asked for most recently, of `capacity` bytes in all."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._lock = Lock()
        self.size = 0
        """The bytes of what is kept."""

    def get_or_make(self, keys: Sequence[K], make: Callable[[list[K]], Sequence[V]]) -> list[V]:
        """Return the values of some keys, in their order; `make` makes all that are missing at
        once.

        Two threads that miss the same key both make it, rather than one waiting for the other.
        """
        with self._lock:
            found = {key: self._kept[key] for key in keys if key in self._kept}
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        if missing:
            for key, value in zip(missing, make(missing), strict=True):
                found[key] = (value, size_of((key, value)))
        with self._lock:
            for key in keys:
                self._drop(key)
                self._kept[key] = found[key]
                self.size += found[key][1]
            while self.size > self._capacity:
                self._drop(next(iter(self._kept)))
        return [found[key][0] for key in keys]

    def _drop(self, key: K) -> None:
        _, size = self._kept.pop(key, (None, 0))
        self.size -= size


def size_of(thing: Any) -> int:
    """Return the bytes of an object and of all that it refers to, each counted once."""
    seen: set[int] = set()
    total, left = 0, [thing]
    while left:
        item = left.pop()
        if id(item) in seen or isinstance(item, type | FunctionType | ModuleType):
            continue
        seen.add(id(item))
        total += sys.getsizeof(item)
        left += gc.get_referents(item)
        if (base := getattr(item, "base", None)) is not None:  # a view keeps its whole array
            left.append(base)
    return total
