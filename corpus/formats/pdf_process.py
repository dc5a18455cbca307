"""Runs what reads PDFs as processes of their own, within limits, and names what went wrong."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import NotAnArticle
from corpus.formats.pdf_worker import MOST_PAGES, MOST_PIECES, MOST_SECONDS

_SECONDS_A_SCAN = 20
_MOST_OCR_SECONDS = 1_800

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


def can_ocr() -> bool:
    """Say whether `ocrmypdf`, which reads pictures of text, is installed."""
    return shutil.which("ocrmypdf") is not None


def with_text(data: bytes, scans: int) -> bytes:
    """Return a PDF with the text of its `scans` scanned pages under them, read by `ocrmypdf`.

    It may take 20 seconds a page, and half an hour. Raises NotAnArticle where that fails.
    """
    seconds = min(60 + _SECONDS_A_SCAN * scans, _MOST_OCR_SECONDS)
    with tempfile.TemporaryDirectory(prefix="newsdesk-") as folder:
        before, after = Path(folder, "before.pdf"), Path(folder, "after.pdf")
        before.write_bytes(data)
        command = [
            "ocrmypdf",
            "--quiet",
            "--skip-text",
            "--output-type",
            "pdf",
            *map(str, (before, after)),
        ]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            status = process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise NotAnArticle(f"ocrmypdf took longer than {seconds} seconds over it") from error
        finally:
            _end(process)
        if status or not after.is_file():
            raise NotAnArticle(f"ocrmypdf could not read its pictures (exit status {status})")
        return after.read_bytes()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


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
