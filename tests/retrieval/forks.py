"""Starts real `newsdesk` processes quickly, to be killed; see `forked_newsdesk.py`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path


class Forks:
    """The processes that a script, such as `forked_newsdesk.py`, starts."""

    def __init__(self, script: Path, environment: dict[str, str], folder: Path) -> None:
        self._server = subprocess.Popen(
            [sys.executable, script], env=environment, cwd=folder, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def start(self, home: Path, *command: str) -> int:
        """Start one; its process id, until its end is asked for."""
        return self._ask(json.dumps([*command, "--home", str(home)]))

    def ended(self) -> int:
        """Wait for the one that was started; its exit status."""
        return self._ask("wait")

    def run(self, home: Path, *command: str) -> float:
        """Run one to its end; the seconds it took."""
        begun = time.perf_counter()
        self.start(home, *command)
        assert self.ended() == 0
        return time.perf_counter() - begun

    def close(self) -> None:
        self._server.communicate()

    def _ask(self, line: str) -> int:
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(line + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())
