"""Public question sets, each as articles and questions: XQuAD, MTRAG-UN, and BEIR's layout.

An article's URI is the name that the set gives it. Figures of a set compare with those of
others as far as its own definition goes: see each reader.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.article import Article
from retrieval.answers import Question, Turn
from retrieval.errors import EvaluationError
from retrieval.evaluation.golden import Case
from retrieval.evaluation.results import Expected

MTRAG_ANSWERABLE = ("ANSWERABLE", "PARTIAL")


@dataclass(frozen=True, slots=True)
class ExternalSet:
    """The articles that make the archive, and the questions on it."""

    articles: list[Article]
    cases: list[Case]


def xquad(path: Path, keep: Callable[[int], bool] = lambda _: True) -> ExternalSet:
    """XQuAD (Artetxe et al., ACL 2020): articles for which `keep(number)`; questions on all.

    A line is `{"article", "title", "paragraphs": [{"text", "questions": [{"id", "question",
    "answers"}]}]}`. Questions on articles left out cannot be answered.

    Raises:
        EvaluationError: the file cannot be read, or is of another form.
    """
    articles: list[Article] = []
    cases: list[Case] = []
    for number, row in enumerate(_rows(path)):
        with _form(path, number):
            kept = keep(number)
            if kept:
                paragraphs = (" ".join(p["text"].split()) for p in row["paragraphs"])
                articles.append(Article(row["article"], row["title"], "\n\n".join(paragraphs)))
            for question in (q for p in row["paragraphs"] for q in p["questions"]):
                gold = (row["article"],) if kept else ()
                answers = (tuple(question["answers"]),) if kept else ()
                expected = Expected(kept, gold, answers)
                asked = Question(question["question"])
                cases.append(Case(question["id"], "xquad", asked, expected))
    return ExternalSet(articles, cases)


def mtrag(folder: Path) -> ExternalSet:
    """MTRAG-UN (IBM): passages, each an article, and the last questions of conversations.

    Read are `mtragun-passages.jsonl` (`{"id", "text"}`) and `mtragun-tasks.jsonl` (`{"id",
    "question", "history", "answerability", "relevant"}`). A question that is partly answerable
    is answerable here; one that is underspecified is not.

    Raises:
        EvaluationError: a file cannot be read, or is of another form.
    """
    articles: list[Article] = []
    cases: list[Case] = []
    path = folder / "mtragun-passages.jsonl"
    for number, row in enumerate(_rows(path)):
        with _form(path, number):
            title, _, body = row["text"].partition("\n")
            articles.append(Article(row["id"], title, " ".join((body or title).split())))
    path = folder / "mtragun-tasks.jsonl"
    for number, row in enumerate(_rows(path)):
        with _form(path, number):
            history = tuple(Turn(h["question"], h["answer"]) for h in row["history"])
            kind = row["answerability"]
            expected = Expected(kind in MTRAG_ANSWERABLE, tuple(dict.fromkeys(row["relevant"])))
            cases.append(Case(row["id"], kind, Question(row["question"], history), expected))
    return ExternalSet(articles, cases)


def beir(folder: Path, split: str = "test") -> ExternalSet:
    """Return a set in BEIR's layout (Thakur et al., NeurIPS 2021): documents and judged queries.

    Read are `corpus.jsonl` (`{"_id", "title", "text"}`), `queries.jsonl` (`{"_id", "text"}`) and
    `qrels/<split>.tsv` (query, document, grade; a heading first). nDCG@10 is BEIR's own figure:
    grades are linear gains, as in trec_eval; a search ranks the distinct documents of its ten
    best passages. Queries without a judged document of the corpus are left out.

    Raises:
        EvaluationError: a file cannot be read, or is of another form.
    """
    articles: list[Article] = []
    path = folder / "corpus.jsonl"
    for number, row in enumerate(_rows(path)):
        with _form(path, number):
            title, text = str(row.get("title") or ""), " ".join(row["text"].split())
            if title or text:
                articles.append(Article(str(row["_id"]), title, text or title))
    known = {article.uri for article in articles}
    judged = _qrels(folder / "qrels" / f"{split}.tsv")
    cases: list[Case] = []
    path = folder / "queries.jsonl"
    for number, row in enumerate(_rows(path)):
        with _form(path, number):
            grades = judged.get(str(row["_id"]), {})
            grades = {uri: grade for uri, grade in grades.items() if grade > 0 and uri in known}
            if grades:
                expected = Expected(True, tuple(grades), grades=tuple(grades.values()))
                cases.append(Case(str(row["_id"]), "beir", Question(row["text"]), expected))
    if not cases:
        raise EvaluationError(f"{folder}: no query has a judged document in its corpus.")
    return ExternalSet(articles, cases)


def _qrels(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            next(rows, None)
            for number, row in enumerate(rows, start=1):
                with _form(path, number):
                    query, document, grade = row
                    found.setdefault(query, {})[document] = int(grade)
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror}.") from None
    return found


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines):
                if line.strip():
                    with _form(path, number):
                        row = json.loads(line)
                    yield row
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror}.") from None


@contextmanager
def _form(path: Path, number: int) -> Iterator[None]:
    """Turn what a line of another form raises into a message that names it; lines count from 0."""
    try:
        yield
    except KeyError as error:
        raise EvaluationError(f"{path}:{number + 1}: {error} is missing.") from None
    except (ValueError, TypeError, AttributeError) as error:
        raise EvaluationError(f"{path}:{number + 1}: {error}.") from None
