"""Puts the text of a page into the order in which a person reads it.

A page is cut along the white between its columns and, where something stands across them, along
the white below and above that: the recursive X-Y cut (Nagy and Seth, 1984), but a column is kept
whole as far down as the white beside it reaches.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from corpus.cleaning import clean_line
from corpus.formats.pdf_process import Piece

_GUTTER = 0.7
"""The least white between columns, in sizes of the text."""

_DEEPEST = 12
_BULLET = re.compile(r"[•●○▪■◦‣–*·\uf0b7-]|\(?(?:\d{1,3}|\w)[.)]")
_ITEM = "\x00"
"""Stands before the text of a piece that begins an item of a list."""

_GLYPHS = "•●○▪■◦‣\uf0b7 "
_FEW_LINES = 6
_CELL_WORDS = 4
_FULL_ROWS = 3
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
    for column, is_table in _cut(_with_bullets(_with_drop_caps(list(pieces))), 0):
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


def _cut(pieces: list[Piece], depth: int) -> list[tuple[list[Piece], bool]]:
    """Return the columns of a region, in order, and whether each is a table, which is not cut."""
    if len(pieces) < 2 or depth > _DEEPEST:
        return [(pieces, False)] if pieces else []
    rows = _rows(pieces)
    if whites := _whites(pieces):
        sides = _split(pieces, [(left + right) / 2 for left, right in whites])
        lines = max(len(_baselines(side)) for side in sides)
        if lines == 1 or (_is_row_by_row(sides) and lines < _FEW_LINES):
            return [(pieces, _is_table(sides))]
        if _is_row_by_row(sides) and _is_table(sides):
            return [(pieces, True)]
        return [column for side in sides for column in _cut(side, depth + 1)]
    bands = _bands(rows)
    if len(bands) == 1:
        return [(pieces, False)]
    found: list[tuple[list[Piece], bool]] = []
    alone = False
    for band in bands:
        columns = _cut(band, depth + 1)
        was_alone, alone = alone, len(columns) == 1 and not columns[0][1]
        if was_alone and alone:  # one column goes on
            columns = [(found.pop()[0] + columns[0][0], False)]
        found.extend(columns)
    return found


def _rows(pieces: list[Piece]) -> list[list[Piece]]:
    """Return the pieces from top to bottom, those together that overlap in height."""
    rows: list[list[Piece]] = []
    bottom = float("-inf")
    for piece in sorted(pieces, key=lambda p: p.y - 0.6 * p.size):
        if piece.y - 0.6 * piece.size > bottom:
            rows.append([])
        rows[-1].append(piece)
        bottom = max(bottom, piece.y + 0.1 * piece.size)
    return rows


def _whites(pieces: Sequence[Piece]) -> list[tuple[float, float]]:
    """Return the upright strips without text that are as wide as a gutter, from left to right."""
    least = _GUTTER * median(piece.size for piece in pieces)
    strips = []
    right = float("inf")
    for piece in sorted(pieces, key=lambda p: p.x0):
        if piece.x0 - right >= least:
            strips.append((right, piece.x0))
        right = piece.x1 if right == float("inf") else max(right, piece.x1)
    return strips


def _bands(rows: list[list[Piece]]) -> list[list[Piece]]:
    """Return the rows grouped into bands, each of which has columns all the way down or none."""
    bands: list[list[Piece]] = []
    for place, row in enumerate(rows):
        if bands:
            before = bool(_whites(bands[-1]))
            after = bool(_whites([*bands[-1], *row]))
            if before == after and not (not before and _begins_columns(rows, place)):
                bands[-1].extend(row)
                continue
            if not before and after:
                bands[-1].extend(row)
                continue
        bands.append(list(row))
    return bands


def _begins_columns(rows: list[list[Piece]], place: int) -> bool:
    """Say whether a row has a gutter that goes on in the row below, or is several lines high."""
    row = rows[place]
    if not _whites(row):
        return False
    if max(p.y for p in row) - min(p.y for p in row) > max(p.size for p in row):
        return True
    return place + 1 < len(rows) and bool(_whites([*row, *rows[place + 1]]))


def _split(pieces: list[Piece], cuts: list[float]) -> list[list[Piece]]:
    sides: list[list[Piece]] = [[] for _ in range(len(cuts) + 1)]
    for piece in pieces:
        sides[sum(piece.x0 > cut for cut in cuts)].append(piece)
    return sides


def _is_row_by_row(sides: list[list[Piece]]) -> bool:
    """Say whether the file has the lines of columns that are side by side one after the other."""
    pieces = sorted((p for side in sides for p in side), key=lambda piece: piece.order)
    side_of = {piece.order: number for number, side in enumerate(sides) for piece in side}
    place_of = {piece.order: place for place, piece in enumerate(pieces)}
    steps = [
        place_of[b.order] - place_of[a.order]
        for line in _baselines(pieces)
        for a, b in pairwise(line)
        if side_of[a.order] != side_of[b.order]
    ]
    return 2 * steps.count(1) >= len(steps)


def _is_table(sides: list[list[Piece]]) -> bool:
    """Say whether columns are those of a table.

    Its cells are short and mostly begin with a figure or a capital, and most of its rows are full.
    """
    cells = [cell for side in sides for cell in _baselines(side)]
    rows = _baselines([piece for side in sides for piece in side])
    full = sum(len(row) > 1 for row in rows)
    words = sum(len(piece.text.split()) for cell in cells for piece in cell)
    inside = sum(cell[0].text[0].islower() for cell in cells)
    return (
        words <= _CELL_WORDS * len(cells)
        and inside * 5 <= 2 * len(cells)
        and full >= max(_FULL_ROWS, len(rows) - 1)
    )


def _baselines(pieces: list[Piece]) -> list[list[Piece]]:
    """Return pieces grouped into lines from top to bottom, each from left to right."""
    groups: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p.y, p.x0)):
        if groups and abs(groups[-1][0].y - piece.y) < 0.4 * piece.size:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return [sorted(group, key=lambda p: p.x0) for group in groups]


def _lines(column: list[Piece], page: int, *, cells: bool) -> list[Line]:
    """Return the lines of a column from top to bottom, each put together from its pieces."""
    return [_line(group, page, cells=cells) for group in _baselines(column)]


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
