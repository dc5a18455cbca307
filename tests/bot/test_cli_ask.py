from __future__ import annotations

import json
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import SAMPLE_ARCHIVE, Newsdesk

TRUCE = "When did the third truce take effect?"
BREAD = "Any tips for baking banana bread?"

KEYS = [
    "question",
    "standalone_question",
    "answer",
    "refused",
    "engine",
    "citations",
    "retrieved",
    "usage",
    "timings_ms",
]
CITATION_KEYS = [
    "number",
    "article_id",
    "passage_id",
    "title",
    "source",
    "published",
    "url",
    "uri",
    "quote",
    "start",
    "end",
]


def jsonl(path: Path, *rows: object) -> Path:
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def failure(done: subprocess.CompletedProcess[str], status: int) -> str:
    """The one line of a failed command, which said nothing else."""
    assert done.returncode == status, done.stderr
    assert done.stdout == ""
    [line] = done.stderr.splitlines()
    assert line.startswith("newsdesk: ")
    return line


def test_an_answer_and_its_sources_in_plain_text(sample: Newsdesk) -> None:
    done = sample("ask", TRUCE)
    assert (done.returncode, done.stderr) == (0, "")
    answer, blank, *sources = done.stdout.splitlines()
    assert re.search(r"\w.* \[1\]", answer)
    assert blank == ""
    assert re.fullmatch(
        r"\[1\].* \S.* — Newsdesk sample archive, \d{1,2} [A-Z][a-z]+ 202\d", sources[0]
    )
    assert Path(sources[1].strip()).parent == SAMPLE_ARCHIVE
    assert "\x1b" not in done.stdout


def test_a_question_from_stdin_as_json_quotes_verbatim(sample: Newsdesk) -> None:
    done = sample("ask", "--json", "-", input=f"{TRUCE}\n")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert list(found) == [*KEYS, "answer_span"]
    span = found["answer_span"]
    assert span["text"] == found["answer"][span["start"] : span["end"]] != ""
    assert (found["question"], found["refused"]) == (TRUCE, False)
    assert found["standalone_question"] == TRUCE
    assert list(found["usage"]) == ["prompt_tokens", "completion_tokens", "cost_usd"]
    assert 0 < len(found["retrieved"]) <= 10
    for row in found["retrieved"]:
        assert list(row) == ["article_id", "uri", "passage_id", "score", "text"]
    scores = [row["score"] for row in found["retrieved"]]
    assert scores == sorted(scores, reverse=True)
    assert found["citations"]
    numbers = [citation["number"] for citation in found["citations"]]
    assert numbers == [int(mark) for mark in re.findall(r"\[(\d+)\]", found["answer"])]
    for citation in found["citations"]:
        assert list(citation) == CITATION_KEYS
        shown = json.loads(sample("sources", "show", citation["article_id"], "--json").stdout)
        assert shown["body"][citation["start"] : citation["end"]] == citation["quote"]
        assert (shown["title"], shown["uri"]) == (citation["title"], citation["uri"])


def test_a_refusal_is_no_failure_and_names_the_nearest_articles(sample: Newsdesk) -> None:
    done = sample("ask", BREAD)
    assert (done.returncode, done.stderr) == (0, "")
    first, blank, label, *titles = done.stdout.splitlines()
    assert first == "The archive does not answer that."
    assert (blank, label) == ("", "Nearest articles:")
    known = sample("sources").stdout
    assert titles
    assert all(title.startswith("  ") and title.strip() in known for title in titles)


