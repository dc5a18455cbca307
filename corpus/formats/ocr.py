"""Has `ocrmypdf`, where it is installed, put text under the scanned pages of a PDF."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress

from corpus.errors import NotAnArticle
from corpus.formats.ocr_worker import TOO_LONG

_SECONDS_A_SCAN = 20
_MOST_SECONDS = 1_800

_PASSED_ON = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "TESSDATA_PREFIX", "OMP_THREAD_LIMIT")
"""Of the environment: keys are not for what reads strangers' files."""

_HINTS = {
    3: "a program that it needs is missing: is tesseract installed?",
    7: "tesseract failed: are its data for English and for the turn of pages (osd) installed?",
    8: "it is locked with a password",
}
"""What exit statuses of ocrmypdf mean, from its manual."""


def can_ocr() -> bool:
    """Say whether `ocrmypdf`, which reads pictures of text, is installed."""
    return shutil.which("ocrmypdf") is not None


def with_text(data: bytes, scans: int) -> bytes:
    """Return a PDF with the text of its `scans` scanned pages under them, read by `ocrmypdf`.

    It may take 20 seconds a page, and half an hour. Raises NotAnArticle where that fails.
    """
    seconds = min(60 + _SECONDS_A_SCAN * scans, _MOST_SECONDS)
    command = [sys.executable, "-m", "corpus.formats.ocr_worker", str(len(data)), str(seconds)]
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    found = b""
    with (
        suppress(BrokenPipeError),  # of a worker that failed, as its status says
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=passed_on | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        ) as process,
    ):
        assert process.stdin
        assert process.stdout
        process.stdin.write(data)
        process.stdin.flush()
        found = process.stdout.read()
    status = process.returncode
    if status == TOO_LONG:
        raise NotAnArticle(f"ocrmypdf took longer than {seconds} seconds over it")
    if status:
        why = _HINTS.get(status, f"exit status {status}")
        raise NotAnArticle(f"ocrmypdf could not read its pictures ({why})")
    return found
