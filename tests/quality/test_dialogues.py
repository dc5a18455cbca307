"""The dialogues are what their README says they are, and go at least as well as they did."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from corpus.article import Article
from corpus.reading import find_files, read_file
from retrieval.embeddings.encoder import OnnxEncoder
from tests.measuring import development, dialogues, golden
from tests.measuring.dialogues import Row, Told

ROWS = {split: dialogues.rows(dialogues.FOLDER / f"{split}.jsonl") for split in dialogues.SPLITS}
EVERY = [row for rows in ROWS.values() for row in rows]
FLOOR = Path(__file__).with_name("dialogues.json")


def bodies(folder: Path) -> dict[str, str]:
    """The cleaned bodies of a folder's articles by file name."""
    articles = [a for file in find_files([folder])[0] for a in read_file(file)]
    return {Path(a.uri).name: a.body for a in articles if isinstance(a, Article)}


TEXTS = {"sample": bodies(development.SAMPLE_ARCHIVE), "briefs": bodies(dialogues.BRIEFS)}


def test_every_dialogue_is_there_once_and_in_one_split() -> None:
    assert len({row["id"] for row in EVERY}) == len(EVERY) >= 60
    for split, rows in ROWS.items():
        assert all(row["id"].startswith(f"{split}-") for row in rows)
        assert len(rows) >= len(EVERY) / 3


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row["id"])
def test_a_dialogue_is_whole_and_its_gold_answers_stand_in_its_articles(row: Row) -> None:
    assert set(row) == {"id", "archive", "turns"}
    assert 3 <= len(row["turns"]) <= 5
    texts = TEXTS[row["archive"]]
    for number, turn in enumerate(row["turns"]):
        assert turn["question"].strip()
        if "meta" in turn:
            assert turn["meta"] in dialogues.META or (turn["meta"] == "item" and turn["answers"])
            assert number
        else:
            assert turn["why"].strip()
            assert not turn["elliptical"] or number
            assert turn["answerable"] == bool(turn["articles"]) == bool(turn["answers"])
        gold = [texts[name] for name in turn.get("articles", ())]
        for part in turn.get("answers", ()):
            assert any(golden.holds(text, part) for text in gold), (turn["question"], part)


@pytest.fixture(scope="module")
def told(encoder: OnnxEncoder, tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    desks = dialogues.assistants(tmp_path_factory.mktemp("dialogues"), encoder)
    return asyncio.run(dialogues.held(desks, ROWS["dev"]))


@pytest.mark.figures
@pytest.mark.timeout(600)
def test_dialogues_go_as_well_as_they_did(told: list[Told]) -> None:
    floors = json.loads(FLOOR.read_text(encoding="utf-8"))
    for name, (subject, right) in floors.items():
        turns = dialogues.grouped(told)[name]
        assert dialogues.share(turns, "subject") >= subject, name
        assert dialogues.share(turns, "right") >= right, name
