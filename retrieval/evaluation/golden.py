"""Golden questions: what is asked, and what is expected; read from JSON Lines files.

A line is an object:

    {"id": "q-1", "question": "When was the canal cleared?",
     "articles": ["2021-03-29-ever-given-freed.md"],
     "answers": [["29 March", "March 29"]]}

`articles` names the articles with the answer: the end of a file's path, a URI, or an article's
id. `answers` lists the parts that an answer must hold, each with the ways it may be worded.
Optional are `kind` (a word of your own; figures are given by it), `history` (a list of
{"question", "answer"}), `as_of` (a date: later articles do not exist), `paraphrase` (true where
the question has other words than the article), `answerable` (false where the archive has no
answer; without `articles` nothing else is possible), `needed` (how many parts are enough, of a
long list or a summary), `avoid` (what no right answer says) and `why` (what the question is there
for).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr, ValidationError

from corpus.cleaning import clean_text
from retrieval.answers import Question, Turn
from retrieval.errors import EvaluationError
from retrieval.evaluation.results import Expected


@dataclass(frozen=True, slots=True)
class Case:
    """A question with what is expected; `paraphrase` marks one in other words than the article's.

    `expected.articles` holds the URIs of the gold articles, as the archive has them.
    """

    id: str
    kind: str
    question: Question
    expected: Expected
    paraphrase: bool = False


class _Turn(BaseModel):
    question: StrictStr
    answer: StrictStr = ""


_Filled = Annotated[StrictStr, Field(min_length=1)]


class _Line(BaseModel):
    # A misspelt "articles" would make a question that is to be declined.
    model_config = ConfigDict(extra="forbid")

    id: _Filled
    question: _Filled
    articles: list[_Filled] = []
    answers: list[Annotated[list[_Filled], Field(min_length=1)]] = []
    needed: Annotated[int, Field(strict=True, ge=1)] | None = None
    avoid: list[_Filled] = []
    kind: _Filled = "question"
    history: list[_Turn] = []
    as_of: date | None = None
    paraphrase: StrictBool = False
    answerable: StrictBool | None = None
    why: StrictStr = ""
    seen: dict[str, Any] = {}
    """What a candidate of `newsdesk feedback --export` was answered; of no account here."""


def read_golden(paths: Sequence[Path], uris: Mapping[str, str]) -> list[Case]:
    """Return the questions of some files, in order. `uris` maps the archive's article ids to URIs.

    Raises:
        EvaluationError: a file cannot be read or holds no question; or lines are faulty, each of
            which has a line in the message.
    """
    cases: dict[str, Case] = {}
    faults: list[str] = []
    names = _Names(uris)
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8-sig").split("\n")
        except OSError as error:
            raise EvaluationError(f"{path} cannot be read: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise EvaluationError(f"{path} is not UTF-8 text.") from None
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                case = _case(line, names)
                if case.id in cases:
                    raise ValueError(f"the id {case.id!r} was there before")
                cases[case.id] = case
            except ValueError as error:
                faults.append(f"{path}:{number}: {error}.")
    if faults:
        raise EvaluationError("\n".join(faults))
    if not cases:
        raise EvaluationError(f"{', '.join(map(str, paths))}: no question in it.")
    return list(cases.values())


def _case(line: str, names: _Names) -> Case:
    """Return a line's question.

    Raises:
        ValueError: what is wrong with it.
    """
    try:
        fields = _Line.model_validate(json.loads(line))
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise ValueError(f"{place}: {problem['msg']}".removeprefix(": ")) from None
    except (json.JSONDecodeError, RecursionError):
        raise ValueError("not JSON") from None
    answerable = bool(fields.articles) if fields.answerable is None else fields.answerable
    if answerable and not fields.articles:
        raise ValueError("answerable, but no articles are named")
    if not answerable and fields.answers:
        raise ValueError("not answerable, but answers are given")
    if fields.needed and fields.needed > len(fields.answers):
        raise ValueError(f"needed: {fields.needed} of {len(fields.answers)} answers")
    articles = [uri for name in fields.articles for uri in names.find(name)]
    history = tuple(Turn(_plain(t.question), _plain(t.answer)) for t in fields.history)
    return Case(
        fields.id,
        fields.kind,
        Question(_plain(fields.question), history, fields.as_of),
        Expected(
            answerable,
            tuple(dict.fromkeys(articles)),
            tuple(tuple(part) for part in fields.answers),
            fields.why,
            needed=fields.needed or 0,
            avoided=tuple(fields.avoid),
        ),
        fields.paraphrase and answerable,
    )


def _plain(text: str) -> str:
    return " ".join(clean_text(text).split())


class _Names:
    """Finds articles by their id, their URI or the end of its path."""

    def __init__(self, uris: Mapping[str, str]) -> None:
        self._known: dict[str, list[str]] = {}
        for article_id, uri in uris.items():
            for name in {article_id, uri, *_ends(uri)}:
                self._known.setdefault(name, []).append(uri)

    def find(self, name: str) -> Iterable[str]:
        found = self._known.get(name.replace("\\", "/")) or self._known.get(name) or []
        if len(found) != 1:
            what = "is not in the archive" if not found else f"stands for {len(found)} articles"
            raise ValueError(f"the article {name!r} {what}")
        return found


def _ends(uri: str) -> Iterable[str]:
    parts = uri.replace("\\", "/").split("/")
    return ("/".join(parts[at:]) for at in range(len(parts)))
