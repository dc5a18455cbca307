"""Runs `ocrmypdf` on a PDF on stdin, as a process of its own that outlives nobody.

It is run by `corpus.formats.ocr`: `python -m corpus.formats.ocr_worker BYTES SECONDS`. Behind the
PDF of so many bytes comes nothing: stdin stays open as long as the result is wanted. However the
process that wants it ends, stdin is closed then, ocrmypdf is ended and its files are removed. The
PDF with text goes to stdout; the exit status is that of ocrmypdf, or TOO_LONG.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOO_LONG = 124
"""The exit status where the time was over; that of `timeout`."""

_RESOLUTION = "300"
"""Dots an inch to which coarser scans are brought: below, lines come out in sizes at random."""

_SURE_OF_TURN = "3"
"""How sure tesseract must be that a page lies on its side: of such a page it never is very sure."""

_OPTIONS = (
    *("--quiet", "--skip-text", "--output-type", "pdf", "--oversample", _RESOLUTION),
    *("--rotate-pages", "--rotate-pages-threshold", _SURE_OF_TURN),
)
_LOOK = 0.1  # seconds between looks at whether it has ended


def main(size: int, seconds: float) -> int:
    """Read a PDF of `size` bytes on stdin, write it with text to stdout, and return the status."""
    data = sys.stdin.buffer.read(size)
    if len(data) < size:
        return TOO_LONG  # nobody wants it any more
    with tempfile.TemporaryDirectory(prefix="newsdesk-") as folder:
        before, after = Path(folder, "before.pdf"), Path(folder, "after.pdf")
        before.write_bytes(data)
        ocr = subprocess.Popen(
            ["ocrmypdf", *_OPTIONS, str(before), str(after)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
            | {"TMPDIR": folder},
            start_new_session=True,
        )
        try:
            status = _wait(ocr, seconds)
        finally:
            _end(ocr)
        if status == 0:
            with after.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
        return status


def _wait(ocr: subprocess.Popen[bytes], seconds: float) -> int:
    """Return its status once it has ended; TOO_LONG where that takes long or is not wanted."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        is_closed, _, _ = select.select([sys.stdin], [], [], _LOOK)
        status = ocr.poll()
        if status is not None:
            return status if status >= 0 else 128 - status
        if is_closed:
            break
    return TOO_LONG


def _end(ocr: subprocess.Popen[bytes]) -> None:
    """End a process with all that it started."""
    if ocr.poll() is None:
        os.killpg(ocr.pid, signal.SIGKILL)
        ocr.wait()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), float(sys.argv[2])))
