"""Finds the columns and tables of a page.

A page is cut along the white between its columns and, where something stands across them, along
the white below and above that: the recursive X-Y cut (Nagy and Seth, 1984), but a column is kept
whole as far down as the white beside it reaches.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from corpus.formats.pdf_process import Piece

_GUTTER = 0.7
"""The least white between columns, in sizes of the text."""

_DEEPEST = 12
_FEW_LINES = 6
_CELL_WORDS = 4
_FULL_ROWS = 3


def cut(pieces: list[Piece], depth: int = 0) -> list[tuple[list[Piece], bool]]:
    """Return the columns of a region, in order, and whether each is a table, which is not cut.

    `depth` counts the cuts that were made around it.
    """
    if len(pieces) < 2 or depth > _DEEPEST:
        return [(pieces, False)] if pieces else []
    rows = _rows(pieces)
    if whites := _whites(pieces):
        sides = _split(pieces, [(left + right) / 2 for left, right in whites])
        lines = max(len(baselines(side)) for side in sides)
        by_rows = _is_row_by_row(sides)
        if by_rows and (lines < _FEW_LINES or _is_table(sides)):
            return [(pieces, _is_table(sides))]
        return [column for side in sides for column in cut(side, depth + 1)]
    bands = _bands(rows)
    if len(bands) == 1:
        return [(pieces, False)]
    found: list[tuple[list[Piece], bool]] = []
    alone = False
    for band in bands:
        columns = cut(band, depth + 1)
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
        if bands and _whites(bands[-1]):
            ends = not _whites([*bands[-1], *row])
        else:
            ends = not bands or _begins_columns(rows, place)
        if ends:
            bands.append(list(row))
        else:
            bands[-1].extend(row)
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
        for line in baselines(pieces)
        for a, b in pairwise(line)
        if side_of[a.order] != side_of[b.order]
    ]
    return 2 * steps.count(1) >= len(steps)


def _is_table(sides: list[list[Piece]]) -> bool:
    """Say whether columns are those of a table.

    Its cells are short and mostly begin with a figure or a capital, and most of its rows are full.
    """
    cells = [cell for side in sides for cell in baselines(side)]
    rows = baselines([piece for side in sides for piece in side])
    full = sum(len(row) > 1 for row in rows)
    words = sum(len(piece.text.split()) for cell in cells for piece in cell)
    inside = sum(cell[0].text[0].islower() for cell in cells)
    return (
        words <= _CELL_WORDS * len(cells)
        and inside * 5 <= 2 * len(cells)
        and full >= max(_FULL_ROWS, len(rows) - 1)
    )


def baselines(pieces: list[Piece]) -> list[list[Piece]]:
    """Return pieces grouped into lines from top to bottom, each from left to right."""
    groups: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (p.y, p.x0)):
        if groups and abs(groups[-1][0].y - piece.y) < 0.4 * piece.size:
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return [sorted(group, key=lambda p: p.x0) for group in groups]
