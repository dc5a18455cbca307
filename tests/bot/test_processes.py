"""Each command as a process of its own, which says what it says in the process of the tests."""

from __future__ import annotations

import json
import re

import pytest

from tests.conftest import SAMPLE_ARCHIVE, Newsdesk

pytestmark = pytest.mark.process

TRUCE = "When did the third truce take effect?"


def without_times(text: str) -> str:
    return re.sub(r'"timings_ms": \{[^}]*\}', "", text)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--version"], "newsdesk"),
        (["ask", "--json", TRUCE], "26 October"),
        (["sources", "list"], "Newsdesk sample archive"),
        (["status"], "all-MiniLM"),
        (["usage", "--json"], "[]"),
        (["feedback"], ""),
        (["feedback", "--json"], "[]"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command(sample: Newsdesk, words: list[str], says: str) -> None:
    process, here = sample.run(*words), sample(*words)
    assert (process.returncode, says in process.stdout) == (0, True), process.stderr
    assert without_times(process.stdout) == without_times(here.stdout)
    assert process.stderr == here.stderr


def test_a_chat(sample: Newsdesk) -> None:
    process = sample.run("chat", input=f"{TRUCE}\n/quit\n", stdin=None)
    assert "26 October" in process.stdout
    assert (process.returncode, process.stderr) == (0, "")


def test_an_ingest_and_an_eval(newsdesk: Newsdesk) -> None:
    article = SAMPLE_ARCHIVE / "2020-10-26-washington-truce.md"
    ingest = newsdesk.run("ingest", article)
    assert (ingest.returncode, ingest.stderr) == (0, "")
    assert ingest.stdout.startswith("1 added")
    row = {"id": "hello", "kind": "smalltalk", "question": "hello"}
    (newsdesk.folder / "golden.jsonl").write_text(json.dumps(row))
    measured = newsdesk.run("eval", "golden.jsonl")
    assert (measured.returncode, measured.stderr) == (0, "")
    assert measured.stdout.startswith("1 questions, 1 articles")
