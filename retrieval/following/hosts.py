"""Works on many addresses at once, but on those of one host one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_THREADS = 8

T = TypeVar("T")
R = TypeVar("R")


def by_host(
    items: Iterable[T],
    host: Callable[[T], str],
    work: Callable[[list[T]], list[R]],
    stop: Callable[[], None],
) -> list[R]:
    """Return what `work` makes of the items of each host, whose hosts are worked on in parallel.

    `stop` is called where that is interrupted, to end what threads wait for.
    """
    groups: dict[str, list[T]] = {}
    for item in items:
        groups.setdefault(host(item), []).append(item)
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            return [made for group in pool.map(work, groups.values()) for made in group]
        except BaseException:
            stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
