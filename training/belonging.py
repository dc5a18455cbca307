"""Fit what tells which sentences belong in an answer (`retrieval.answering.belonging`).

    .venv/bin/python -m training.belonging

`belonging.json`, for what is told beside the best; `sides.json`, for all that is told where
several values or sides are asked for.

Fitted on questions that the reader's training did not see (`training.kept`), those that want
several sentences among them, and on development questions over the sample archive. A sentence
belongs if it holds a part of the gold answer that no likelier one holds. Printed first is what
comes of it when a tenth of each set's questions at a time is kept out.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from retrieval.answering.asked import AskedForm
from retrieval.answering.belonging import Belonging, likely_ones, measured
from retrieval.answering.evidence import Evidence, EvidenceReader
from retrieval.answering.forms import Form
from retrieval.answering.read import Read
from retrieval.answering.sides import Sides
from retrieval.assistant import BELONGING_MODEL, EVIDENCE_MODEL, SIDES_MODEL
from retrieval.evaluation.external import ExternalSet
from retrieval.evaluation.golden import Case
from retrieval.evaluation.metrics import holds
from retrieval.logistic import load_logistic
from retrieval.search.condense import condense
from retrieval.search.searcher import Searcher
from retrieval.stopwatch import Stopwatch
from tests.in_process import shared_encoder
from tests.measuring import development
from training.calibrate import write_logistic
from training.kept import kept_briefs, kept_kinds, kept_squad, kept_stories

NAMES = tuple(field.name for field in fields(Belonging))
FITTED_ON = "questions kept out of the reader's training, and development questions"
FOLDS = 10
THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4)
MOST = 6
"""Sentences given, in what is printed."""

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Observed:
    """A question's sentences, best first: what is measured of them, and which parts each holds."""

    kind: str
    form: Form | None
    parts: int
    measured: Array
    held: list[frozenset[int]]
    words: list[int]

    @property
    def given(self) -> int:
        """How many of the best are given however likely: one, but for several values or sides."""
        return int(self.form is not Form.SIDES)

    @property
    def belong(self) -> npt.NDArray[np.bool_]:
        """Which hold a part that no likelier sentence holds."""
        seen: set[int] = set()
        news = []
        for held in self.held:
            news.append(bool(held - seen))
            seen |= held
        return np.array(news)


def main() -> int:
    """Observe, report, write."""
    if not development.available():
        print("The development sets are not there.", file=sys.stderr)
        return 1
    sources = [
        kept_kinds(),
        kept_stories("calibrate"),
        kept_briefs(development.DATA, "calibrate"),
        kept_squad(development.DATA, "calibrate"),
        development.golden("dev", "../kinds/dev"),
    ]
    sets = [observe(source) for source in sources]
    for of_sides, path in ((False, BELONGING_MODEL), (True, SIDES_MODEL)):
        some = [[o for o in group if (o.form is Form.SIDES) == of_sides] for group in sets]
        report(some)
        model = fit([o for group in some for o in group])
        write_logistic(path, NAMES, model, "training/belonging.py", FITTED_ON)
    return 0


def observe(source: ExternalSet) -> list[Observed]:
    """What is seen of every question of a set that has an answer."""
    with tempfile.TemporaryDirectory() as home:
        searcher = development.build(source.articles, Path(home), shared_encoder())
        reader = EvidenceReader(searcher.embedded, load_logistic(EVIDENCE_MODEL))
        asked = AskedForm(searcher.embedded.encode)
        observed = [
            _observed(searcher, reader, asked, case)
            for case in source.cases
            if case.expected.answerable and case.expected.answers
        ]
    return [one for one in observed if one is not None]


def _observed(
    searcher: Searcher, reader: EvidenceReader, asked: AskedForm, case: Case
) -> Observed | None:
    query = condense(case.question.text, case.question.history)
    found = searcher.search(query, 10, only=case.question.scope)
    evidence = reader.weigh(found)
    form = asked.form(query)
    if form is Form.SIDES and evidence:
        read = Read(case.question, query, found, evidence, evidence, 1.0, Stopwatch())
        evidence = Sides(searcher, reader).gathered(read).evidence
    if not evidence:
        return None
    some = likely_ones(evidence, form)
    rows = measured(some, reader.likenesses(query.text, [e.text for e in some]))
    return Observed(
        case.kind,
        form,
        case.expected.needed or len(case.expected.answers),
        np.array([list(asdict(row).values()) for row in rows]),
        [_held(case, e) for e in some],
        [len(e.text.split()) for e in some],
    )


def _held(case: Case, evidence: Evidence) -> frozenset[int]:
    """Return the numbers of the parts of the gold answer that a sentence holds."""
    if evidence.article.uri not in case.expected.articles:
        return frozenset()
    return frozenset(
        n
        for n, part in enumerate(case.expected.answers)
        if any(holds(evidence.text, wording) for wording in part)
    )


def fit(observed: Sequence[Observed]) -> LogisticRegression:
    """The regression over the sentences of some questions.

    But for several values or sides, without the best, which are given anyway.
    """
    rows = np.vstack([o.measured[o.given :] for o in observed])
    belong = np.concatenate([o.belong[o.given :] for o in observed])
    return LogisticRegression(C=1000.0, max_iter=5000).fit(rows, belong)


def report(sets: Sequence[Sequence[Observed]]) -> None:
    """Print, for each set's forms and each threshold, what the chosen sentences come to."""
    models = [
        fit([o for some in sets for n, o in enumerate(some) if n % FOLDS != fold])
        for fold in range(FOLDS)
    ]
    for some in sets:
        for form in dict.fromkeys(o.form for o in some):
            of_form = [(n, o) for n, o in enumerate(some) if o.form is form]
            for threshold in THRESHOLDS:
                told = [_told(o, models[n % FOLDS], threshold) for n, o in of_form]
                share, whole, sentences, words = np.mean(told, axis=0)
                name = f"{some[0].kind}, {form.value if form else 'plain'} ({len(told)})"
                print(
                    f"{name}, {threshold}: parts {share:.3f}, all {whole:.3f},"
                    f" {sentences:.2f} sentences, {words:.0f} words",
                    flush=True,
                )


def _told(o: Observed, model: LogisticRegression, threshold: float) -> tuple[float, ...]:
    """Return the share of the parts that is told, whether all are, and in how much."""
    chances = model.predict_proba(o.measured)[:, 1]
    ranked = [0] * o.given + [int(at) for at in np.argsort(-chances) if at >= o.given]
    told = [ranked[0], *(at for at in ranked[1:] if chances[at] >= threshold)][:MOST]
    held = len(frozenset().union(*(o.held[at] for at in told)))
    share = min(1.0, held / o.parts)
    return share, float(share == 1.0), len(told), sum(o.words[at] for at in told)


if __name__ == "__main__":
    sys.exit(main())
