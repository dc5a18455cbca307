"""What a reader is given: a file, or something that stands inside one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePath
from typing import IO

from corpus.article import Item
from corpus.errors import NotAnArticle

SIZE_LIMIT = 10 << 20
"""Bytes of a file, a message, a page or a member of an archive; characters of a line of JSON."""

_LARGE_LIMIT = 100 << 20
_LARGE = (".pdf", ".docx", ".odt", ".epub")
"""Kinds of files that have pictures in them too."""

MAIL_SUFFIXES = (".eml", ".mbox")
TAR_SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
CRAWL_SUFFIXES = (".warc", ".warc.gz", ".wacz")
HOLDERS = (".json", ".jsonl", ".epub", *MAIL_SUFFIXES, ".zip", *TAR_SUFFIXES)
"""The endings of files that hold several articles, with a part of their URI for each."""

_DEEPEST = 2
_INSIDE = re.compile(rf"(?i)(?:{'|'.join(map(re.escape, HOLDERS))})(?=#.|!/.)")


@dataclass(slots=True)
class Allowance:
    """What may yet be unpacked from one file, whatever is nested in it.

    `passed_over` counts what is inside and of a kind that is not read, by suffix.
    """

    passed_over: Counter[str] = field(default_factory=Counter)
    members: int = 1_000_000
    size: int = 4 << 30

    def take_member(self) -> None:
        """Count one more thing inside. Raises NotAnArticle where there are too many."""
        self.members -= 1
        if self.members < 0:
            raise NotAnArticle("more than 1,000,000 files inside: the rest is not read")
        self.take_size(0)

    def take_size(self, size: int) -> None:
        """Count bytes that were unpacked. Raises NotAnArticle where there are too many."""
        self.size -= size
        if self.size < 0:
            raise NotAnArticle("more than 4 GB unpacked: the rest is not read")


@dataclass(frozen=True, slots=True)
class Document:
    """A file, a member of an archive, an attachment or a captured page: whatever is read alike.

    `uri` is its identity, `name` what tells its kind and maybe its title. `depth` counts the
    files that it is inside of.
    """

    uri: str
    name: str
    open: Callable[[], IO[bytes]]
    allowance: Allowance
    depth: int = 0

    def content(self) -> bytes:
        """Return all bytes. Raises NotAnArticle where there are more than a reader takes."""
        limit = limit_of(self.name)
        with self.open() as file:
            data = file.read(limit + 1)
        if len(data) > limit:
            raise NotAnArticle(f"larger than {limit >> 20} MB, the limit for a file of this kind")
        if not data.strip(b" \t\r\n\xef\xbb\xbf"):
            raise NotAnArticle("the file is empty")
        return data

    def inside(self, name: str, take: Callable[[], bytes], uri: str = "") -> Document:
        """Return what has a name inside this one; `take` returns its bytes when it is read."""
        place = uri or inside_uri(self.uri, name)
        file_name = PurePath(name.replace("\\", "/")).name
        return Document(place, file_name, lambda: BytesIO(take()), self.allowance, self.depth + 1)

    def require_shallow(self) -> None:
        """Raise NotAnArticle where this is nested too deeply to be opened."""
        if self.depth >= _DEEPEST:
            raise NotAnArticle("nested too deeply: an archive is opened inside one, no deeper")


Read = Callable[[Document], Iterator[Item]]
"""Reads a document by its kind, and never raises: what readers of archives hand members to."""


def limit_of(name: str) -> int:
    """Return how many bytes a file of this name may have."""
    return _LARGE_LIMIT if name.lower().endswith(_LARGE) else SIZE_LIMIT


def printable(name: str) -> str:
    r"""Return a name without control characters: they are written as escapes such as `\x1b`."""
    text = name.encode("utf-8", "backslashreplace").decode()
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda match: f"\\x{ord(match[0]):02x}", text)


def inside_uri(uri: str, name: str) -> str:
    """Return the URI of something inside a file: `news.zip!/monday/storm.txt`."""
    return f"{uri}!/{printable(name)}"


def files_of(uri: str) -> list[str]:
    """Return the paths that may be the file that a URI came from, the longest first.

    These are the URI itself, and what stands in it before the `#` of a record or a message and
    the `!/` of a member: a file may have such a name itself.
    """
    return [uri, *reversed([uri[: match.end()] for match in _INSIDE.finditer(uri)])]
