"""What the documents of word processors have in common: paragraphs, some of them headings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.article import Article
from corpus.cleaning import clean_line
from corpus.formats.titles import reads_like_title
from corpus.limits import bounded_text
from corpus.page_parts import letters
from corpus.readers import join_body, readable, split_title, take_date, take_source

CELL_MARK = " | "
"""Stands between the cells of a table's row."""

_BEGINNING = 5  # paragraphs among which a title is looked for


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, an item of a list or a row of a table. `level` is 0 for a title, 1 for the
    first headings, and None for text."""

    text: str
    level: int | None = None


def office_article(uri: str, stem: str, declared: str, paragraphs: Sequence[Paragraph]) -> Article:
    """Return the article that a document's paragraphs make.

    Its title is the paragraph that is styled as one, else the declared one if the document
    shows it, else the first heading or a first line that reads like a title, else `stem` made
    readable. A day counts where it is stated below the title, and an outlet where a last line
    names it ("Source: The Bell"): when the file was made, and by whom, is another thing.
    Raises NotAnArticle.
    """
    shown = [Paragraph(clean_line(p.text), p.level) for p in paragraphs]
    shown = [paragraph for paragraph in shown if paragraph.text]
    title = _title(clean_line(declared), shown[:_BEGINNING])
    texts = [paragraph.text for paragraph in shown]
    if title in texts[:_BEGINNING]:
        texts.remove(title)
    lines = [line for text in texts for line in (text, "")]
    lines, source = take_source(lines[:-1])
    lines, published, ambiguous = take_date(lines)
    if not title:
        title, lines = split_title(lines)
    return Article(
        uri=uri,
        title=title or readable(stem),
        body=bounded_text(join_body(list(filter(None, lines)), title)),
        source=source,
        published=published,
        ambiguous_date=ambiguous,
    )


def _title(declared: str, beginning: Sequence[Paragraph]) -> str:
    headings = [paragraph for paragraph in beginning if paragraph.level is not None]
    first = min(headings, key=lambda paragraph: paragraph.level or 0, default=None)
    if first and first.level == 0:
        return first.text
    text = letters(" ".join(paragraph.text for paragraph in beginning))
    if reads_like_title(declared) and letters(declared) in text:
        return declared
    return first.text if first else ""
