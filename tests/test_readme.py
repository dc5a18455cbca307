"""The README's transcript is what the screen shows, and its example runs."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = str(tmp_path_factory.mktemp("home"))
    return {**os.environ, "NEWSDESK_HOME": home, "PYTHONPATH": str(ROOT), "COLUMNS": "200"}


def run(environment: dict[str, str], *words: str) -> str:
    return subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.mark.process
def test_the_transcript_is_what_the_screen_shows(environment: dict[str, str]) -> None:
    (transcript,) = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    steps = re.findall(r"^\$ newsdesk (.*)\n((?:(?!\$ ).*\n)*)", transcript, re.MULTILINE)
    assert len(steps) == 3
    for command, shown in steps:
        assert run(environment, "-m", "bot", *shlex.split(command)).rstrip() == shown.rstrip()


def test_files_that_the_readme_leads_to_exist() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_no_placeholder_is_left() -> None:
    assert not re.search(r"^[A-Z]{4,}$|@[A-Z]{3,}", README, re.MULTILINE)
