"""Takes running heads, footers and page numbers off the pages of a PDF."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from corpus.cleaning import clean_line
from corpus.formats.pdf_process import Page, Piece

_ZONE = 0.15
"""The share of a page's height, above and below, in which running heads stand."""

_SAME_PLACE = 8.0  # points
_MOST_ROWS = 4
_OUTERMOST = 2  # the rows nearest to the edges above and below
_NO_CHANCE = 12  # characters

_NUMBER = re.compile(
    r"\W*(?:(?:page|p\.?|seite|página|стр\.?)\s*)?(?:\d{1,4}|[ivxlc|]{1,6})"
    r"(?:\s*(?:/|of|von|de|из|\|)\s*\d{1,4})?\W*",
    re.IGNORECASE,
)
_PRINTED = re.compile(r"\d{1,4}([./-])\d{1,2}\1\d{1,4},? \d{1,2}:\d\d(?::\d\d)?(?: ?[AP]M)?\b.*")
"""The date and title that a browser prints above a page; its address is below."""

_ADDRESS = re.compile(r"(?:https?|file)://\S+")


def without_margins(pages: list[Page]) -> tuple[list[Page], list[str]]:
    """Return the pages without what stands at their edges and is no text of theirs, and that.

    That is what stands in the same place of several pages, numbers apart, and page numbers and
    what browsers print around a page, wherever there is one. Each text is returned once.
    """
    margins = [_outer_rows(page) for page in pages]
    repeated = _repeated(margins)
    removed: dict[str, None] = {}
    kept = []
    for page, rows in zip(pages, margins, strict=True):
        gone: set[Piece] = set()
        for place, row in enumerate(rows):
            known = {piece for piece in row if piece in repeated or _is_printed(piece.text)}
            rest = [piece.text for piece in row if piece not in known]
            if rest and place < _OUTERMOST and all(map(_NUMBER.fullmatch, rest)):
                known = set(row)
            elif rest:  # a word or two may be in one place of two pages by chance
                known = {piece for piece in known if len(piece.text) >= _NO_CHANCE}
            gone |= known
        removed.update(
            dict.fromkeys(clean_line(piece.text) for piece in page.pieces if piece in gone)
        )
        kept.append(replace(page, pieces=[p for p in page.pieces if p not in gone]))
    return kept, list(removed)


def printed_address(margins: list[str]) -> str:
    """Return the web address that a browser printed below a page, or an empty text."""
    found = (text.split()[0] for text in margins if _ADDRESS.match(text))
    return next((address for address in found if not address.endswith("…")), "")


def is_print_date(text: str) -> bool:
    """Say whether a text of a margin is the moment of printing, which is no publication date."""
    return bool(_PRINTED.match(text))


def _is_printed(text: str) -> bool:
    return bool(_PRINTED.fullmatch(text) or _ADDRESS.match(text))


def _outer_rows(page: Page) -> list[list[Piece]]:
    """Return the rows of pieces near the upper edge and the lower, the outermost first."""
    top = [piece for piece in page.pieces if piece.y < _ZONE * page.height]
    bottom = [piece for piece in page.pieces if piece.y > (1 - _ZONE) * page.height]
    above = _rows(sorted(top, key=lambda piece: piece.y))
    below = _rows(sorted(bottom, key=lambda piece: -piece.y))
    pairs = [[*above[i : i + 1], *below[i : i + 1]] for i in range(_MOST_ROWS)]
    return [row for pair in pairs for row in pair]


def _rows(pieces: list[Piece]) -> list[list[Piece]]:
    rows: list[list[Piece]] = []
    for piece in pieces:
        if rows and abs(rows[-1][0].y - piece.y) < 3:
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return rows


def _repeated(margins: list[list[list[Piece]]]) -> set[Piece]:
    """Return the pieces whose text, numbers apart, is in the same place of another page."""
    places: dict[str, list[tuple[int, Piece]]] = defaultdict(list)
    for number, rows in enumerate(margins):
        for piece in (piece for row in rows for piece in row):
            places[re.sub(r"\d+", "#", piece.text.casefold())].append((number, piece))
    found: set[Piece] = set()
    for same in places.values():
        same.sort(key=lambda one: one[1].y)
        found.update(_close_behind(same), _close_behind(same[::-1]))
    return found


def _close_behind(ordered: list[tuple[int, Piece]]) -> Iterator[Piece]:
    """Yield the pieces that come close behind one of another page."""
    other: tuple[int, Piece] | None = None
    for before, (number, piece) in pairwise(ordered):
        other = before if before[0] != number else other
        if other and abs(other[1].y - piece.y) < _SAME_PLACE:
            yield piece
