"""The kinds of files that are read, and what reads each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from corpus.article import Article, Item, Rejection
from corpus.errors import NotAnArticle
from corpus.formats.documents import (
    CRAWL_SUFFIXES,
    SIZE_LIMIT,
    TAR_SUFFIXES,
    Document,
)
from corpus.formats.mail import read_mail, read_mbox
from corpus.formats.packages import read_tar, read_zip
from corpus.limits import bounded
from corpus.readers import read_markdown, read_plain
from corpus.records import read_json, read_json_lines


def _read_page(uri: str, stem: str, data: bytes) -> Article:
    from corpus.formats.written import is_written, read_written
    from corpus.pages import page_tree, read_page  # what parses HTML: `--help` does not wait for it

    if is_written(data):
        return read_written(uri, stem, page_tree(data))
    return read_page(uri, stem, data)


def _read_docx(uri: str, stem: str, data: bytes) -> Article:
    from corpus.formats.docx import read_docx

    return read_docx(uri, stem, data)


def _read_odt(uri: str, stem: str, data: bytes) -> Article:
    from corpus.formats.odt import read_odt

    return read_odt(uri, stem, data)


def _read_pdf(document: Document) -> Iterator[Item]:
    from corpus.formats.pdf import read_pdf

    return read_pdf(document.uri, Path(document.name).stem, document.content())


def _read_epub(document: Document) -> Iterator[Item]:
    from corpus.formats.epub import read_epub

    return read_epub(document.uri, Path(document.name).stem, document.content())


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
    ".pdf": _read_pdf,
    ".epub": _read_epub,
    ".json": lambda document: read_json(document.uri, document.content()),
    ".jsonl": lambda document: read_json_lines(document.uri, document.open, SIZE_LIMIT),
    **dict.fromkeys((".xml", ".nitf", ".newsml"), _read_news_xml),
    ".eml": lambda document: read_mail(document, _read_inside),
    ".mbox": lambda document: read_mbox(document, _read_inside),
    **dict.fromkeys(CRAWL_SUFFIXES, _read_crawl),
    ".zip": lambda document: read_zip(document, _read_inside),
    **dict.fromkeys(TAR_SUFFIXES, lambda document: read_tar(document, _read_inside)),
}
"""The readers of files with several articles."""

SUFFIXES = (*_READERS, *_HOLDERS)

SUPPORTED = f"supported: {', '.join(SUFFIXES)}"
"""What is read, in words for those who gave something else."""

UNSUPPORTED = f"unsupported kind of file; {SUPPORTED}"
"""Why a file of another kind is rejected."""


def suffix_of(name: str) -> str:
    """Return the longest supported ending of a name, or nothing: ".tar.gz" of "news.TAR.GZ"."""
    ends = (suffix for suffix in SUFFIXES if name.lower().endswith(suffix) and name[len(suffix) :])
    return max(ends, key=len, default="")


def read_document(document: Document) -> Iterator[Item]:
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
        yield Rejection(document.uri, reason_of(error))
    except Exception as error:  # whatever odd bytes provoke in the libraries that read them
        yield Rejection(document.uri, f"cannot be read ({type(error).__name__})")


def _read_inside(document: Document) -> Iterator[Item]:
    """Yield what something inside a file holds, or count it where its kind is not read."""
    if suffix_of(document.name):
        yield from read_document(document)
    else:
        document.allowance.passed_over[Path(document.name).suffix.lower()] += 1


def _read(document: Document) -> Iterator[Item]:
    suffix = suffix_of(document.name)
    if suffix in _HOLDERS:
        yield from map(_bounded, _HOLDERS[suffix](document))
    elif suffix:
        stem = document.name[: -len(suffix)]
        yield bounded(_READERS[suffix](document.uri, stem, document.content()))
    else:
        raise NotAnArticle(UNSUPPORTED)


def _bounded(item: Item) -> Item:
    """Return an item, or its rejection where it is longer than articles are."""
    try:
        return bounded(item) if isinstance(item, Article) else item
    except NotAnArticle as error:
        return Rejection(item.uri, str(error))


def reason_of(error: OSError) -> str:
    """Return why a file cannot be opened, in words."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "no such file or folder"
    return (error.strerror or "cannot be read").lower()
