"""NEWSDESK_READER: a reader of one's own, from the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.conftest import Newsdesk
from tests.reading.forms import reduced, with_classes

TRUCE = "When did the third truce take effect?"


def test_a_reranker_of_ones_own_ranks_and_is_named(sample: Newsdesk, tmp_path: Path) -> None:
    folder = reduced(tmp_path / "own", ["answers"], kind="reranker", score="answers", marked=True)
    own = sample.told(NEWSDESK_READER=str(folder))
    found = json.loads(own("ask", "--json", TRUCE).stdout)
    assert "answer_span" not in found  # it points at no words
    shipped = json.loads(sample("ask", "--json", TRUCE).stdout)
    ranked, known = ([m["passage_id"] for m in f["retrieved"]] for f in (found, shipped))
    assert ranked == known
    assert "own" in own("status").stdout


def test_an_entailment_model_leaves_the_reading_to_the_shipped_one(
    sample: Newsdesk, tmp_path: Path
) -> None:
    folder = with_classes(
        tmp_path / "own", first=True, kind="entailment", score="logits",
        classes=["entailment", "other"], name="my-nli",
    )  # fmt: skip
    own = sample.told(NEWSDESK_READER=str(folder))
    assert own("ask", TRUCE).stdout == sample("ask", TRUCE).stdout
    assert re.search(r"newsdesk-reader\S*, my-nli", own("status").stdout)


def test_a_folder_that_is_not_there_is_told_in_a_line(sample: Newsdesk, tmp_path: Path) -> None:
    done = sample.told(NEWSDESK_READER=str(tmp_path / "none"))("ask", TRUCE)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"newsdesk: NEWSDESK_READER is .*none.*ONNX cross-encoder\.\n", done.stderr)


def test_a_folder_without_a_model_is_told_in_a_line(sample: Newsdesk, tmp_path: Path) -> None:
    (tmp_path / "reader.json").write_text('{"name": "own", "kind": "reranker", "score": "logits"}')
    own = sample.told(NEWSDESK_READER=str(tmp_path))
    done = own("ask", TRUCE)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"newsdesk: The reader in .* cannot be loaded .*: .*\n", done.stderr)
    health = own("status")
    assert health.returncode == 1
    assert "cannot be loaded" in health.stdout + health.stderr
