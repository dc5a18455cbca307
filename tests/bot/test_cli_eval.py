"""`newsdesk eval` as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Newsdesk
from tests.evaluation.test_external import write as write_beir

ARTICLES = {
    "canal.txt": "Canal cleared\n\nThe ship was freed on 29 March 2021, after six days aground.\n",
    "truce.txt": "Truce signed\n\nThe truce in the valley of Orb was signed by Ana Duarte.\n",
}
QUESTIONS: list[dict[str, Any]] = [
    {"id": "when", "kind": "fact", "question": "When was the ship freed?",
     "articles": ["canal.txt"], "answers": [["29 March"]]},
    {"id": "who", "kind": "fact", "question": "Who signed the truce in the valley of Orb?",
     "articles": ["truce.txt"], "answers": [["Ana Duarte"]]},
    {"id": "hello", "kind": "smalltalk", "question": "hello"},
]  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Newsdesk:
    """The command with two articles, in a folder with a golden file and a faulty one."""
    folder = tmp_path_factory.mktemp("eval")
    newsdesk = Newsdesk(tmp_path_factory.mktemp("eval-home"), folder)
    for name, text in ARTICLES.items():
        (folder / name).write_text(text)
    assert newsdesk("ingest", *(folder / name for name in ARTICLES)).returncode == 0
    write(folder / "golden.jsonl", QUESTIONS)
    (folder / "bad.jsonl").write_text("{\n")
    return newsdesk


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_table_and_a_page(desk: Newsdesk) -> None:
    done = desk("eval", "golden.jsonl", "--html", "page.html")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3 questions, 2 articles, engine extractive\n")
    assert "Recall@5 of articles" in done.stdout
    assert "smalltalk" in done.stdout
    page = (desk.folder / "page.html").read_text(encoding="utf-8")
    assert "Who signed the truce in the valley of Orb?" in page


def test_some_parts_are_enough_and_some_words_are_wrong(desk: Newsdesk) -> None:
    asked = QUESTIONS[0] | {"answers": [["29 March"], ["dredgers"]]}
    rows = [asked, asked | {"id": "enough", "needed": 1},
            asked | {"id": "wrong", "needed": 1, "avoid": ["six days"]}]  # fmt: skip
    write(desk.folder / "parts.jsonl", rows)
    run = json.loads(desk("eval", "parts.jsonl", "--json").stdout)
    right = {record["id"]: record["right"] for record in run["records"]}
    assert right == {"when": False, "enough": True, "wrong": False}


def test_json_that_serves_as_a_baseline(desk: Newsdesk) -> None:
    printed = desk("eval", "golden.jsonl", "--json").stdout
    run = json.loads(printed)
    assert [record["id"] for record in run["records"]] == ["when", "who", "hello"]
    assert run["records"][0]["retrieved"][0]["holds"] is True
    figures = {(f["metric"], f["group"]): f["value"] for f in run["figures"]}
    assert figures["right", "all"] == 1.0
    assert figures["recall@5", "fact"] == 1.0
    (desk.folder / "before.json").write_text(printed)
    done = desk("eval", "golden.jsonl", "--baseline", "before.json", "--gate")
    assert done.returncode == 0, done.stderr
    assert "beside the run of" in done.stdout
    assert "The gate is open." in done.stderr


def test_the_gate_against_a_baseline_of_ones_own(desk: Newsdesk) -> None:
    saved = desk("eval", "golden.jsonl", "--baseline", "base.json", "--save-baseline")
    assert saved.returncode == 0, saved.stderr
    wrong = [QUESTIONS[0], QUESTIONS[1] | {"answers": [["Bo Lind"]]}, QUESTIONS[2]]
    write(desk.folder / "wrong.jsonl", wrong)
    shut = desk("eval", "wrong.jsonl", "--baseline", "base.json", "--gate", "--json")
    assert shut.returncode == 1
    assert "holds) fell from 1.000 to 0.500; 0.015 is tolerated." in shut.stderr
    assert "turned wrong: who (wrong answer): Who signed" in shut.stderr
    assert "The gate is shut." in shut.stderr
    assert json.loads(shut.stdout)["comparison"]["turned_wrong"] == ["who"]


def test_a_first_golden_file(desk: Newsdesk) -> None:
    assert desk("eval", "--init", "first.jsonl").returncode == 0
    again = desk("eval", "--init", "first.jsonl")
    assert again.returncode == 2
    assert "is there already" in again.stderr
    done = desk("eval", "first.jsonl")
    assert done.returncode == 0, done.stderr


def test_a_set_in_beirs_layout(newsdesk: Newsdesk, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    done = newsdesk("eval", "--beir", write_beir(folder), "--json")
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    figures = {(f["metric"], f["group"]): f["value"] for f in run["figures"]}
    assert run["articles"] == 3
    assert figures["ndcg@10", "all"] == 1.0
    assert not newsdesk.home.exists(), "the archive of a set is its own"


@pytest.mark.parametrize(
    ("words", "status", "line"),
    [
        (("none.jsonl",), 1, "none.jsonl cannot be read: No such file or directory."),
        (("bad.jsonl",), 1, "bad.jsonl:1: not JSON."),
        (("golden.jsonl", "--gate", "--baseline", "none.json"), 1, "none.json is not there: "),
        (("golden.jsonl", "--gate"), 2, "have no baseline yet: --baseline FILE --save-baseline"),
        (("golden.jsonl", "--save-baseline"), 2, "Say where the baseline is to be: --baseline"),
        (("golden.jsonl", "--gate", "--baseline", "bad.jsonl"), 1, "bad.jsonl is not JSON: "),
        (("golden.jsonl", "--xquad", "x"), 2, "Give golden files, or one of --xquad, --mtrag"),
        (("--xquad", "none.jsonl"), 1, "none.jsonl cannot be read: No such file"),
        (("--mtrag", "."), 1, "mtragun-passages.jsonl cannot be read: No such file"),
        (("--init",), 2, "--init takes one FILE to write."),
        (("golden.jsonl", "--html", "no/page.html"), 1, "no/page.html: No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    desk: Newsdesk, words: tuple[str, ...], status: int, line: str
) -> None:
    done = desk("eval", *words)
    assert done.returncode == status
    assert line in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [["golden.jsonl"], ["--init", "first.jsonl"]])
def test_an_empty_archive_is_called_that(empty: Newsdesk, words: list[str]) -> None:
    write(empty.folder / "golden.jsonl", QUESTIONS)
    done = empty("eval", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("newsdesk: The archive is empty: add articles with")
    assert done.stderr.count("\n") == 1
