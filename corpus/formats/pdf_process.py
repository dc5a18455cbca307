"""Runs what reads PDFs as a process of its own, within limits, and names what went wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from corpus.errors import NotAnArticle
from corpus.formats.pdf_worker import MOST_PAGES, MOST_PIECES, MOST_SECONDS

_REASONS = {
    "encrypted": "it is locked with a password: save it without one",
    "damaged": "not a PDF file, or a damaged one",
    "pages": f"more than {MOST_PAGES:,} pages: split it into parts",
    "pieces": f"a page with more than {MOST_PIECES:,} pieces of text: a damaged or hostile PDF",
    "characters": "longer than 1 MB of text: split it into parts",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters on a line of a page; lengths in points, `y` its baseline from the top.

    `look` has "b" for bold and "i" for italic; `order` is its place in the file's own order.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    look: str
    order: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a PDF; `picture` is the share of it that its largest picture covers."""

    width: float
    height: float
    picture: float
    pieces: list[Piece]

    @property
    def letters(self) -> int:
        """How many letters and digits it has as text."""
        return sum(sum(map(str.isalnum, piece.text)) for piece in self.pieces)


def read_pages(data: bytes) -> tuple[str, list[Page]]:
    """Return the title that a PDF declares, or an empty text, and its pages.

    Raises NotAnArticle for a file that is locked, damaged, too long, or that takes more than a
    minute or 1 GB to read.
    """
    content = _ask_worker(data)
    if error := content.get("error"):
        raise NotAnArticle(_REASONS[error])
    pages = [
        Page(
            page["width"],
            page["height"],
            page["picture"],
            [Piece(*[*piece, order]) for order, piece in enumerate(page["pieces"])],
        )
        for page in content["pages"]
    ]
    return content["title"], pages


def _ask_worker(data: bytes) -> dict[str, Any]:
    path = os.pathsep.join(filter(None, sys.path))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "corpus.formats.pdf_worker"],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONPATH": path},  # no keys for what reads strangers' files
            timeout=2 * MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotAnArticle("it takes minutes to read: a damaged or hostile PDF") from error
    if done.returncode:
        raise NotAnArticle(_how_it_ended(done.returncode))
    content: dict[str, Any] = json.loads(done.stdout)
    return content


def _how_it_ended(status: int) -> str:
    if status in (-signal.SIGXCPU, -signal.SIGKILL):
        return f"it takes more than {MOST_SECONDS} seconds to read: a damaged or hostile PDF"
    return "the reader of PDFs failed on it: a damaged or hostile PDF"
