"""The questions kept out of the training: half to calibrate with, half to report on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

from retrieval.answers import Question, Turn
from retrieval.evaluation import external
from retrieval.evaluation.external import ExternalSet
from retrieval.evaluation.golden import Case
from retrieval.evaluation.results import Expected
from training.sources import (
    KEPT_SQUAD,
    STORIES,
    Asked,
    Source,
    asked_of_kinds,
    rows,
    squad,
    written,
)

Half = Literal["calibrate", "report"]

CALIBRATING_SQUAD = ("Construction", "Harvard_University")
"""Of the articles kept out of the training, those to calibrate with; the others are reported on."""

REPORTED_STORIES = 3
"""So many stories of a field of news, of three articles each, are reported on."""

CALIBRATING_BRIEFS = 50
"""So many briefs of each file kept out are to calibrate with, the others to report on."""


def kept_squad(data: Path, half: Half) -> ExternalSet:
    """Articles of SQuAD that the reader did not see, with the questions of 1.1 and 2.0."""
    uris = {f"squad/{name}" for name in CALIBRATING_SQUAD}
    return _archive(squad(data, kept=True), lambda uri: (uri in uris) == (half == "calibrate"))


def kept_briefs(data: Path, half: Half, name: str = "f") -> ExternalSet:
    """Invented briefs that the reader did not see, each question after a turn that names one."""
    folder = data / "reading"
    source = written(folder / f"{name}.jsonl", folder / f"{name}-answers.jsonl", kept=True)

    def chosen(uri: str) -> bool:
        return (int(uri.partition("-")[2]) <= CALIBRATING_BRIEFS) == (half == "calibrate")

    return _archive(source, chosen, told=True)


def kept_stories(half: Half) -> ExternalSet:
    """Invented stories that the reader did not see.

    To calibrate with, every tenth of those of which it learned the others; to report on, some of
    those that were written after it had learned.
    """
    if half == "calibrate":
        every = [written(path, kept=True) for path in sorted(STORIES.glob("*.jsonl"))]
    else:
        every = [written(path) for path in sorted((STORIES / "later").glob("*.jsonl"))]
    articles = [a for source in every for a in source.articles[: 3 * REPORTED_STORIES]]
    asked = [asked for source in every for asked in source.asked]
    return _archive(Source("stories", True, articles, asked), lambda _: True)


def kept_kinds() -> ExternalSet:
    """What was asked of whole stories that the reader did not see, with all parts of answers."""
    source = asked_of_kinds(kept=True)
    cases = []
    for number, asked in enumerate(source.asked):
        answering = dict.fromkeys(s.article.uri for s in asked.states if s.answer)
        parts = tuple((gold,) for gold in asked.golds)
        expected = Expected(True, tuple(answering), parts)
        cases.append(Case(f"kinds-{number}", "kinds", Question(asked.question), expected))
    every = [written(path, kept=True) for path in sorted(STORIES.glob("*.jsonl"))]
    return ExternalSet([a for one in every for a in one.articles], cases)


def _archive(source: Source, chosen: Callable[[str], bool], *, told: bool = False) -> ExternalSet:
    articles = {article.uri: article for article in source.articles if chosen(article.uri)}
    cases = []
    for number, asked in enumerate(source.asked):
        if asked.article not in articles:
            continue
        article = articles[asked.article]
        history: tuple[Turn, ...] = ()
        if told:
            first = article.body.partition(". ")[0]
            history = (Turn(f"What is known about {article.title}?", first, (article.id,)),)
        question = Question(asked.question, history)
        cases.append(Case(f"{source.name}-{number}", source.name, question, _expected(asked)))
    return ExternalSet(list(articles.values()), cases)


def _expected(asked: Asked) -> Expected:
    if not asked.stored:
        return Expected(False)
    return Expected(True, (asked.article,), (asked.golds,))


def unseen_xquad(data: Path, halves: Sequence[int]) -> ExternalSet:
    """The questions on XQuAD's articles that the reader did not see; those of `halves` are there.

    Questions on the others cannot be answered.
    """
    titles = [row["title"].replace(" ", "_") for row in rows(data / "xquad.jsonl")]
    unseen = [number for number, title in enumerate(titles) if title in KEPT_SQUAD]
    kept = [number for at, number in enumerate(unseen) if at % 2 in halves]
    source = external.xquad(data / "xquad.jsonl", lambda number: number in kept)
    every = external.xquad(data / "xquad.jsonl", lambda number: number in unseen)
    known = {case.id for case in every.cases if case.expected.answerable}
    return ExternalSet(source.articles, [case for case in source.cases if case.id in known])
