"""What the support gate catches and lets through, with floors; `make support` prints it all."""

from __future__ import annotations

import json

import pytest

from retrieval.answering.support.gate import SupportGate
from retrieval.embeddings.encoder import OnnxEncoder
from scripts.measure_support import Checked, check_all, share
from tests.measuring import claims, development, planted
from tests.measuring.claims import HAND_WRITTEN


@pytest.fixture(scope="module")
def encoder() -> OnnxEncoder:
    return OnnxEncoder()


@pytest.fixture(scope="module")
def sample(encoder: OnnxEncoder) -> list[Checked]:
    shelf = claims.Shelf("sample", development.golden("dev").articles, encoder)
    items = claims.true_items(shelf, 60) + claims.hand_written(shelf)
    items += planted.faults(shelf, items)
    return check_all(SupportGate(encoder), planted.thinned(items, 8))


def rate(checked: list[Checked], *kinds: str, split: str = "") -> float:
    """The share of right verdicts; of the development or test articles alone if one is named."""
    kept = [c for c in checked if split in ("", c.item.split)]
    counts = [share(kept, kind) for kind in kinds]
    return sum(right for right, _ in counts) / sum(total for _, total in counts)


def test_what_is_made_up_or_misattributed_is_caught(sample: list[Checked]) -> None:
    assert rate(sample, "fabricated") >= 0.95
    assert rate(sample, "misattributed") >= 0.95


def test_swaps_are_caught(sample: list[Checked]) -> None:
    assert rate(sample, *planted.SWAPPED) >= 0.9


@pytest.mark.xfail(reason="aimed at, not reached: see the README")
def test_as_many_swaps_are_caught_as_is_aimed_at(sample: list[Checked]) -> None:
    assert rate(sample, *planted.SWAPPED) >= 0.95


def test_what_is_added_to_a_true_sentence_is_caught(sample: list[Checked]) -> None:
    assert rate(sample, "embroidered") >= 0.65


def test_opposites_are_caught(sample: list[Checked]) -> None:
    assert rate(sample, "negated") >= 0.7


def test_true_sentences_pass(sample: list[Checked]) -> None:
    assert rate(sample, "verbatim") >= 0.95
    assert rate(sample, "paraphrased", split="dev") >= 0.88
    assert rate(sample, "paraphrased", split="test") >= 0.8
    assert rate(sample, "reworded") >= 0.5


@pytest.mark.xfail(reason="aimed at, not reached where nothing was fitted: see the README")
def test_as_many_unseen_paraphrases_pass_as_is_aimed_at(sample: list[Checked]) -> None:
    assert rate(sample, "paraphrased", split="test") >= 0.88


@pytest.mark.skipif(
    not development.available(), reason="the development sets are not beside the repository"
)
def test_the_external_sets(encoder: OnnxEncoder) -> None:
    shelf = claims.Shelf("xquad", development.xquad().articles, encoder)
    items = claims.true_items(shelf, 30)
    items += planted.faults(shelf, items)
    checked = check_all(SupportGate(encoder), planted.thinned(items, 3))
    assert rate(checked, "verbatim") >= 0.95
    assert rate(checked, "fabricated", "misattributed") >= 0.95


def test_sentences_about_passages_that_were_made_up(encoder: OnnxEncoder) -> None:
    checked = check_all(SupportGate(encoder), claims.invented(encoder)[::5])
    assert rate(checked, *planted.SWAPPED) >= 0.75
    assert rate(checked, "reworded") >= 0.45


def test_what_is_written_by_hand_is_over_the_sample_archive() -> None:
    bodies = {a.uri.split("/")[-1]: a.body for a in development.golden("dev").articles}
    for file, field, least in (
        ("paraphrases", "paraphrase", 150),
        ("held_out", "paraphrase", 100),
        ("reworded", "paraphrase", 150),
        ("negations", "negated", 40),
    ):
        lines = (HAND_WRITTEN / f"{file}.jsonl").read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        assert len(rows) >= least
        assert len({row["id"] for row in rows}) == len(rows)
        assert all(row["sentence"] in bodies[row["article"]] for row in rows)
        assert all(row[field] != row["sentence"] for row in rows)
