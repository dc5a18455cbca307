"""The cache that all searches share is bounded by the bytes it holds."""

from __future__ import annotations

import gc
import tracemalloc

import numpy as np

from retrieval.lru import LruCache, size_of


def test_the_values_asked_for_last_are_kept() -> None:
    made: list[str] = []

    def make(keys: list[str]) -> list[bytes]:
        made.extend(keys)
        return [bytes(10_000) for _ in keys]

    cache: LruCache[str, bytes] = LruCache(25_000)
    for keys in (["a", "b"], ["a", "c"], ["a", "c"], ["b", "b"]):
        assert [len(value) for value in cache.get_or_make(keys, make)] == [10_000] * 2
    assert made == ["a", "b", "c", "b"]
    assert 20_000 < cache.size <= 25_000


def test_a_value_larger_than_the_cache_is_returned_and_not_kept() -> None:
    cache: LruCache[str, bytes] = LruCache(100)
    assert cache.get_or_make(["a"], lambda _: [bytes(200)]) == [bytes(200)]
    assert cache.size == 0


def test_the_bytes_counted_are_those_held() -> None:
    cache: LruCache[int, tuple[object, ...]] = LruCache(3 << 20)
    gc.collect()
    tracemalloc.start()
    for number in range(60):
        cache.get_or_make([number], lambda _: [(np.ones((100, 384)), "word " * 9000, {1: [2.5]})])
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert cache.size <= 3 << 20
    assert 0.8 * held < cache.size < 1.2 * held


def test_a_view_counts_with_the_array_that_it_keeps() -> None:
    whole = np.ones((1000, 384))
    assert size_of(whole[0]) > whole.nbytes
    assert size_of(whole[0].copy()) < 4000
