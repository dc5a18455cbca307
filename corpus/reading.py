"""Finds article files, and reads each into articles and rejections."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from corpus.article import Article, Item, Rejection
from corpus.errors import NotAnArticle
from corpus.formats.documents import (
    CRAWL_SUFFIXES,
    SIZE_LIMIT,
    TAR_SUFFIXES,
    Allowance,
    Document,
    printable,
)
from corpus.formats.mail import read_mail, read_mbox
from corpus.formats.packages import read_tar, read_zip
from corpus.limits import bounded
from corpus.readers import read_markdown, read_plain
from corpus.records import read_json, read_json_lines


def _read_page(uri: str, stem: str, data: bytes) -> Article:
    from corpus.pages import read_page  # with what parses HTML: `--help` does not wait for it

    return read_page(uri, stem, data)


def _read_docx(uri: str, stem: str, data: bytes) -> Article:
    from corpus.formats.docx import read_docx

    return read_docx(uri, stem, data)


def _read_odt(uri: str, stem: str, data: bytes) -> Article:
    from corpus.formats.odt import read_odt

    return read_odt(uri, stem, data)


def _read_pdf(document: Document) -> Iterator[Item]:
    from corpus.formats.pdf import read_pdf

    return map(_bounded, read_pdf(document.uri, _stem(document), document.content()))


def _read_epub(document: Document) -> Iterator[Item]:
    from corpus.formats.epub import read_epub

    return map(_bounded, read_epub(document.uri, _stem(document), document.content()))


def _bounded(item: Article | Rejection) -> Item:
    return bounded(item) if isinstance(item, Article) else item


def _read_crawl(document: Document) -> Iterator[Item]:
    from corpus.formats.crawls import read_wacz, read_warc

    read = read_wacz if document.name.lower().endswith(".wacz") else read_warc
    return read(document, _read_inside)


def _read_news_xml(document: Document) -> Iterator[Item]:
    from corpus.formats.newsml import read_news_xml

    return read_news_xml(document)


_READERS = {
    ".txt": read_plain,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": _read_page,
    ".htm": _read_page,
    ".docx": _read_docx,
    ".odt": _read_odt,
}
"""The readers of files with one article, which are given URI, stem and bytes."""

_HOLDERS: dict[str, Callable[[Document], Iterator[Item]]] = {
    ".json": lambda document: read_json(document.uri, document.content()),
    ".jsonl": lambda document: read_json_lines(document.uri, document.open, SIZE_LIMIT),
    ".pdf": _read_pdf,
    ".epub": _read_epub,
    **dict.fromkeys((".xml", ".nitf", ".newsml"), _read_news_xml),
    ".eml": lambda document: read_mail(document, _read_inside),
    ".mbox": lambda document: read_mbox(document, _read_inside),
    **dict.fromkeys(CRAWL_SUFFIXES, _read_crawl),
    ".zip": lambda document: read_zip(document, _read_inside),
    **dict.fromkeys(TAR_SUFFIXES, lambda document: read_tar(document, _read_inside)),
}
"""The readers of files with several articles."""

SUFFIXES = (*_READERS, *_HOLDERS)

_ADDRESS = re.compile(r"(?i)([a-z][a-z0-9+.-]+:)/")
"""How a web address begins as a path, which has one slash where there were several."""

_SUPPORTED = f"supported: {', '.join(SUFFIXES)}"
_UNSUPPORTED = f"unsupported kind of file; {_SUPPORTED}"


def find_files(paths: Iterable[Path]) -> tuple[list[Path], list[Rejection]]:
    """Return the article files that `paths` name, each once, and why others are not read.

    Folders are searched with their subfolders, in sorted order, passing over hidden names, files
    of other kinds and links to folders. Never raises.
    """
    files: dict[str, Path] = {}
    rejections: list[Rejection] = []
    for path in paths:
        found, rejected = _find(path)
        for file in found:
            files.setdefault(os.path.realpath(file), file)
        rejections.extend(rejected)
    return list(files.values()), rejections


def other_files(paths: Iterable[Path]) -> Counter[str]:
    """Count the files that `find_files` passes over as of other kinds, by suffix: {".pdf": 3}."""
    found = [file for path in paths for file in _walk(path, []) if not _is_supported(file.name)]
    once = {os.path.realpath(file): file.suffix.lower() for file in found}
    return Counter(sorted(once.values()))


def read_file(path: Path, passed_over: Counter[str] | None = None) -> Iterator[Item]:
    """Yield every article in a file, and a Rejection for whatever in it is not one.

    Files above 10 MB are refused, those that may have pictures in them above 100 MB. What holds
    many articles is read one at a time with that limit for each: JSON Lines, mailboxes, captures
    of web pages, archives. `corpus.limits` has the limits of an article. `passed_over` counts, by
    suffix, what is inside a file and of a kind that is not read. Never raises, whatever the file
    holds and whether or not it can be opened.
    """
    allowance = Allowance(Counter() if passed_over is None else passed_over)
    return _read_each(Document(path_uri(path), path.name, partial(_open, path), allowance))


def _read_each(document: Document) -> Iterator[Item]:
    """Yield what a document holds, a Rejection where it cannot be read; never raise."""
    empty = True
    try:
        for result in _read(document):
            empty = False
            yield result
        if empty:
            yield Rejection(document.uri, "no articles in this file: it is empty")
    except NotAnArticle as error:
        yield Rejection(document.uri, str(error))
    except OSError as error:
        yield Rejection(document.uri, _reason(error))


def _read_inside(document: Document) -> Iterator[Item]:
    """Yield what something inside a file holds, or count it where its kind is not read."""
    if _suffix(document.name):
        yield from _read_each(document)
    else:
        document.allowance.passed_over[Path(document.name).suffix.lower()] += 1


def path_uri(path: str | Path) -> str:
    r"""Return the absolute path as text that can be printed and stored.

    Symbolic links are kept. Bytes that are not UTF-8, and control characters, are written as
    escapes such as `\xff`, so that two files never get the same URI by accident.
    """
    return _escaped(os.path.abspath(path))


def _escaped(path: str) -> str:
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))


def _find(path: Path) -> tuple[list[Path], list[Rejection]]:
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        return [], [_not_found(path, error)]
    if not is_folder:
        if _is_supported(path.name):
            return [path], []
        return [], [Rejection(path_uri(path), _UNSUPPORTED)]
    errors: list[OSError] = []
    found = sorted(file for file in _walk(path, errors) if _is_supported(file.name))
    crawls = {file for file in found if file.name.lower().endswith(CRAWL_SUFFIXES)}
    if crawls:  # named by their time; of several captures of an address the first is kept
        others = (file for file in found if file not in crawls)
        found = [*others, *sorted(crawls, key=lambda file: file.name, reverse=True)]
    rejections = [Rejection(path_uri(error.filename), _reason(error)) for error in errors]
    if not found and not rejections:
        rejections = [Rejection(path_uri(path), f"no article files in this folder; {_SUPPORTED}")]
    return found, rejections


def _not_found(path: Path, error: OSError) -> Rejection:
    """Reject a path that cannot be looked up; it may be a web address, or - for stdin."""
    if str(path) == "-" or _ADDRESS.match(str(path)):
        name = _ADDRESS.sub(r"\1//", _escaped(str(path)), count=1)
        return Rejection(name, f"only files and folders are read: save it as one; {_SUPPORTED}")
    return Rejection(path_uri(path), _reason(error))


def _walk(top: Path, errors: list[OSError]) -> Iterator[Path]:
    """Yield the files of a folder and its subfolders that are not hidden."""
    for folder, subfolders, names in os.walk(top, onerror=errors.append):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            if not name.startswith("."):
                yield Path(folder, name)


def _read(document: Document) -> Iterator[Item]:
    suffix = _suffix(document.name)
    if suffix in _HOLDERS:
        yield from _HOLDERS[suffix](document)
    elif suffix:
        yield bounded(_READERS[suffix](document.uri, _stem(document), document.content()))
    else:
        raise NotAnArticle(_UNSUPPORTED)


def _open(path: Path) -> IO[bytes]:
    if not stat.S_ISREG(path.stat().st_mode):  # opening a named pipe would wait for ever
        raise NotAnArticle("not a regular file")
    return path.open("rb")


def _suffix(name: str) -> str:
    """Return the longest supported ending of a name, or nothing: ".tar.gz" of "news.TAR.GZ"."""
    ends = (suffix for suffix in SUFFIXES if name.lower().endswith(suffix) and name[len(suffix) :])
    return max(ends, key=len, default="")


def _stem(document: Document) -> str:
    """Return a document's name without its ending."""
    return document.name[: -len(_suffix(document.name))]


def _is_supported(name: str) -> bool:
    return bool(_suffix(name))


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "no such file or folder"
    return (error.strerror or "cannot be read").lower()
