"""The questions by kind are what their README says they are."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from tests.measuring import golden

FOLDER = golden.FOLDER.parent / "kinds"
SPLITS = {
    split: [
        json.loads(line) for line in (FOLDER / f"{split}.jsonl").read_text("utf-8").splitlines()
    ]
    for split in golden.SPLITS
}
ROWS = [row for rows in SPLITS.values() for row in rows]
TEXTS = golden.bodies()


def test_questions_are_there_once_and_in_one_split_only() -> None:
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    assert len({(row["question"].casefold(), row.get("as_of")) for row in ROWS}) == len(ROWS)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"{len(ROWS)} questions" in readme
    for split, rows in SPLITS.items():
        assert f"`{split}.jsonl` ({len(rows)})" in readme
        assert all(row["id"].startswith(f"{split}-{row['kind']}-") for row in rows)


def test_there_are_at_least_25_of_every_kind() -> None:
    kinds = Counter(row["kind"] for row in ROWS)
    assert len(kinds) == 13
    assert min(kinds.values()) >= 25
    for rows in SPLITS.values():
        assert min(Counter(row["kind"] for row in rows).values()) >= 13


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_the_gold_articles_state_the_gold_answer(row: golden.Row) -> None:
    assert row["why"].strip()
    assert row["answerable"] == bool(row["articles"]) == bool(row["answers"])
    bodies = [TEXTS[name] for name in row["articles"]]
    for part in row["answers"]:
        assert any(golden.holds(body, part) for body in bodies), part
    for name, body in zip(row["articles"], bodies, strict=True):
        assert any(golden.holds(body, part) for part in row["answers"]), name
        assert name[:10] <= row.get("as_of", "9999")
