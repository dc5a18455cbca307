"""Reads articles from PDF files: born-digital pages, and scans where `ocrmypdf` is installed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corpus.article import Article, Rejection
from corpus.cleaning import clean_line, clean_url
from corpus.errors import NotAnArticle
from corpus.formats.ocr import can_ocr, with_text
from corpus.formats.pdf_fields import find_date, find_title
from corpus.formats.pdf_flow import Block, blocks, common_size, whole
from corpus.formats.pdf_hyphens import Joiner
from corpus.formats.pdf_margins import printed_address, without_margins
from corpus.formats.pdf_order import read_in_order
from corpus.formats.pdf_process import Page, read_pages
from corpus.limits import bounded_text
from corpus.page_names import source_in
from corpus.readers import join_body, readable, take_source

_FEW_LETTERS = 20
_LARGE_PICTURE = 0.25
_MOST_NAMED = 10
_HEAD = 0.1  # of the height of page 1, in which a running head stands

_INSTALL = "install ocrmypdf (https://ocrmypdf.readthedocs.io) to have them read"


def read_pdf(uri: str, stem: str, data: bytes) -> Iterator[Article | Rejection]:
    """Yield the article of a PDF, with its pages, and a Rejection for pages that are pictures.

    Its text is that of the columns in reading order, without running heads and page numbers; its
    title the one declared if page 1 shows it, else the largest text of that page, else `stem`
    made readable. Raises NotAnArticle, where all its pages are pictures too.
    """
    title, pages = read_pages(data)
    scans = _scans(pages)
    reason = f"{_named(scans)}: {_INSTALL}"
    if scans and can_ocr():
        try:
            pages = _completed(pages, scans, read_pages(with_text(data, len(scans)))[1])
            scans = _scans(pages)
            reason = f"{_named(scans)} in which ocrmypdf finds no text"
        except NotAnArticle as error:
            reason = f"{_named(scans)}, and {error}"
    if len(scans) == len(pages) and scans:
        raise NotAnArticle(reason)
    yield _article(uri, stem, title, pages)
    if scans:
        yield Rejection(f"{uri}#pages", f"the rest is read, but {reason}")


def _completed(pages: list[Page], scans: list[int], with_text: list[Page]) -> list[Page]:
    """Return the pages with those that are scans as they are with text."""
    return [
        new if number in scans else page
        for number, (page, new) in enumerate(zip(pages, with_text, strict=True), start=1)
    ]


def _article(uri: str, stem: str, declared: str, pages: list[Page]) -> Article:
    pages, margins = without_margins(pages)
    lines = [
        line for number, page in enumerate(pages) for line in read_in_order(page.pieces, number)
    ]
    found = blocks(lines)
    first_page = [block for block in found if block.page == 0]
    title, declared = find_title(declared, first_page, common_size(lines))
    published, ambiguous, dateline = find_date(first_page, margins)
    head = _head(first_page, title, pages[0].height if pages else 0.0)
    shown = [
        block
        for block in found
        if block is not dateline
        and block not in head
        and (block.page or not _is_same(block.text, title))
    ]
    paragraphs, starts = _paragraphs(whole(shown), Joiner(lines))
    paragraphs, source = take_source(paragraphs)
    body = join_body(paragraphs, "")
    return Article(
        uri=uri,
        title=clean_line(title) or readable(stem),
        body=bounded_text(body),
        source=source or source_in(declared, title),
        published=published,
        url=clean_url(printed_address(margins)),
        ambiguous_date=ambiguous,
        pages=_page_starts(starts, len(pages), len(body)),
    )


def _head(first_page: Sequence[Block], title: str, height: float) -> list[Block]:
    """Return what stands above the headline at the edge of page 1 and is no sentence.

    It is the running head of a file that has but one page, or a rubric.
    """
    places = (n for n, block in enumerate(first_page) if _is_same(block.text, title))
    return [
        block
        for block in first_page[: next(places, 0)]
        if block.lines[-1].y < _HEAD * height and not block.text.endswith((".", "!", "?"))
    ]


def _paragraphs(found: Sequence[Block], joiner: Joiner) -> tuple[list[str], list[tuple[int, int]]]:
    """Return the paragraphs, and page and offset of each line in them as a body."""
    paragraphs: list[str] = []
    starts: list[tuple[int, int]] = []
    offset = 0
    for block in found:
        text = ""
        for line in block.lines:
            text = joiner.join(text, line.text) if text else ""
            starts.append((line.page, offset + len(text)))
            text += line.text
        paragraphs.append(text.replace("\xad", "-"))
        offset += len(text) + len("\n\n")
    return paragraphs, starts


def _page_starts(starts: list[tuple[int, int]], pages: int, length: int) -> tuple[int, ...]:
    """Return the offset where each page begins; one without text begins where the next does."""
    found: list[int] = []
    for page, offset in starts:
        found.extend([min(offset, length)] * (page + 1 - len(found)))
    return (*found, *[length] * (pages - len(found)))


def _is_same(text: str, title: str) -> bool:
    return clean_line(text).casefold() == title.casefold()


def _scans(pages: Sequence[Page]) -> list[int]:
    """Return the numbers, from 1, of pages that are pictures with hardly any text."""
    return [
        number
        for number, page in enumerate(pages, start=1)
        if page.letters < _FEW_LETTERS and page.picture >= _LARGE_PICTURE
    ]


def _named(scans: list[int]) -> str:
    """Return pages in words: "pages 1–3 and 7 are pictures"."""
    runs: list[list[int]] = []
    for number in scans:
        if runs and runs[-1][-1] == number - 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    named = ["–".join(map(str, run)) for run in runs]
    if len(named) > _MOST_NAMED:
        named[_MOST_NAMED:] = [f"{len(scans)} in all"]
    listed = " and ".join(filter(None, (", ".join(named[:-1]), named[-1] if named else "")))
    return f"pages {listed} are pictures" if len(scans) != 1 else f"page {listed} is a picture"
