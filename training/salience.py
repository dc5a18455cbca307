"""Fit what tells which sentences tell of a subject (`retrieval.answering.salience`).

    .venv/bin/python -m training.salience

`timeline.json` and `summary.json`, fitted on questions of invented stories
(`training/asked/telling.jsonl`) and on development questions over the sample archive. Half of the
stories are left out of the archive: of those nothing is to be told. Printed first is what comes
of it when a tenth of the questions at a time is kept out.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from retrieval.answering import gist, timeline
from retrieval.answering.forms import subject_of
from retrieval.answering.salience import Limits, Observed, Salience, chosen, observe
from retrieval.answering.salient import Candidate
from retrieval.archive.filters import EVERYTHING
from retrieval.evaluation.golden import Case
from retrieval.evaluation.metrics import holds
from retrieval.logistic import Logistic
from retrieval.search.condense import Query, condense
from retrieval.search.searcher import Searcher
from tests.in_process import shared_encoder
from tests.measuring import development
from training.calibrate import write_logistic
from training.sources import Telling, asked_to_tell

NAMES = tuple(field.name for field in fields(Salience))
FITTED_ON = "invented stories, and development questions"
KINDS = {"timeline": (timeline.MODEL, timeline.LIMITS), "summary": (gist.MODEL, gist.LIMITS)}
FOLDS = 10
LEFT_OUT = 2
"""One story of so many is not in the archive."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Told:
    """A question's sentences: which are `needed`, and which may stand beside those (`also`).

    `there` is whether the archive has anything to tell, and `of_story` whether of a story.
    """

    kind: str
    observed: Observed
    needed: npt.NDArray[np.bool_]
    also: npt.NDArray[np.bool_]
    parts: int
    there: bool
    of_story: bool

    @property
    def rows(self) -> Array:
        """What is measured, a row a sentence."""
        rows = [list(asdict(m).values()) for m in self.observed.measured]
        return np.array(rows, float).reshape(-1, len(NAMES))


def main() -> int:
    """Observe, report, write."""
    observed = [*_of_stories(), *_of_the_sample()]
    for kind, (path, limits) in KINDS.items():
        told = [one for one in observed if one.kind == kind]
        report(kind, told, limits)
        write_logistic(path, NAMES, fit(told), "training/salience.py", FITTED_ON)
    return 0


def _of_stories() -> Iterator[Told]:
    """Yield what is seen of the questions of invented stories."""
    articles, asked = asked_to_tell()
    stories = sorted({one.story for one in asked})
    away = set(random.Random(0).sample(stories, len(stories) // LEFT_OUT))
    there = [article for story, told in articles.items() if story not in away for article in told]
    with tempfile.TemporaryDirectory() as home:
        searcher = development.build(there, Path(home), shared_encoder())
        for one in asked:
            yield _told(searcher, one, there=one.story not in away)


def _told(searcher: Searcher, one: Telling, *, there: bool) -> Told:
    query = Query(one.question)
    observed = observe(searcher, query, subject_of(query), EVERYTHING)

    def are_in(places: Iterable[tuple[str, int, int]]) -> npt.NDArray[np.bool_]:
        return np.array(
            [any(_is_at(c, place) for place in places) for c in observed.sentences], bool
        )

    needed, also = are_in(one.needed), are_in(one.also)
    parts = len(one.needed)
    return Told(one.kind, observed, needed, also & ~needed, parts, there, of_story=True)


def _is_at(candidate: Candidate, place: tuple[str, int, int]) -> bool:
    uri, start, end = place
    sentence = candidate.sentence
    return candidate.article.uri == uri and sentence.start < end and start < sentence.end


def _of_the_sample() -> Iterator[Told]:
    """Yield what is seen of the development questions over the sample archive.

    Needed is what holds a part of the answer that none nearer to the subject holds.
    """
    source = development.golden("dev", "../kinds/dev")
    with tempfile.TemporaryDirectory() as home:
        searcher = development.build(source.articles, Path(home), shared_encoder())
        for case in source.cases:
            if case.kind in KINDS:
                query = condense(case.question.text, case.question.history)
                observed = observe(searcher, query, subject_of(query), case.question.scope)
                yield _of_case(case, observed)


def _of_case(case: Case, observed: Observed) -> Told:
    needed = np.zeros(len(observed.sentences), bool)
    parts = case.expected.answers if case.expected.answerable else ()
    seen: set[int] = set()
    for at in sorted(range(len(needed)), key=lambda at: -observed.measured[at].likeness):
        sentence = observed.sentences[at]
        if sentence.article.uri in case.expected.articles:
            held = {n for n, part in enumerate(parts) if any(holds(sentence.text, w) for w in part)}
            needed[at] = bool(held - seen)
            seen |= held
    return Told(case.kind, observed, needed, ~needed, len(parts), bool(parts), of_story=False)


def fit(told: Sequence[Told]) -> LogisticRegression:
    """The regression over the sentences of some questions.

    Without those that may or may not be told; of the sample archive's nobody said which those are.
    """
    rows = np.vstack([one.rows for one in told])
    needed = np.concatenate([one.needed for one in told])
    learned = ~np.concatenate([one.also & one.of_story for one in told])
    return LogisticRegression(C=100.0, max_iter=3000).fit(rows[learned], needed[learned])


def report(kind: str, told: Sequence[Told], limits: Limits) -> None:
    """Print what the chosen sentences come to for some limits, stories and sample apart.

    Of the sample nobody said what else is of use: there, that counts all.
    """
    folds = [
        _logistic(fit([one for n, one in enumerate(told) if n % FOLDS != fold]))
        for fold in range(FOLDS)
    ]
    for belonging in (0.1, 0.15, 0.2):
        for of_story in (True, False):
            tried = replace(limits, belonging=belonging, of_best=belonging + 0.05)
            some = [
                (one, chosen(one.observed, folds[n % FOLDS], tried))
                for n, one in enumerate(told)
                if one.of_story == of_story
            ]
            print(f"{kind}, {'stories' if of_story else 'sample'}, {belonging}: {_shown(some)}")


def _logistic(found: LogisticRegression) -> Logistic:
    weights = dict(zip(NAMES, map(float, found.coef_[0]), strict=True))
    return Logistic(float(found.intercept_[0]), weights)


def _shown(some: Sequence[tuple[Told, Sequence[Candidate]]]) -> str:
    needed, useful, sentences, none = [], [], [], []
    for one, quoted in some:
        told = np.array([any(_has(q, c) for q in quoted) for c in one.observed.sentences], bool)
        if not one.there:
            none.append(not quoted)
            continue
        needed.append((told & one.needed).sum() / one.parts)
        sentences.append(told.sum())
        if quoted:
            useful.append((told & (one.needed | one.also)).sum() / told.sum())
    return (
        f"{np.mean(needed):.3f} of what is needed, {np.mean(useful):.3f} of what is told is of"
        f" use, {np.mean(sentences):.1f} sentences of {len(needed)}; nothing where nothing is"
        f" {np.mean(none):.3f} of {len(none)}"
    )


def _has(quotation: Candidate, sentence: Candidate) -> bool:
    within, at = quotation.sentence, sentence.sentence.start
    return quotation.article.id == sentence.article.id and within.start <= at < within.end


if __name__ == "__main__":
    sys.exit(main())
