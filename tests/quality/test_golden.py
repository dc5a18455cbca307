"""The golden questions are what their README says they are, over the archive they were made for."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import date

import pytest

from tests.measuring import golden
from tests.measuring.golden import Row

TEXTS = golden.bodies()
SPLITS = {split: golden.rows(split) for split in golden.SPLITS}
ROWS = [row for rows in SPLITS.values() for row in rows]
ANSWERABLE = [row for row in ROWS if row["answerable"]]
KINDS = Counter(row["kind"] for row in ROWS)

FIELDS = {"id", "kind", "question", "paraphrase", "answerable", "articles", "answers", "why"}
NOT_FOR_THE_ARCHIVE = {"unanswerable", "offdomain", "smalltalk", "request", "injection"}


@pytest.fixture(scope="module")
def keywords() -> golden.Keywords:
    return golden.Keywords(TEXTS)


def test_the_archive_is_the_one_the_questions_were_written_for() -> None:
    pinned = dict(
        line.split()[::-1]
        for line in (golden.FOLDER / "archive.sha256").read_text(encoding="utf-8").splitlines()
    )
    there = {
        path.relative_to(golden.ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in golden.ARCHIVE.glob("*.md")
    }
    changed = {path for path, _ in pinned.items() ^ there.items()}
    assert not changed, (
        f"{', '.join(sorted(changed))}: not as the golden questions know it. Read the questions"
        " again as tests/quality/golden/README.md says under “When the archive changes”, then pin"
        " the archive anew: sha256sum corpus/articles/*.md > tests/quality/golden/archive.sha256"
    )


def test_every_question_is_whole_and_says_why_it_is_there() -> None:
    for row in ROWS:
        assert set(row) - {"history", "as_of"} == FIELDS, row["id"]
        assert row["question"].strip()
        assert row["why"].strip()
        assert all(turn["question"] and turn["answer"] for turn in row.get("history", []))
        assert "as_of" not in row or date.fromisoformat(row["as_of"])


def test_questions_are_there_once_and_in_one_split_only() -> None:
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    asked = [
        (" ".join(row["question"].casefold().split()), str(row.get("history")), row.get("as_of"))
        for row in ROWS
    ]
    assert len(set(asked)) == len(ROWS)
    for split, rows in SPLITS.items():
        assert all(row["id"].startswith(f"{split}-") for row in rows)


@pytest.mark.parametrize("row", ANSWERABLE, ids=lambda row: row["id"])
def test_the_gold_articles_state_the_gold_answer(row: Row) -> None:
    assert row["answers"]
    assert len(set(row["articles"])) == len(row["articles"]) >= 1
    bodies = [TEXTS[name] for name in row["articles"]]
    for part in row["answers"]:
        assert any(golden.holds(body, part) for body in bodies), part
    for name, body in zip(row["articles"], bodies, strict=True):
        assert any(golden.holds(body, part) for part in row["answers"]), name


@pytest.mark.parametrize("row", ANSWERABLE, ids=lambda row: row["id"])
def test_a_gold_article_is_out_by_the_day_of_the_question(row: Row) -> None:
    if "as_of" in row:
        assert all(name[:10] <= row["as_of"] for name in row["articles"])


def test_what_is_unanswerable_has_no_gold() -> None:
    for row in ROWS:
        assert row["answerable"] or not (row["articles"] or row["answers"]), row["id"]
        assert row["kind"] not in NOT_FOR_THE_ARCHIVE or not row["answerable"], row["id"]


def test_there_is_enough_of_every_kind_in_both_splits() -> None:
    assert len(ROWS) >= 150
    readme = (golden.FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"{len(ROWS)} questions" in readme
    assert KINDS["followup"] >= 25
    assert KINDS["unanswerable"] >= 35
    assert all(row.get("history") for row in ROWS if row["kind"] in ("followup", "switch"))
    for rows in SPLITS.values():
        kinds = Counter(row["kind"] for row in rows)
        assert set(kinds) == set(KINDS)
        assert all(number >= 3 for number in kinds.values())


def test_some_answers_need_several_articles() -> None:
    for rows in SPLITS.values():
        spread = [row for row in rows if golden.needs_several(row, TEXTS)]
        assert len(spread) >= 8
        assert any(len(row["articles"]) > 2 for row in spread)


def test_timebound_questions_have_a_day() -> None:
    timebound = [row for row in ROWS if row["kind"] == "timebound"]
    assert len(timebound) >= 10
    assert sum("as_of" in row for row in timebound) >= len(timebound) - 1


def test_at_least_half_are_in_words_that_keywords_do_not_find(keywords: golden.Keywords) -> None:
    marked = [row for row in ANSWERABLE if row["paraphrase"]]
    found_by_keywords = [row["id"] for row in marked if not keywords.wording(row).differs]
    assert not found_by_keywords
    for rows in SPLITS.values():
        answerable = [row for row in rows if row["answerable"]]
        assert sum(row["paraphrase"] for row in answerable) >= len(answerable) / 2
