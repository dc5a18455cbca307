"""Takes the records out of a WARC file, and goes on after those that are broken."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Callable, Iterator
from typing import IO, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import DecompressingBufferedReader

from corpus.errors import NotAnArticle
from corpus.formats.guarded import LARGEST_RATIO

_LONGEST_LINE = 1 << 16
_MOST_FAULTS = 1000
_BLOCK = 1 << 20
_SMALL = 10 << 20
_BEGIN = re.compile(rb"\x1f\x8b\x08|(?<=\n)WARC/1\.[01]\r?\n")
"""How a record begins: as a member of its own in a packed file, else with its version."""

logging.getLogger("warcio").addHandler(logging.NullHandler())


class Broken(NotAnArticle):
    """What stands in a WARC file at `place`, in bytes, is no record that can be read."""

    def __init__(self, place: int) -> None:
        super().__init__("a broken record")
        self.place = place


def records(opened: Callable[[], IO[bytes]]) -> Iterator[Any]:
    """Yield each record of a WARC file, as warcio has it, or a Broken in its place.

    Raises NotAnArticle where not one can be read.
    """
    with opened() as file:
        place: int | None = 0
        known = went_well = False
        for _ in range(_MOST_FAULTS):
            file.seek(place or 0)
            found = _Records(file)
            try:
                for record in found:
                    if record.rec_type:  # else a blank line
                        known = went_well = True
                        yield record
                break
            except Exception as error:  # whatever a broken record provokes in the library
                if not known:
                    kind = (
                        "not a WARC file, or a damaged one" if file.tell() else "the file is empty"
                    )
                    raise NotAnArticle(kind) from error
            if went_well:
                yield Broken(found.offset)
            went_well = False
            place = _next_record(file, found.offset + 1)
            if place is None:
                break
        if not known:
            raise NotAnArticle("the file is empty")


def _next_record(file: IO[bytes], place: int) -> int | None:
    """Return where the next record may begin, or None."""
    file.seek(place)
    tail = b""
    while block := file.read(_BLOCK):
        if match := _BEGIN.search(tail + block):
            return place - len(tail) + match.start()
        place += len(block)
        tail = block[-16:]
    return None


class _Records(ArchiveIterator):  # type: ignore[misc]
    """Raises where the library would write to stderr and go on."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self.reader = _Bounded(file)

    def _consume_blanklines(self) -> tuple[bytes | None, int]:
        size = 0
        while line := self.reader.readline():
            if line.strip():
                if not size:
                    raise ValueError("a record is longer than it says")
                return line, size
            size += len(line)
        return None, size


class _Bounded(DecompressingBufferedReader):  # type: ignore[misc]
    """Raises for an endless line, for bytes that unpack to far more, and for damaged ones."""

    decompressor: Any

    def readline(self, length: int | None = None) -> bytes:
        line = bytes(super().readline(length or _LONGEST_LINE))
        if len(line) >= _LONGEST_LINE:
            raise ValueError("an endless line")
        return line

    def _decompress(self, data: bytes) -> bytes:
        if self.num_read > max(_SMALL, LARGEST_RATIO * self.stream.tell()):
            raise ValueError("unpacks to far too much")
        if self.decompressor is None:
            return data
        try:
            return bytes(self.decompressor.decompress(data))
        except zlib.error:
            if self.num_read:
                raise
            self.decompressor = None  # not packed
            return data
