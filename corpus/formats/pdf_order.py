"""Puts the text of a page into the order in which a person reads it, as lines of columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.cleaning import clean_line
from corpus.formats.pdf_columns import baselines, cut
from corpus.formats.pdf_process import Piece

_BULLET = re.compile(r"[•●○▪■◦‣–*·\uf0b7-]|\(?(?:\d{1,3}|\w)[.)]")
_ITEM = "\x00"
"""Stands before the text of a piece that begins an item of a list."""

_GLYPHS = "•●○▪■◦‣\uf0b7 "
_CELL_MARK = " | "


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a column. `left` and `right` are the column's edges; `page` counts from 0."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    look: str
    page: int
    left: float = 0.0
    right: float = 0.0
    starts: bool = False
    """Whether it surely begins a paragraph, as an item of a list does."""
    is_row: bool = False
    """Whether it is a row of a table."""


def read_in_order(pieces: Sequence[Piece], page: int) -> list[Line]:
    """Return the lines of a page in reading order; those of a table are its rows."""
    found: list[Line] = []
    for column, is_table in cut(_with_bullets(_with_drop_caps(list(pieces))), 0):
        lines = [line for line in _lines(column, page, cells=is_table) if line.text]
        left = min((line.x0 for line in lines), default=0.0)
        right = max((line.x1 for line in lines), default=0.0)
        found.extend(replace(line, left=left, right=right) for line in lines)
    return found


def _with_drop_caps(pieces: list[Piece]) -> list[Piece]:
    """Return pieces with each large initial joined to the line that it begins."""
    found = list(pieces)
    words = {word.casefold() for piece in pieces for word in piece.text.split()}
    for cap in pieces:
        if len(cap.text) > 2 or not cap.text[-1].isalpha():
            continue
        beside = [
            piece
            for piece in found
            if cap.size > 1.8 * piece.size
            and abs(piece.x0 - cap.x1) < 2 * piece.size
            and -0.85 * cap.size < piece.y - cap.y < 0.3 * piece.size
        ]
        if beside:
            line = min(beside, key=lambda piece: piece.y)
            rest = line.text.split()[0].casefold()
            own = cap.text in "AI" and rest in words and cap.text.casefold() + rest not in words
            text = f"{cap.text}{' ' * own}{line.text}"
            found[found.index(line)] = replace(line, text=text, x0=cap.x0)
            found.remove(cap)
    return found


def _with_bullets(pieces: list[Piece]) -> list[Piece]:
    """Return pieces with each bullet or number of a list joined to the text beside it."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        if (
            last
            and _BULLET.fullmatch(last.text)
            and abs(last.y - piece.y) < 0.3 * piece.size
            and 0 <= piece.x0 - last.x1 < 4 * piece.size
        ):
            found[-1] = replace(piece, text=f"{_ITEM}{last.text} {piece.text}", x0=last.x0)
        else:
            found.append(piece)
    return found


def _lines(column: list[Piece], page: int, *, cells: bool) -> list[Line]:
    """Return the lines of a column from top to bottom, each put together from its pieces."""
    return [_line(group, page, cells=cells) for group in baselines(column)]


def _line(pieces: list[Piece], page: int, *, cells: bool) -> Line:
    longest = max(pieces, key=lambda piece: len(piece.text))
    text = (_CELL_MARK if cells else " ").join(piece.text for piece in pieces)
    is_item = text.startswith((_ITEM, *_GLYPHS[:-1]))
    shown = clean_line(text).lstrip(_GLYPHS)
    return Line(
        text=shown + "\xad" * text.endswith("\xad"),
        x0=pieces[0].x0,
        x1=max(piece.x1 for piece in pieces),
        y=pieces[0].y,
        size=longest.size,
        look=longest.look,
        page=page,
        starts=is_item,
        is_row=cells and len(pieces) > 1,
    )
