"""Several machines write to one archive at once, and several read it; see `crowd.py`."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.chroma_kit import ServerProcess
from tests.conftest import ROOT
from tests.postgres import Postgres

pytestmark = pytest.mark.process


def run(*arguments: str) -> list[dict[str, float]]:
    """Run a crowd as a process of its own, since it forks; what its readers saw."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.retrieval.crowd", *arguments],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    readers: list[dict[str, float]] = json.loads(done.stdout)["readers"]
    return readers


def test_nothing_is_lost_or_doubled_and_readers_see_whole_articles_at_once(
    postgres_server: Postgres, chroma_server: ServerProcess
) -> None:
    """One writer is killed, and its work is done by another."""
    servers = ("--database", postgres_server.new_database(), "--chroma", chroma_server.url)
    for seen in run(*servers, "--articles", "10", "--kills", "1"):
        assert seen["asked"] > 0
        assert (seen["broken"], seen["late"], seen["failed"]) == (0, 0, 0)
