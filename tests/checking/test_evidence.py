from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from corpus.article import Article
from retrieval.archive.passages import Match, Passage
from retrieval.checking.evidence import ROOM, chosen, clauses, units_of, written
from retrieval.onnx_model import Floats

FIRE = Article(
    "fire.md",
    "Fire at the mill",
    "A fire broke out at the mill on Monday. Two people were hurt. "
    "The owner, Ada Birch, said the alarm had failed.",
    "Courier",
    date(2024, 5, 7),
)
FAIR = Article("fair.md", "The fair", "The fair was opened by the mayor. It rained.", "Courier")


def passage(article: Article, start: int, end: int | None = None) -> Match:
    text = article.body[start:end]
    return Match(
        Passage(f"{article.uri} {start}", article.id, 0, start, start + len(text), text),
        article,
        0.0,
    )


def words(texts: Sequence[str]) -> Floats:
    """Vectors by which texts are alike that share words."""
    known = sorted({word.strip(".,") for text in texts for word in text.lower().split()})
    rows = [[float(word in text.lower()) for word in known] for text in texts]
    vectors = np.array(rows, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    made: Floats = vectors / np.maximum(lengths, 1)  # a text without words stays zero
    return made


def count(text: str) -> int:
    return len(text.split())


def evidence(text: str, matches: Sequence[Match], room: int = ROOM) -> str:
    """What is read beside a sentence, by the words that they share."""
    units = units_of(matches, count)
    alike = words([text, *(unit.text for unit in units)])
    return written(chosen(units, list(map(float, alike[1:] @ alike[0])), count, room))


def test_an_article_is_a_line_with_its_outlet_and_day() -> None:
    found = evidence("Two people were hurt in a fire.", [passage(FIRE, 0)])

    assert found == f"Fire at the mill (Courier, Tuesday 7 May 2024): {FIRE.body}"


def test_a_sentence_that_two_passages_share_is_read_once_and_in_order() -> None:
    later = FIRE.body.index("Two people")
    matches = [passage(FIRE, later), passage(FAIR, 0), passage(FIRE, 0, later + 21)]

    found = evidence("The mayor opened the fair.", matches)

    fire, fair = found.splitlines()
    assert fire.count("Two people were hurt.") == 1
    assert fire.index("Monday") < fire.index("Two people") < fire.index("Ada Birch")
    assert fair.startswith("The fair (Courier): The fair was opened")


def test_little_room_goes_to_what_is_most_alike() -> None:
    found = evidence("Ada Birch, the owner, blamed the alarm.", [passage(FIRE, 0)], 18)

    assert "Ada Birch" in found
    assert "Monday" not in found


def test_a_clause_finds_its_own_sentence() -> None:
    said = "The alarm had failed, said the owner, after the mayor had opened the fair in the rain."

    assert len(clauses(said)) > 1
    found = evidence(said, [passage(FIRE, 0), passage(FAIR, 0)])
    assert "Ada Birch" in found
    assert "opened by the mayor" in found


@pytest.mark.parametrize("sentence", ["", "Yes."])
def test_nothing_to_read_is_no_evidence(sentence: str) -> None:
    assert evidence(sentence, []) == ""
    assert evidence(sentence, [passage(FIRE, 0)])
