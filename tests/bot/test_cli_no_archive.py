"""A home that holds nothing is said, and not made, by every command that only reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import Newsdesk

READING = [
    ["ask", "What happened?"],
    ["ask", "--batch", "questions.jsonl"],
    ["chat"],
    ["check"],
    ["check", "--batch", "questions.jsonl"],
    ["sources"],
    ["sources", "list", "--json"],
    ["sources", "show", "3f9a2c1d"],
    ["sources", "remove", "3f9a2c1d"],
    ["status"],
    ["eval", "questions.jsonl"],
    ["eval", "--init", "new.jsonl"],
    ["feedback"],
    ["usage"],
]


@pytest.mark.parametrize("command", READING, ids=" ".join)
@pytest.mark.parametrize("there", [False, True], ids=["no folder", "another folder"])
def test_a_mistyped_home_is_said_and_left_alone(
    newsdesk: Newsdesk, tmp_path: Path, command: list[str], there: bool
) -> None:
    (newsdesk.folder / "questions.jsonl").write_text(
        json.dumps({"id": "1", "question": "What?", "answerable": False})
    )
    mistyped = tmp_path / "my archve"
    if there:
        mistyped.mkdir()
        (mistyped / "letter.txt").write_text("Not Newsdesk's.")
    before = sorted(tmp_path.rglob("*"))
    done = newsdesk(*command, "--home", mistyped, input="What happened?\n")
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"newsdesk: There is no archive at {mistyped}:")
    assert f"newsdesk ingest --home '{mistyped}' FOLDER" in line
    assert sorted(tmp_path.rglob("*")) == before


def test_the_usual_home_may_be_empty_at_first(newsdesk: Newsdesk) -> None:
    first = newsdesk.told(NEWSDESK_HOME="")("ask", "What happened?")
    assert first.returncode == 0
    assert "newsdesk ingest" in first.stdout
