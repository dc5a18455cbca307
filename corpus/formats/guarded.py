"""Opens and unpacks archives so that the libraries that read them cannot be led astray."""

from __future__ import annotations

import lzma
import struct
import tarfile
import zipfile
import zlib
from typing import IO, Any

from corpus.errors import NotAnArticle
from corpus.formats.documents import SIZE_LIMIT, Document

LARGEST_RATIO = 200
"""How many times its size something in an archive may unpack to."""

SMALL = 1 << 20
"""Bytes that may be packed as tightly as they are."""

_LARGEST_READ = 2 * SIZE_LIMIT
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

DAMAGED = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError),
    *(RuntimeError, ValueError, LookupError, ArithmeticError, MemoryError, struct.error),
)
"""What damaged or hostile archives provoke in the standard library's modules."""


class _Archive(zipfile.ZipFile):
    """Opens what the library unpacks piece by piece: bzip2 and LZMA it unpacks without a bound."""

    def open(self, name: str | zipfile.ZipInfo, *args: Any, **options: Any) -> IO[bytes]:
        info = self.getinfo(name) if isinstance(name, str) else name
        if info.compress_type not in _METHODS:
            raise NotAnArticle(
                "packed by a rare method, such as bzip2: pack it with Deflate, as is usual"
            )
        return super().open(info, *args, **options)


def opened_zip(file: IO[bytes]) -> zipfile.ZipFile:
    """Return an opened ZIP archive. Raises NotAnArticle, for a list of millions of members too."""
    try:
        return _Archive(Guarded(file))
    except DAMAGED as error:
        raise NotAnArticle("not a ZIP archive, or a damaged one") from error


def read_at_most(file: IO[bytes], limit: int) -> bytes:
    """Return the bytes of a member, or one more than the limit."""
    data = bytearray()
    while len(data) <= limit and (block := file.read(SIZE_LIMIT)):
        data += block
    return bytes(data[: limit + 1])


class Guarded:
    """A file for the library that reads an archive: no read is large, no seek far or backward.

    Args:
        file: what is read.
        document: of a TAR archive, which is read forwards within the document's allowance.
        packed: the file below that is packed, if so.
    """

    def __init__(
        self, file: IO[bytes], document: Document | None = None, packed: IO[bytes] | None = None
    ) -> None:
        self._file = file
        self._document = document
        self._packed = packed
        self.last = b""

    def read(self, size: int = -1) -> bytes:
        """Return at most `size` bytes. Raises NotAnArticle where that is more than any member."""
        data = self._file.read(size if 0 <= size <= _LARGEST_READ else _LARGEST_READ + 1)
        if len(data) > _LARGEST_READ:
            raise NotAnArticle("a damaged archive: its list of members is too large")
        self.last = data
        if self._document and self._packed:
            self._document.allowance.take_size(len(data))
            self._check_ratio(self._file.tell())
        return data

    def seek(self, place: int, whence: int = 0) -> int:
        """Go to a place. Raises NotAnArticle where a TAR archive would be read far or twice."""
        if self._document:
            ahead = place - self._file.tell()
            if whence or ahead < -1:
                raise NotAnArticle("a damaged archive: it refers back into itself")
            if self._packed:
                self._document.allowance.take_size(max(ahead, 0))
        return self._file.seek(place, whence)

    def _check_ratio(self, unpacked: int) -> None:
        assert self._packed is not None
        if unpacked > SIZE_LIMIT and unpacked > LARGEST_RATIO * max(self._packed.tell(), 1):
            raise NotAnArticle(f"it unpacks to more than {LARGEST_RATIO} times its size")

    def tell(self) -> int:
        """Return the place in the file."""
        return self._file.tell()

    def seekable(self) -> bool:
        """Say that `seek` works."""
        return True

    def close(self) -> None:
        """Leave the file open: who opened it closes it."""
