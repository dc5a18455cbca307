"""`newsdesk ask --explain`: what the check removed and why, for those who run a bot."""

from __future__ import annotations

import json
import re

import pytest

from retrieval.answers import Removed
from retrieval.checking.reasons import why
from tests.conftest import Newsdesk
from tests.openai_server.server import Service, fails, rules, says

TRUCE = "When did the third truce take effect?"
FIRST = "The third truce took effect at eight in the morning on Monday, 26 October."
LEFT_OUT = "The third truce was broken within 7,450 minutes."
SUM = "In all, 1,011 people of Nagorno-Karabakh had been killed since 27 September."
NOTE = "One sentence was left out: it was not found in the articles."


@pytest.fixture
def explained(newsdesk_online: Newsdesk) -> Newsdesk:
    return newsdesk_online.told(NEWSDESK_VERIFY="off")


def test_each_sentence_that_was_removed_with_its_reason_and_the_nearest_quote(
    explained: Newsdesk, service: Service
) -> None:
    service.script = [says(f"{FIRST} [1] {LEFT_OUT} [1]")]
    done = explained("ask", "--explain", TRUCE)
    assert (done.returncode, done.stderr) == (0, f"newsdesk: {NOTE}\n")
    answer, explanation = done.stdout.split("\nRemoved by the check:\n")
    assert answer.startswith(f"{FIRST} [1]\n\n[1] ")
    sentence, reason, nearest, blank, times = explanation.splitlines()
    assert sentence == f"  “{LEFT_OUT}”"
    assert reason == "    a figure that stands in none of the passages: 7,450"
    assert re.fullmatch("    nearest: “.+”", nearest)
    assert blank == ""
    assert re.fullmatch(r"Milliseconds: (.+ [\d,.]+, )+total [\d,.]+", times)
    assert "first sentence" in times
    found = json.loads(explained("ask", "--json", TRUCE).stdout)
    assert [one["sentence"] for one in found["removed"]] == [LEFT_OUT]
    assert f"    nearest: “{found['removed'][0]['quote']}”" == nearest
    assert found["notice"] == NOTE


def test_a_figure_that_follows_from_others_is_shown_with_how(
    newsdesk_online: Newsdesk, service: Service
) -> None:
    judged = newsdesk_online.told(NEWSDESK_VERIFY="model")
    golden = judged.folder / "golden.jsonl"
    truce = {"id": "truce", "question": TRUCE, "articles": ["2020-10-26-washington-truce.md"]}
    golden.write_text(f"{json.dumps(truce)}\n")
    service.script = [says(f"{FIRST} [1] {SUM} [1]"), rules(lambda _: "supported")]
    done = judged("ask", "--explain", TRUCE)
    _, told = done.stdout.split("\nFigures that no passage states, and how they may follow:\n")
    assert told.startswith(f"  “{SUM}”\n    1,011 = 974 + 37\n\nThe check removed nothing.\n")
    found = json.loads(judged("ask", "--json", TRUCE).stdout)
    assert found["derived"] == [{"sentence": SUM, "figures": ["1,011 = 974 + 37"]}]
    assert judged("eval", golden, "--html", "page.html").returncode == 0
    assert "1,011 = 974 + 37" in (judged.folder / "page.html").read_text(encoding="utf-8")


def test_what_the_judge_removes_is_not_derived(newsdesk_online: Newsdesk, service: Service) -> None:
    judged = newsdesk_online.told(NEWSDESK_VERIFY="model")
    service.script = [
        says(f"{FIRST} [1] {SUM} [1]"),
        rules(lambda text: "supported" if text != SUM else "not stated"),
    ]
    found = json.loads(judged("ask", "--json", TRUCE).stdout)
    assert [one["sentence"] for one in found["removed"]] == [SUM]
    assert "derived" not in found


def test_without_it_the_sentence_is_nowhere_on_the_screen(
    explained: Newsdesk, service: Service
) -> None:
    service.script = [says(f"{FIRST} [1] {LEFT_OUT} [1]")]
    asked = explained("ask", TRUCE)
    chat = explained("chat", input=f"{TRUCE}\n")
    for done in (asked, chat):
        assert done.stderr == f"newsdesk: {NOTE}\n"
        assert FIRST in done.stdout
        assert "7,450" not in done.stdout
        assert "Milliseconds" not in done.stdout


def test_where_nothing_was_removed_or_checked_it_says_so(
    explained: Newsdesk, service: Service
) -> None:
    service.script = [says(f"{FIRST} [1]"), fails(401)]
    written = explained("ask", "--explain", TRUCE)
    assert "\n\nThe check removed nothing.\n\nMilliseconds: " in written.stdout
    failed = explained("ask", "--explain", "Who brokered the third truce?")
    asked = ("ask", "--explain", "--engine", "extractive")
    for done in (failed, explained(*asked, TRUCE), explained(*asked, "Hello!")):
        assert "\n\nNo model wrote this, so nothing was checked.\n\n" in done.stdout


def test_an_evaluation_keeps_what_was_removed(explained: Newsdesk, service: Service) -> None:
    service.script = [says(f"{FIRST} [1] {LEFT_OUT} [1]")]
    golden = explained.folder / "golden.jsonl"
    truce = {"id": "truce", "question": TRUCE, "articles": ["2020-10-26-washington-truce.md"]}
    hello = {"id": "hello", "question": "Hello!"}
    golden.write_text(f"{json.dumps(truce)}\n{json.dumps(hello)}\n")
    done = explained("eval", golden, "--json", "--html", "page.html")
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    written, said = run["records"]
    assert written["removed"][0]["sentence"] == LEFT_OUT
    assert written["values"]["removed"] == 1.0
    assert "removed" not in said["values"], "no model wrote it"
    assert LEFT_OUT in (explained.folder / "page.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("other", ["--json", "--batch"])
def test_programs_need_no_explanation(explained: Newsdesk, other: str) -> None:
    given = ("questions.jsonl",) if other == "--batch" else (TRUCE,)
    done = explained("ask", "--explain", other, *given)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--explain is for people" in done.stderr


@pytest.mark.parametrize(
    ("removed", "words"),
    [
        (Removed("", "date", "12 May"), "a date that stands in none of the passages: 12 May"),
        (Removed("", "contradicted"), "the model was asked, and found that the passages deny it"),
        (Removed("", "far"), "nothing in the passages is about it"),
        (Removed("", "of a later version", "x"), "of a later version: x"),
    ],
)
def test_a_reason_in_words(removed: Removed, words: str) -> None:
    assert why(removed) == words
