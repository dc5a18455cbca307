"""Reads the parts of documents that are ZIP files (DOCX, ODT, EPUB), in memory and bounded."""

from __future__ import annotations

import io
from typing import Any

from corpus.errors import NotAnArticle
from corpus.formats.guarded import DAMAGED, LARGEST_RATIO, SMALL, opened_zip, read_at_most
from corpus.formats.markup import parse_xml

_MOST_MEMBERS = 20_000
_LARGEST_PART = 30 << 20
_MOST_UNPACKED = 200 << 20

_ENTRY = b"PK\x01\x02"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


class Package:
    """The parts of a document. No name in it is ever used as a path on this machine.

    Raises NotAnArticle for what is no ZIP file, is locked, or has too many parts.
    """

    def __init__(self, data: bytes) -> None:
        if data.startswith(_OLD_OFFICE):
            raise NotAnArticle("locked with a password, or of an old kind (.doc): save it anew")
        if data.count(_ENTRY) > _MOST_MEMBERS:
            raise NotAnArticle(f"more than {_MOST_MEMBERS:,} parts in this file")
        try:
            self._archive = opened_zip(io.BytesIO(data))
        except NotAnArticle as error:
            raise NotAnArticle("a damaged file: its parts cannot be listed") from error
        self.names = frozenset(self._archive.namelist())
        self._left = _MOST_UNPACKED

    def read(self, name: str) -> bytes:
        """Return a part. Raises NotAnArticle where it is missing, damaged or unpacks too far."""
        try:
            info = self._archive.getinfo(name)
            if info.flag_bits & 1:
                raise NotAnArticle("locked with a password: save it without one")
            with self._archive.open(info) as part:
                data = read_at_most(part, _LARGEST_PART)
        except DAMAGED as error:
            raise NotAnArticle(f"a damaged file: its part {name} cannot be read") from error
        self._left -= len(data)
        if len(data) > max(SMALL, LARGEST_RATIO * info.compress_size):
            raise NotAnArticle(f"it unpacks to more than {LARGEST_RATIO} times its size")
        if len(data) > _LARGEST_PART or self._left < 0:
            raise NotAnArticle("it unpacks to more than a document has")
        return data

    def tree(self, name: str) -> Any:
        """Return the root of a part that is XML; its entities stand for nothing.

        Raises NotAnArticle as `read` does, and for what is no XML.
        """
        data = self.read(name)
        try:
            return parse_xml(data)
        except NotAnArticle as error:
            raise NotAnArticle(f"a damaged file: its part {name} is no XML") from error

    def tree_or_none(self, name: str) -> Any:
        """Return the root of a part that not every document has, or None."""
        return self.tree(name) if name in self.names else None


def attribute(element: Any, name: str) -> str:
    """Return the attribute with a name in whatever namespace, or an empty text."""
    found = (value for key, value in element.items() if key.rpartition("}")[2] == name)
    return next(found, "")
