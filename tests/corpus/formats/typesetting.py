"""Sets articles in columns on the pages of a PDF, as a small newspaper's typesetter would."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from fpdf import FPDF

_LEFT, _TOP, _RIGHT, _BOTTOM = 50.0, 70.0, 545.0, 780.0
_PART = re.compile(r"[^\W\d_]{3,}[aeiou](?=[bcdfglmnprst][aeiou][^\W\d_]{2,})")


@dataclass(frozen=True)
class Layout:
    """How a document is set; lengths in points. `drawn` reorders the columns of each page."""

    columns: int = 1
    size: float = 10.0
    gutter: float = 14.0
    indent: float = 12.0
    gap: float = 0.0
    justified: bool = True
    hyphens: bool = True
    font: str = "Times"
    headline: str = ""
    dateline: str = ""
    title: str = ""
    head: str = ""
    foot: str = ""
    notes: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    drawn: Callable[[list[Any]], list[Any]] = list
    across: bool = False
    """Whether the lines of columns side by side are drawn together, as some converters do."""


@dataclass
class _Row:
    words: list[str]
    last: bool
    indent: float = 0.0
    size: float = 10.0
    style: str = ""
    space: float = 0.0


@dataclass
class _Column:
    x: float
    rows: list[tuple[float, _Row]] = field(default_factory=list)


def typeset(paragraphs: list[str], layout: Layout) -> bytes:
    """Return the PDF of an article."""
    pdf = FPDF(unit="pt", format="A4")
    pdf.set_auto_page_break(False)
    pdf.set_title(layout.title)
    notes, captions = list(layout.notes), list(layout.captions)
    width = (_RIGHT - _LEFT - layout.gutter * (layout.columns - 1)) / layout.columns
    pdf.set_font(layout.font, size=layout.size)
    rows = iter(list(_rows(pdf, paragraphs, width, layout)))
    pending = next(rows, None)
    while pending:
        pdf.add_page()
        page = pdf.page_no()
        top = _TOP
        if page == 1:
            top = _heading(pdf, layout)
        bottom = _notes(pdf, notes, layout)
        columns = []
        for number in range(layout.columns):
            column = _Column(_LEFT + number * (width + layout.gutter))
            y = top
            if number == layout.columns - 1 and captions:
                for line in _broken(pdf, captions.pop(0), width, replace(layout, size=7.5)):
                    y += 10
                    column.rows.append((y, replace(line, size=7.5, style="I", indent=0)))
                y += 8
            while pending and y + pending.space + layout.size * 1.2 < bottom:
                y += layout.size * 1.2 + (pending.space if column.rows else 0)
                column.rows.append((y, pending))
                pending = next(rows, None)
            columns.append(column)
        _draw(pdf, columns, width, layout)
        _margins(pdf, layout, page)
    return bytes(pdf.output())


def _heading(pdf: FPDF, layout: Layout) -> float:
    y = _TOP
    if layout.headline:
        pdf.set_font(layout.font, "B", 24)
        pdf.set_xy(_LEFT, y)
        pdf.multi_cell(_RIGHT - _LEFT, 28, layout.headline, align="L")
        y = pdf.get_y() + 6
    if layout.dateline:
        pdf.set_font(layout.font, "", 9)
        pdf.text(_LEFT, y + 9, layout.dateline)
        y += 24
    return y


def _notes(pdf: FPDF, notes: list[str], layout: Layout) -> float:
    """Draw a note at the end of the page. Return where the text must end."""
    if not notes:
        return _BOTTOM
    pdf.set_font(layout.font, "", 7.5)
    lines = list(_broken(pdf, notes.pop(0), _RIGHT - _LEFT, replace(layout, size=7.5)))
    top = _BOTTOM - 10 * len(lines)
    for place, line in enumerate(lines):
        pdf.text(_LEFT, top + 10 * (place + 1), " ".join(line.words))
    return top - 6


def _margins(pdf: FPDF, layout: Layout, page: int) -> None:
    pdf.set_font(layout.font, "", 8)
    if layout.head:
        pdf.text(_LEFT if page % 2 else _RIGHT - 150, 40, layout.head)
    if layout.foot:
        pdf.text(280, 815, layout.foot.format(page))


def _rows(pdf: FPDF, paragraphs: list[str], width: float, layout: Layout) -> Iterator[_Row]:
    for paragraph in paragraphs:
        first = True
        for row in _broken(pdf, paragraph, width, layout):
            yield replace(row, space=layout.gap if first else 0.0)
            first = False


def _broken(pdf: FPDF, text: str, width: float, layout: Layout) -> Iterator[_Row]:
    pdf.set_font(layout.font, size=layout.size)
    measure = pdf.get_string_width
    row: list[str] = []
    words, indent = text.split(), layout.indent
    while words:
        word = words.pop(0)
        if measure(" ".join([*row, word])) <= width - indent:
            row.append(word)
            continue
        rest = width - indent - measure(" ".join([*row, ""]))
        parts = [m.end() for m in _PART.finditer(word)] if layout.hyphens else []
        fitting = [part for part in parts if measure(word[:part] + "-") <= rest]
        if "-" in word and not fitting:
            place = word.index("-") + 1
            if measure(word[:place]) <= rest and place < len(word):
                row, word = [*row, word[:place]], word[place:]
        elif fitting:
            row, word = [*row, word[: fitting[-1]] + "-"], word[fitting[-1] :]
        yield _Row(row, last=False, indent=indent, size=layout.size)
        row, indent = [word], 0.0
    yield _Row(row, last=True, indent=indent, size=layout.size)


def _draw(pdf: FPDF, columns: list[_Column], width: float, layout: Layout) -> None:
    drawn = [(column.x, y, row) for column in layout.drawn(columns) for y, row in column.rows]
    if layout.across:
        drawn.sort(key=lambda one: (one[1], one[0]))
    for x, y, row in drawn:
        pdf.set_font(layout.font, row.style, row.size)
        if row.last or not layout.justified or len(row.words) == 1 or row.style:
            pdf.text(x + row.indent, y, " ".join(row.words))
            continue
        space = width - row.indent - sum(map(pdf.get_string_width, row.words))
        place = x + row.indent
        for word in row.words:
            pdf.text(place, y, word)
            place += pdf.get_string_width(word) + space / (len(row.words) - 1)
