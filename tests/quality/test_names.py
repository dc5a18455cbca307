"""Questions about a name alone: who it is, and what its bearer said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.in_process import shared_encoder
from tests.measuring import names


@pytest.mark.figures
def test_who_somebody_is_and_what_they_said_is_told_and_nothing_else(tmp_path: Path) -> None:
    found = names.outcomes(shared_encoder(), tmp_path)
    assert found["who", "told"] >= 29
    assert found["said", "told"] >= 15
    assert found["untold", "declined"] >= 24


def test_the_questions_about_names_are_there_once() -> None:
    rows = [json.loads(line) for line in names.QUESTIONS.read_text("utf-8").splitlines()]
    readme = (names.QUESTIONS.parent / "README.md").read_text(encoding="utf-8")
    assert f"{len(rows)} questions" in readme
    assert len({row["question"] for row in rows}) == len(rows)