def test_a_batch_answers_what_it_can_in_order(sample: Newsdesk, tmp_path: Path) -> None:
    path = jsonl(
        tmp_path / "questions.jsonl",
        {"id": "truce", "question": TRUCE},
        "",
        "{not json",
        {"id": 4, "question": " \n "},
        {"id": "bread", "question": BREAD},
        {"id": "list", "question": ["no"]},
        '{"id": NaN, "question": "Who?"}',
        {"id": "long", "question": "word " * 10_000},
        {"id": "day", "question": TRUCE, "as_of": "26 October"},
        {"id": "early", "question": TRUCE, "as_of": "2020-10-01"},
        {"id": "next", "question": "Who?", "history": [{"question": TRUCE, "answer": "Then."}]},
        {"id": "past", "question": "Who?", "history": "yes"},
        {"id": "rude", "question": f"\x1b[31m{TRUCE}\x07"},
        {"id": "\ud800", "question": "Hello"},
    )
    done = sample("ask", "--batch", path)
    assert (done.returncode, done.stderr) == (0, "")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == [
        *("truce", None, 4, "bread", "list", None, "long", "day", "early", "next", "past"),
        *("rude", "\ud800"),
    ]
    by_id: dict[Any, dict[str, Any]] = {row["id"]: row for row in rows if row["id"] is not None}
    errors = [row for row in rows if "error" in row]
    assert {row["id"] for row in errors} == {None, 4, "list", "long", "day", "past"}
    assert all(list(row) == ["id", "error"] and row["error"] for row in errors)
    assert list(by_id["truce"]) == ["id", *KEYS, "answer_span"]
    assert by_id["truce"]["citations"]
    assert by_id["bread"]["refused"]
    assert by_id["bread"]["citations"] == []
    assert all(
        row["uri"] < str(SAMPLE_ARCHIVE / "2020-10-02") for row in by_id["early"]["retrieved"]
    )
    assert by_id["next"]["standalone_question"] == f"{TRUCE} Who?"
    assert by_id["rude"]["question"] == TRUCE
    assert by_id["rude"]["answer"] == by_id["truce"]["answer"]
    assert by_id["\ud800"]["retrieved"] == []


@pytest.mark.process
def test_a_batch_answers_line_by_line_until_ctrl_c(sample: Newsdesk) -> None:
    with sample.start("ask", "--json", "--batch", "-") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number in range(2):
            process.stdin.write(json.dumps({"id": number, "question": TRUCE}) + "\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "newsdesk: Interrupted.\n")


def test_wrong_usage(sample: Newsdesk, tmp_path: Path) -> None:
    path = jsonl(tmp_path / "questions.jsonl", {"id": 1, "question": TRUCE})
    assert "one question, or --batch" in failure(sample("ask"), 2)
    assert "one question, or --batch" in failure(sample("ask", TRUCE, "--batch", path), 2)
    assert "empty" in failure(sample("ask", " \t "), 2)
    assert "empty" in failure(sample("ask", "-", input=""), 2)
    assert "49,999 characters" in failure(sample("ask", "word " * 10_000), 2)
    assert "No such file" in failure(sample("ask", "--batch", tmp_path / "none.jsonl"), 1)
    assert "directory" in failure(sample("ask", "--batch", tmp_path), 1)
    unknown = sample("answer")
    assert unknown.returncode == 2
    assert "No such command" in unknown.stderr


def test_an_empty_archive_says_how_to_fill_it(empty: Newsdesk) -> None:
    done = empty("ask", TRUCE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "newsdesk ingest FOLDER" in done.stdout


@pytest.mark.process
def test_a_reader_that_goes_away_is_no_reason_for_a_traceback(sample: Newsdesk) -> None:
    command = " ".join([*sample.command, "ask", f"'{TRUCE}'", "| head -0"])
    piped = subprocess.run(
        ["/bin/sh", "-c", command],
        capture_output=True,
        text=True,
        env=sample.environment,
        cwd=sample.folder,
        check=True,
    )
    assert (piped.stdout, piped.stderr) == ("", "")


@pytest.mark.process
def test_output_that_cannot_be_written(sample: Newsdesk) -> None:
    with Path("/dev/full").open("w") as full:
        done = sample.run("sources", stdout=full)
    assert done.returncode == 1
    assert re.fullmatch(r"newsdesk: .*No space left on device\.\n", done.stderr)


@pytest.mark.process
def test_an_encoding_without_the_letters(sample: Newsdesk) -> None:
    ascii_only = sample.told(PYTHONIOENCODING="ascii")
    done = ascii_only.run("sources", "--json")
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert json.loads(done.stdout) == json.loads(sample("sources", "--json").stdout)
    assert ascii_only.run("sources").returncode == 0


def test_a_question_without_quotation_marks(sample: Newsdesk) -> None:
    quoted, bare = sample("ask", TRUCE), sample("ask", *TRUCE.split())
    assert (bare.returncode, bare.stdout, bare.stderr) == (0, quoted.stdout, "")


def test_a_question_without_a_word_is_told_what_to_ask(sample: Newsdesk) -> None:
    for text in ("???", "🤔"):
        done = sample("ask", text)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("Ask me in words")
