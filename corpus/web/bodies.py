"""Reads what a server sends, unpacked, and no more of it than was wanted."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from corpus.errors import NotFetched

ENCODINGS = "gzip, deflate"
"""What servers are told that they may pack with: what Python unpacks piece by piece."""

_WINDOWS = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}
_PIECE = 1 << 16


def read_body(chunks: Iterable[bytes], encoding: str, limit: int, *, cut: bool = False) -> bytes:
    """Return what a body holds, at most `limit` bytes unpacked.

    A longer one is `cut`, or refused as soon as it shows.

    Raises:
        NotFetched: it is too long, damaged, cut short, or packed as was not asked for.
    """
    encoding = encoding.strip().lower()
    pieces: Iterator[bytes] = filter(None, chunks)
    if encoding not in ("", "identity"):
        if encoding not in _WINDOWS:
            raise NotFetched("it came packed in a way that was not asked for")
        pieces = _unpacked(pieces, _WINDOWS[encoding])
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > limit:
            if not cut:
                raise too_long(limit)
            break
    return bytes(data[:limit])


def too_long(limit: int) -> NotFetched:
    """Return the error for what is longer than `limit` bytes."""
    size = f"{limit / (1 << 20):g} MB" if limit >= 1 << 20 else f"{limit:,} bytes"
    return NotFetched(f"it is longer than {size}")


def _unpacked(chunks: Iterator[bytes], window: int) -> Iterator[bytes]:
    """Unpack in pieces that are small whatever they were packed to."""
    unpacker = zlib.decompressobj(window)
    begun = False
    try:
        for chunk in chunks:
            if not begun and window == zlib.MAX_WBITS and chunk[0] & 0x0F != zlib.DEFLATED:
                unpacker = zlib.decompressobj(-window)  # "deflate" as some servers send it
            begun = True
            packed = chunk
            while packed and not unpacker.eof:
                yield unpacker.decompress(packed, _PIECE)
                packed = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error:
        raise NotFetched("it is damaged: what was packed cannot be unpacked") from None
    if begun and not unpacker.eof:
        raise NotFetched("it is cut short: what was packed has no end")
