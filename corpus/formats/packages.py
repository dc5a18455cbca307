"""Reads what is inside ZIP and TAR archives. Nothing is ever written to disk."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Any, cast

from corpus.article import Item, Rejection
from corpus.errors import NotAnArticle
from corpus.formats.documents import Document, Read, inside_uri, limit_of, printable
from corpus.formats.guarded import (
    DAMAGED,
    LARGEST_RATIO,
    SMALL,
    Guarded,
    opened_zip,
    read_at_most,
)

_UNPACKERS: dict[str, Callable[[IO[bytes]], Any]] = {
    ".gz": gzip.open,
    ".tgz": gzip.open,
    ".xz": lzma.open,
    ".txz": lzma.open,
    ".bz2": bz2.open,
    ".tbz2": bz2.open,
}


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive; `refused` says why it is not read, if so."""

    name: str
    refused: str
    take: Callable[[], bytes]


def read_zip(document: Document, read: Read) -> Iterator[Item]:
    """Yield what the members of a ZIP archive hold. Raises NotAnArticle."""
    document.require_shallow()
    with document.open() as file, opened_zip(file) as archive:
        yield from _read_members(document, _zip_members(archive, document), read)


def read_tar(document: Document, read: Read) -> Iterator[Item]:
    """Yield what the members of a TAR archive hold, packed or not. Raises NotAnArticle."""
    document.require_shallow()
    ending = document.name.lower().rpartition(".")[2]
    with document.open() as file:
        unpack = _UNPACKERS.get(f".{ending}")
        guarded = Guarded(unpack(file) if unpack else file, document, file if unpack else None)
        try:
            archive = tarfile.TarFile(fileobj=cast(Any, guarded))
        except DAMAGED as error:
            raise NotAnArticle("not a TAR archive, or a damaged one") from error
        yield from _read_members(document, _tar_members(archive, guarded), read)


def _read_members(document: Document, members: Iterator[Member], read: Read) -> Iterator[Item]:
    """Yield what each member holds; hidden ones are passed over, as in folders."""
    found = False
    try:
        for member in members:
            document.allowance.take_member()
            refused = member.refused or _unsafe(member.name)
            if refused:
                found = True
                yield Rejection(inside_uri(document.uri, member.name), refused)
            elif not any(part.startswith(".") for part in member.name.split("/")):
                for item in read(document.inside(member.name, member.take)):
                    found = True
                    yield item
    except NotAnArticle as error:
        found = True
        yield Rejection(document.uri, str(error))
    except DAMAGED:
        found = True
        yield Rejection(document.uri, "a damaged archive: only its beginning could be read")
    if not found:
        raise NotAnArticle("no article files in this archive")


def _unsafe(name: str) -> str:
    """Say why a member's name is refused, if it is: one that leads out of the archive."""
    parts = re.split(r"[/\\]", name)
    if ".." in parts or not parts[0] or re.match(r"[A-Za-z]:", name):
        return "refused: its path leads out of the archive"
    return "" if printable(name) == name else "refused: its name has control characters"


def _zip_members(archive: zipfile.ZipFile, document: Document) -> Iterator[Member]:
    def take(info: zipfile.ZipInfo) -> bytes:
        data = _take(lambda: archive.open(info), limit_of(info.filename))
        document.allowance.take_size(len(data))
        return data

    for info in archive.infolist():
        if info.is_dir():
            continue
        kind = info.external_attr >> 28  # of a Unix file's mode: 8 is a file, 0 not said
        refused = ""
        if kind not in (0, 8):
            refused = "refused: a link or a device, not a file"
        elif info.flag_bits & 0x1:
            refused = "encrypted: unpack it with its password first"
        elif info.file_size > max(SMALL, LARGEST_RATIO * info.compress_size):
            refused = f"refused: it unpacks to more than {LARGEST_RATIO} times its size"
        yield Member(info.filename, refused, partial(take, info))


def _tar_members(archive: tarfile.TarFile, guarded: Guarded) -> Iterator[Member]:
    def take(info: tarfile.TarInfo) -> bytes:
        return _take(lambda: archive.extractfile(info), limit_of(info.name))

    while info := archive.next():
        archive.members = []  # type: ignore[attr-defined]  # which it keeps for random access
        if info.isdir():
            continue
        plain = info.isreg() and not info.issparse()
        refused = "" if plain else "refused: a link or a device, not a file"
        yield Member(info.name, refused, partial(take, info))
    if guarded.last.strip(b"\x00"):  # the library takes a damaged header for the end
        raise NotAnArticle("a damaged archive: only its beginning could be read")


def _take(opened: Callable[[], IO[bytes] | None], limit: int) -> bytes:
    """Return the bytes of a member, or one more than the limit. Raises NotAnArticle."""
    try:
        file = opened()
        return read_at_most(file, limit) if file else b""
    except DAMAGED as error:
        raise NotAnArticle("damaged in this archive") from error
