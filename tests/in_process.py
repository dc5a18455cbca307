"""The `newsdesk` command in the process of the tests, with an encoder that is loaded once.

What only a process shows is left out: signals, a terminal, the start itself. `bot.cli.main` runs
as it is, with the streams, the environment and the folder that a process would have.
"""

from __future__ import annotations

import gc
import io
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest

if TYPE_CHECKING:
    from bot.wiring import Desk
    from retrieval.embeddings.encoder import OnnxEncoder
    from retrieval.reading.reader import Reader


@cache
def shared_encoder() -> OnnxEncoder:
    """Return the encoder that ships with Newsdesk, loaded once; it encodes a text once."""
    from tests.measuring.remembering import RememberingEncoder

    return RememberingEncoder()


@cache
def shared_reader() -> Reader:
    """Return the reader that ships with Newsdesk, loaded once; it reads a passage once."""
    from tests.measuring.remembering import RememberingReader

    return RememberingReader()


def _reader(desk: Desk) -> Reader:
    own = desk.own_reader
    return own if own and own.declared.kind != "entailment" else shared_reader()


def run(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path, given: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with `given` as its stdin."""
    import bot.cli
    from bot.commands.common import close_desks
    from bot.wiring import Desk

    encoding = environment["PYTHONIOENCODING"]
    out, err = io.BytesIO(), io.BytesIO()
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        patch.dict(os.environ, environment, clear=True),
        chdir(folder),
        _signals_as_before(),
    ):
        monkeypatch.setattr(Desk, "embedded", property(lambda _: shared_encoder()))
        monkeypatch.setattr(Desk, "reader", property(_reader))
        monkeypatch.setattr(sys, "argv", ["newsdesk", *arguments])
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # which typer sets
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode())))
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(out, encoding))
        monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(err, encoding, "backslashreplace"))
        try:
            bot.cli.main()
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(bool(end.code))
        except Exception:
            close_desks()  # which a process that ends so leaves to the system
            traceback.print_exc()
            status = 1
        finally:
            gc.unfreeze()  # what `main` had set aside for its end
        sys.stdout.flush()
        sys.stderr.flush()
        said, complained = out.getvalue().decode(encoding), err.getvalue().decode(encoding)
    return subprocess.CompletedProcess(arguments, status, said, complained)


@contextmanager
def _signals_as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
