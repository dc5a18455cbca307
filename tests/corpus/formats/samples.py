"""PDFs of known contents: some were printed by a browser, the others are set when they are read."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from corpus.article import Article
from corpus.reading import read_file
from tests.corpus.formats.typesetting import Layout, typeset

_ARTICLES = Path(__file__).parents[3] / "corpus/articles"
PRINTED_FOLDER = Path(__file__).parent / "printed"

_DAY = "27 October 2020"
_NOTES = (
    "1 The figures are those that the ministry gave on that day; others were not to be had.",
    "2 The names of places are those in use at the time, in the spelling of the newspaper.",
    "3 Quoted from the transcript of the session, which was published a week afterwards.",
)
_CAPTION = "A street in the town on the morning after, seen from the roof of the school"


@dataclass(frozen=True)
class Sample:
    """A document: what it says, and how it is laid out."""

    name: str
    articles: tuple[str, ...]
    title: str
    layout: Layout | None = None
    style: str = ""
    margins: bool = False
    window: str = ""
    dateline: str = f"Published {_DAY}"
    inserted: dict[int, str] = field(default_factory=dict)

    @property
    def paragraphs(self) -> list[str]:
        """What it says, without headline and margins."""
        return [text for name in self.articles for text in _body(name).split("\n\n")]

    def pdf(self) -> bytes:
        """Return the file."""
        if self.layout is None:
            return (PRINTED_FOLDER / f"{self.name}.pdf").read_bytes()
        return typeset(self.paragraphs, self.layout)


@cache
def _body(name: str) -> str:
    (file,) = _ARTICLES.glob(f"*-{name}.md")
    (article,) = read_file(file)
    assert isinstance(article, Article)
    return article.body


_ONE = ("karabakh-conflict-background", "trilateral-statement-nine-points")
_TWO = (*_ONE, "beirut-port-explosion", "minsk-group-presidents-statement")
_THREE = (*_TWO, "russia-csto-gyumri", "aegean-earthquake-izmir", "ever-given-suez-blocked")
_TITLE = "Ministers meet in the capital as the truce holds for a second day"
_SHORT = "Truce holds for a second day"
_HEADS: dict[str, Any] = {
    "head": "The Hill Courier, Tuesday 27 October 2020",
    "foot": "Page {} of 9",
}

SET = [
    Sample("one column, indented", _TWO, _TITLE, Layout(headline=_TITLE, **_HEADS)),
    Sample("one column, gaps, ragged", _TWO, _TITLE, Layout(
        headline=_TITLE, dateline=_DAY, indent=0, gap=7, justified=False, hyphens=False,
        foot="{}")),
    Sample("two columns", _TWO, _TITLE, Layout(
        columns=2, headline=_TITLE, dateline=_DAY, size=9, **_HEADS)),
    Sample("two columns, the second drawn first", _TWO, _TITLE, Layout(
        columns=2, headline=_TITLE, dateline=_DAY, size=9, drawn=lambda c: c[::-1], foot="- {} -")),
    Sample("two columns, drawn line by line", _TWO, _TITLE, Layout(
        columns=2, headline=_TITLE, dateline=_DAY, size=9, across=True, foot="{}")),
    Sample("three columns", _THREE, _TITLE, Layout(
        columns=3, headline=_TITLE, dateline=_DAY, size=8.5, gutter=10, indent=8, **_HEADS)),
    Sample("three columns, ragged, captions", _THREE, _SHORT, Layout(
        columns=3, headline=_SHORT, dateline=_DAY, size=9, justified=False, font="Helvetica",
        captions=(_CAPTION,) * 2, **_HEADS)),
    Sample("footnotes and a sentence over the page", _THREE, _TITLE, Layout(
        headline=_TITLE, dateline=_DAY, size=11, notes=_NOTES,
        foot="{}")),
    Sample("four narrow columns, footnotes", _THREE, _TITLE, Layout(
        columns=4, headline=_TITLE, dateline=_DAY, size=8, gutter=9, indent=7,
        notes=_NOTES[1:], **_HEADS)),
]  # fmt: skip

_TABLE = (
    "<table><tr><th>Town<th>Dead<th>Hurt<tr><td>Barda<td>21<td>70<tr><td>Ganja<td>10<td>35"
    "<tr><td>Shusha<td>2<td>14</table>"
)
_FIGURE = f"<figure><div></div><figcaption>{_CAPTION}</figcaption></figure>"
_JUSTIFIED = "p { text-align: justify; hyphens: auto; margin: 0; text-indent: 1em }"
_COLUMNS = "main {{ columns: {}; column-gap: {}em }} "
_DROP = "p:first-child::first-letter { font-size: 46pt; float: left; line-height: .8 }"
_FIGCSS = (
    "figure { margin: 6pt 0; break-inside: avoid } figure div { background: #999; height: 60pt }"
    " figcaption { font: italic 8pt 'DejaVu Sans' } td, th { padding: 2pt 14pt; text-align: left }"
)

PRINTED = [
    Sample("news-page", _TWO, _TITLE, margins=True, window=f"{_TITLE} | The Hill Courier"),
    Sample("two-columns", _TWO, _TITLE, style=_COLUMNS.format(2, 1.5) + _JUSTIFIED),
    Sample("three-columns", _THREE, _SHORT, style=_COLUMNS.format(3, 1) + _JUSTIFIED + _DROP
           + "body { font-size: 8.5pt }", window="front-page_final.indd"),
    Sample("figures-and-tables", _THREE, _TITLE,
           style=_COLUMNS.format(2, 1.5) + _JUSTIFIED + _FIGCSS,
           inserted={3: _FIGURE, 8: _TABLE, 14: _FIGURE}),
    Sample("headings-and-lists", _TWO, _TITLE, style=_FIGCSS, margins=True,
           inserted={2: "<h2>What is known</h2>", 5: "<ul><li>The first point is short"
                     "<li>The second point is longer than the first, so that it takes up more than"
                     " one line of the page on which it stands today</ul>", 8: _TABLE}),
]  # fmt: skip
SAMPLES = [*SET, *PRINTED]
