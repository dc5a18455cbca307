"""Fit the regressions that make probabilities of what the reader says.

    .venv/bin/python -m training.calibrate

`evidence.json`, over sentences: does this sentence hold the answer? It chooses what is quoted.
Fitted on half of what the reader's training did not see (`training.kept`: articles of SQuAD,
invented briefs and stories).

`abstention_first.json` and `abstention.json`, over questions: does the archive answer at all? One
has what the first reading tells, the other what the second tells besides. Fitted on the same
questions and on two more development sets, the golden questions and MTRAG-UN's conversations; every
set weighs the same. The sentences' probabilities that go into them are cross-validated by question,
as are all figures that are printed.

Printed besides is how often the words that are pointed out are the answer, by how likely their
sentence answers: from that `SURE_OF_WORDS` in `retrieval/answering/extractive.py` is chosen.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from retrieval.answering.abstention import FIRST_MODEL, SECOND_MODEL, SURE, Signs, signs
from retrieval.answering.evidence import Evidence, EvidenceReader, Features
from retrieval.answering.extractive import answering_words
from retrieval.answering.rereading import Rereading, reread
from retrieval.assistant import EVIDENCE_MODEL, AnswerOptions
from retrieval.evaluation.external import ExternalSet
from retrieval.evaluation.golden import Case
from retrieval.evaluation.judging import has_gold
from retrieval.evaluation.metrics import is_answer
from retrieval.logistic import Logistic
from retrieval.search.condense import Query, condense
from retrieval.search.searcher import Searcher
from tests.in_process import shared_encoder, shared_reader
from tests.measuring import development
from training.kept import kept_briefs, kept_squad, kept_stories

NAMES = tuple(field.name for field in fields(Features))
FIRST = tuple(field.name for field in fields(Signs))
BOTH = FIRST + tuple(field.name for field in fields(Rereading))
FITTED = ("squad", "briefs", "stories")
"""The sets on which the regression over sentences is fitted."""

WITH_GOLD = (*FITTED, "golden")
"""The sets that have the words of the gold answers."""

FOLDS = 5
THRESHOLDS = (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7)
UNFITTED = Logistic(0.0, {"evidence": 0.5, "span": 0.3, "gap": 6.0, "found": 2.0, "kind": 0.4})
"""Ranks the sentences well enough to choose those whose vectors are compared."""

Array = npt.NDArray[np.float64]


@dataclass
class Observed:
    """The sentences read for a question: their features, and which hold the answer."""

    case: Case
    fold: int
    query: Query
    evidence: list[Evidence]
    features: Array
    holds: npt.NDArray[np.bool_]


@dataclass
class Told:
    """What a question's sentences come to: the signs, and which hold the answer, best first.

    `sure` is how likely the best answers, `right` whether the words it would point out are the
    answer; None where it has none to point out.
    """

    signs: Array
    ranked: npt.NDArray[np.bool_]
    sure: float
    right: bool | None


def main() -> int:
    """Fit, report, write."""
    if not development.available():
        print("The development sets are not there.", file=sys.stderr)
        return 1
    sources = {
        "squad": kept_squad(development.DATA, "calibrate"),
        "briefs": kept_briefs(development.DATA, "calibrate"),
        "stories": kept_stories("calibrate"),
        "golden": development.golden("dev"),
        "mtrag": development.mtrag(),
    }
    calibrate({name: observe(source) for name, source in sources.items()})
    return 0


def calibrate(sets: dict[str, list[Observed]]) -> None:
    """Fit both regressions on what was observed, print what they do, and write them."""
    training = [o for name in FITTED for o in sets[name]]
    sentences = fit_sentences(training)
    told = signs_of(sets, training, sentences)
    report(sets, told)
    by, kept = "training/calibrate.py", "parts of SQuAD, briefs and stories that were kept out"
    write_logistic(EVIDENCE_MODEL, NAMES, sentences, by, kept)
    for path, names in ((FIRST_MODEL, FIRST), (SECOND_MODEL, BOTH)):
        questions = fit_questions(sets, told, names)
        also = "the same, golden development questions and MTRAG-UN"
        write_logistic(path, names, questions, by, also)


def write_logistic(
    path: Path, names: Sequence[str], model: LogisticRegression, by: str, sets: str
) -> None:
    """Write and print a regression's weights, what fitted it, and on what."""
    record = {
        "fitted_by": by,
        "fitted_on": sets,
        "intercept": round(float(model.intercept_[0]), 4),
        "weights": {n: round(float(w), 4) for n, w in zip(names, model.coef_[0], strict=True)},
    }
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=2))


def observe(source: ExternalSet) -> list[Observed]:
    """What is seen of every question of a set that needs a search."""
    with tempfile.TemporaryDirectory() as home:
        searcher = development.build(source.articles, Path(home), shared_encoder())
        idle = ("smalltalk", "request", "injection")
        observed = [_observed(searcher, c) for c in source.cases if c.kind not in idle]
    return [one for one in observed if len(one.features)]


def _observed(searcher: Searcher, case: Case) -> Observed:
    query = condense(case.question.text, case.question.history)
    reader = EvidenceReader(searcher.embedded, UNFITTED)
    evidence = reader.weigh(searcher.search(query, 10, only=case.question.scope))
    rows = [[e.features.as_dict()[name] for name in NAMES] for e in evidence]
    answerable = case.expected.answerable
    holds = [answerable and has_gold(case, e.article.uri, e.text) for e in evidence]
    fold = int(hashlib.sha256(case.id.encode()).hexdigest(), 16) % FOLDS
    features = np.array(rows, dtype=np.float64)
    return Observed(case, fold, query, evidence, features, np.array(holds))


