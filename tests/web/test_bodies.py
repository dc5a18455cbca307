"""What is packed is unpacked piece by piece, to its last byte."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib

import pytest

from corpus.errors import NotFetched
from corpus.web.bodies import read_body


def test_a_bomb_is_refused_before_it_goes_off() -> None:
    packed = gzip.compress(bytes(50 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(NotFetched, match="longer than 1 MB"):
            read_body([packed], "gzip", 1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("window", [-15, 15, 31])
@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_nothing_is_lost_wherever_a_piece_ends(window: int, size: int) -> None:
    encoding = "gzip" if window == 31 else "deflate"
    for length in range(65_400, 66_200, 50):
        packed = zlib.compress(b"x" * length, wbits=window)
        chunks = [packed[at : at + size] for at in range(0, len(packed), size)]
        assert read_body(chunks, encoding, 1 << 20) == b"x" * length
