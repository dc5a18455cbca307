"""Golden files: what a line may say, and what is said of a line that is wrong."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.telegram.storage.feedback import DOWN, Verdict, candidate
from corpus.article import Article
from retrieval.errors import EvaluationError
from retrieval.evaluation.golden import Case, read_golden
from retrieval.evaluation.starter import starter

URIS = {"0a": "/news/2021/canal.md", "0b": "/news/2020/canal.md", "0c": "/news/truce.md"}


def read(tmp_path: Path, *rows: Any) -> list[Case]:
    path = tmp_path / "golden.jsonl"
    lines = (row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_golden([path], URIS)


def test_a_full_line(tmp_path: Path) -> None:
    (case,) = read(
        tmp_path,
        {
            "id": "q-1",
            "kind": "when",
            "question": " When was  it cleared? ",
            "history": [{"question": "What of the canal?", "answer": "It was blocked."}],
            "as_of": "2021-04-01",
            "articles": ["2021/canal.md", "0c"],
            "answers": [["29 March", "March 29"], ["six days"]],
            "paraphrase": True,
            "why": "two parts",
        },
    )
    assert case.question.text == "When was it cleared?"
    assert case.question.history[0].answer == "It was blocked."
    assert case.question.as_of == date(2021, 4, 1)
    assert case.expected.articles == ("/news/2021/canal.md", "/news/truce.md")
    assert case.expected.answers == (("29 March", "March 29"), ("six days",))
    assert case.expected.answerable
    assert case.paraphrase


def test_a_question_without_articles_is_to_be_declined(tmp_path: Path) -> None:
    (case,) = read(tmp_path, {"id": "q", "question": "What is love?"})
    assert not case.expected.answerable
    assert case.kind == "question"


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("{", "not JSON"),
        ("[]", "Input should be"),
        ({"id": "q", "question": ""}, "question: String should have at least 1 character"),
        ({"id": 7, "question": "a"}, "id: Input should be a valid string"),
        ({"id": "q", "question": "a", "article": ["truce.md"]}, "article: Extra inputs"),
        ({"id": "q", "question": "a", "articles": ["peace.md"]}, "'peace.md' is not in the arch"),
        ({"id": "q", "question": "a", "articles": ["canal.md"]}, "'canal.md' stands for 2 art"),
        ({"id": "q", "question": "a", "answerable": True}, "answerable, but no articles"),
        ({"id": "q", "question": "a", "answers": [["x"]]}, "not answerable, but answers"),
        (
            {"id": "q", "question": "a", "articles": ["truce.md"], "answers": ["x"]},
            "answers.0: Input should be a valid list",
        ),
        (
            {"id": "q", "question": "a", "articles": ["truce.md"], "answers": [["x"]], "needed": 2},
            "needed: 2 of 1 answers",
        ),
        ({"id": "q", "question": "a", "as_of": "soon"}, "as_of: Input should be a valid date"),
    ],
)
def test_a_faulty_line_is_named(tmp_path: Path, row: Any, fault: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        read(tmp_path, {"id": "fine", "question": "What?"}, row)
    assert f"golden.jsonl:2: {fault}" in str(raised.value).replace("the article ", "")
    assert "\n" not in str(raised.value)


def test_every_faulty_line_is_named(tmp_path: Path) -> None:
    same = {"id": "q", "question": "What?"}
    with pytest.raises(EvaluationError) as raised:
        read(tmp_path, same, same, "{")
    assert [line.split(": ", 1)[1] for line in str(raised.value).split("\n")] == [
        "the id 'q' was there before.",
        "not JSON.",
    ]


def test_a_file_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="no question in it"):
        read(tmp_path, "")
    with pytest.raises(EvaluationError, match="cannot be read: No such file"):
        read_golden([tmp_path / "none.jsonl"], URIS)


def test_a_first_golden_file_can_be_read(tmp_path: Path) -> None:
    bodies = (
        "It was a day. The mayor of Orb, Ana Duarte, said on 3 May 2021 that 212 people had lost "
        "their homes in 1990.",
        "The bridge across the river Orb was opened on Sunday, 9 May, after years of delay.",
        "The flood in the valley of the river Orb cost $3.5 million in repairs, officials said.",
        "In the valley of Orb it had rained for many days and nobody knew why.",
    )
    articles = [Article(f"/news/{n}.md", f"Story {n}", body) for n, body in enumerate(bodies)]
    (tmp_path / "first.jsonl").write_text(starter(articles), encoding="utf-8")
    cases = read_golden([tmp_path / "first.jsonl"], {a.id: a.uri for a in articles})
    assert [(case.question.text, case.expected.answers) for case in cases[:3]] == [
        ("Orb: how many people had lost their homes in 1990?", (("212",),)),
        (
            "When was it that the bridge across the river Orb was opened after years of delay?",
            (("9 May", "May 9"),),
        ),
        ("Orb: how much in repairs?", (("3.5 million",),)),
    ]
    assert [case.expected.articles for case in cases] == [
        *((article.uri,) for article in articles[:3]),
        (),
        (),
    ]
    assert "Story 0: “The mayor of Orb" in cases[0].expected.why


def test_a_candidate_of_the_bots_users_can_be_read_once_it_is_filled_in(tmp_path: Path) -> None:
    content = {
        "question": "And when?",
        "standalone_question": "When was the canal cleared?",
        "answer": "The archive does not answer that.",
        "refused": True,
        "citations": [],
        "retrieved": [],
    }
    disliked = candidate(1, Verdict(7, 5, "2026-11-24T12:00:00+00:00", DOWN, content))
    filled = {"articles": ["2021/canal.md"], "answers": [["29 March"]], "answerable": True}
    (case,) = read(tmp_path, disliked | filled)
    assert case.question.text == "When was the canal cleared?"
    assert case.expected.answers == (("29 March",),)