def fit_sentences(training: Sequence[Observed]) -> LogisticRegression:
    """The regression over all sentences of some questions, practically unregularized."""
    features = np.vstack([o.features for o in training])
    holds = np.concatenate([o.holds for o in training])
    return LogisticRegression(C=1000.0, max_iter=3000).fit(features, holds)


def signs_of(
    sets: dict[str, list[Observed]], training: Sequence[Observed], whole: LogisticRegression
) -> dict[int, Told]:
    """What each question's sentences come to, each by a regression that did not see it."""
    seen = {id(o) for o in training}
    models = [fit_sentences([o for o in training if o.fold != fold]) for fold in range(FOLDS)]
    told = {}
    for o in (o for group in sets.values() for o in group):
        model = models[o.fold] if id(o) in seen else whole
        chances = model.predict_proba(o.features)[:, 1]
        order = np.argsort(-chances)
        best = [replace(o.evidence[n], probability=float(chances[n])) for n in order]
        found = asdict(signs(best)) | asdict(reread(shared_reader(), o.query, best))
        told[id(o)] = Told(
            np.array([found[name] for name in BOTH]),
            o.holds[order],
            best[0].probability,
            _words_right(o.case, best[0]),
        )
    return told


def _words_right(case: Case, best: Evidence) -> bool | None:
    """Whether the words that a sentence points out are the gold answer; None without any."""
    words = answering_words(best)
    return is_answer(best.article.body[slice(*words)], case.expected.answers) if words else None


def fit_questions(
    sets: dict[str, list[Observed]],
    told: dict[int, Told],
    names: Sequence[str],
    without: int = -1,
) -> LogisticRegression:
    """The regression over questions and their first signs, as many as there are names, but for the
    questions of one fold; every set weighs the same."""
    kept = [(o, 1 / len(g)) for g in sets.values() for o in g if o.fold != without]
    rows = np.array([told[id(o)].signs[: len(names)] for o, _ in kept])
    answerable = [o.case.expected.answerable for o, _ in kept]
    weights = np.array([weight for _, weight in kept]) * len(kept) / len(sets)
    return LogisticRegression(C=1000.0, max_iter=3000).fit(rows, answerable, weights)


def chances(
    sets: dict[str, list[Observed]], told: dict[int, Told]
) -> tuple[dict[int, float], set[int]]:
    """The chance that each question has an answer, and the questions that are read again for it,
    each by regressions that did not see it."""
    chance, read_again = {}, set()
    for fold in range(FOLDS):
        first, both = (fit_questions(sets, told, names, fold) for names in (FIRST, BOTH))
        for o in (o for group in sets.values() for o in group if o.fold == fold):
            found = told[id(o)].signs[None]
            chance[id(o)] = first.predict_proba(found[:, : len(FIRST)])[0, 1]
            if chance[id(o)] < SURE:
                chance[id(o)] = both.predict_proba(found)[0, 1]
                read_again.add(id(o))
    return chance, read_again


def report(sets: dict[str, list[Observed]], told: dict[int, Told]) -> None:
    """Print, for each set, how good the best sentences are and what thresholds do."""
    chance, read_again = chances(sets, told)
    for name, group in sets.items():
        ranked = [told[id(o)].ranked for o in group if o.case.expected.answerable]
        best = (f"best {n} {np.mean([r[:n].any() for r in ranked]):.3f}" for n in (1, 2, 3))
        again = np.mean([id(o) in read_again for o in group])
        print(f"{name}: {len(group)} questions,", ", ".join(best), f"read again {again:.3f}")
    for threshold in THRESHOLDS:
        parts = []
        for name, group in sets.items():
            above = [(o.case.expected.answerable, chance[id(o)] >= threshold) for o in group]
            answered = np.mean([yes for answerable, yes in above if answerable])
            declined = np.mean([not yes for answerable, yes in above if not answerable])
            parts.append(f"{name} {answered:.3f} / {declined:.3f}")
        print(f"{threshold:4}: answered / declined:", ", ".join(parts))
    report_words({name: sets[name] for name in WITH_GOLD}, told, chance)


def report_words(
    sets: dict[str, list[Observed]], told: dict[int, Told], chance: dict[int, float]
) -> None:
    """Print, for each bound, in how many of the answers words are pointed out, and how often right.

    First of questions that have an answer, then of all: what nothing answers is never right.
    """
    least = AnswerOptions().answerable
    for bound in (0.0, *THRESHOLDS):
        parts = []
        for name, group in [*sets.items(), ("all", [o for g in sets.values() for o in g])]:
            answered = [o for o in group if chance[id(o)] >= least]
            answerable = [o for o in answered if o.case.expected.answerable]
            for some in (answerable, answered):
                right = [told[id(o)].right for o in some if told[id(o)].sure >= bound]
                pointed = [one for one in right if one is not None]
                parts.append(f"{name} {len(pointed) / len(some):.3f} {np.mean(pointed):.3f}")
        print(f"{bound:4}: words pointed out, right:", ", ".join(parts))


if __name__ == "__main__":
    sys.exit(main())
