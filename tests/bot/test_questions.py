from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.questions import LONGEST_QUESTION, BatchRecord, question_in, read_batch
from retrieval.answers import Question, Turn


def record(tmp_path: Path, line: str) -> BatchRecord[Question]:
    path = tmp_path / "batch.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    [found] = read_batch(path, question_in)
    return found


def asked(tmp_path: Path, **fields: Any) -> BatchRecord[Question]:
    return record(tmp_path, json.dumps({"id": 1, "question": "Who?", **fields}))


def test_what_was_said_before_is_cleaned_and_cut(tmp_path: Path) -> None:
    history = [
        {"question": " Who\x1b[31m\n\ncame? ", "answer": None},
        {"question": "\u200b ", "answer": "Nobody asked."},
        {"question": "And then?", "answer": "x" * 5000},
        {"question": "Why?"},
    ]
    found = asked(tmp_path, history=history).asked
    assert found is not None
    assert found.history == (
        Turn("Who came?", ""),
        Turn("And then?", "x" * LONGEST_QUESTION),
        Turn("Why?", ""),
    )


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity"])
def test_a_number_that_json_cannot_write_is_not_json(tmp_path: Path, number: str) -> None:
    found = record(tmp_path, f'{{"id": {number}, "question": "Who?"}}')
    assert found == BatchRecord(None, error="line 1 is not JSON")


@pytest.mark.parametrize("day", ["20201027", "2020-W44-2", "2020-10-27T00:00", "2020-10-7", ""])
def test_a_day_has_one_form(tmp_path: Path, day: str) -> None:
    assert "as_of" in asked(tmp_path, as_of=day).error
    assert asked(tmp_path, as_of="2020-10-27").asked is not None
