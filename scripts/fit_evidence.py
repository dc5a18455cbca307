"""Fit the weights of `retrieval/answering/evidence.json` on the development sets.

    .venv/bin/python -m scripts.fit_evidence

A logistic regression over sentences: does this sentence hold the answer? Fitted on XQuAD's
development articles, once with all of them in the archive and once with each half left out (a
sentence found for a question whose article is gone is never an answer), so that its probability
serves both to choose the sentence and to abstain. Prints, cross-validated by article, how often
the best sentences hold the answer and what each threshold answers and refuses; the golden
development questions and MTRAG-UN's conversations are looked at and not fitted.
"""

from __future__ import annotations

import json
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from retrieval.answering.evidence import EvidenceReader
from retrieval.assistant import AnswerOptions
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.evaluation.golden import Case
from retrieval.evaluation.judging import has_gold
from retrieval.logistic import Logistic
from retrieval.search.condense import condense
from retrieval.search.searcher import Searcher
from tests.measuring import development

ROOT = Path(__file__).resolve().parent.parent

NAMES = ("echo", "cosine", "gap", "kind")
FOLDS = 5
THRESHOLDS = (0.05, 0.08, 0.1, 0.12, 0.14, 0.16, 0.18, 0.2, 0.25, 0.3, 0.4)
UNFITTED = Logistic(0.0, dict.fromkeys(NAMES, 1.0))

Array = npt.NDArray[np.float64]


@dataclass
class Observed:
    """The sentences read for a question: their features, and which hold the answer."""

    case: Case
    fold: int
    features: Array
    holds: npt.NDArray[np.bool_]


def observe(searcher: Searcher, reader: EvidenceReader, cases: list[Case]) -> list[Observed]:
    """What the evidence reader sees for every question that needs a search."""
    observed = []
    options = AnswerOptions()
    folds = {name: n % FOLDS for n, name in enumerate(sorted({_group(c) for c in cases}))}
    for case in cases:
        query = condense(case.question.text, case.question.history)
        found = searcher.search(query, options.retrieved, until=case.question.as_of)
        readings = searcher.read(found, found.matches[: options.read])
        evidence = reader.gather(found, readings)
        rows = (e.features.as_dict() for e in evidence)
        features = np.array([[row[n] for n in NAMES] for row in rows])
        answerable = case.expected.answerable
        holds = np.array([answerable and has_gold(case, e.article.uri, e.text) for e in evidence])
        if len(evidence):
            observed.append(Observed(case, folds[_group(case)], features, holds))
    return observed


def main() -> int:
    """Fit, report, write."""
    if not development.available():
        print("The development sets are not there.", file=sys.stderr)
        return 1
    encoder = OnnxEncoder()
    reader = EvidenceReader(encoder, UNFITTED)
    with tempfile.TemporaryDirectory() as folder:
        sets: dict[str, list[Observed]] = {}
        sources = {
            "all": development.xquad(),
            "even": development.xquad(lambda n: n % 2 == 0),
            "odd": development.xquad(lambda n: n % 2 == 1),
            "mtrag": development.mtrag(),
            "golden": development.golden("dev"),
        }
        for name, source in sources.items():
            searcher = development.build(source.articles, Path(folder) / name, encoder)
            idle = ("smalltalk", "request", "injection")
            sets[name] = observe(searcher, reader, [c for c in source.cases if c.kind not in idle])
            articles = len(source.articles)
            print(f"{name}: {articles} articles, {len(sets[name])} questions", flush=True)
    training = sets["all"] + sets["even"] + sets["odd"]
    report(training, sets)
    model = fit(training)
    record = {
        "fitted_by": "scripts/fit_evidence.py",
        "fitted_on": "XQuAD development articles (24), whole and with either half left out",
        "intercept": round(float(model.intercept_[0]), 4),
        "weights": {n: round(float(w), 4) for n, w in zip(NAMES, model.coef_[0], strict=True)},
    }
    path = ROOT / "retrieval" / "answering" / "evidence.json"
    path.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=2))
    return 0


def fit(training: list[Observed]) -> LogisticRegression:
    """The regression over all sentences of some questions, practically unregularized."""
    features = np.vstack([o.features for o in training])
    holds = np.concatenate([o.holds for o in training])
    return LogisticRegression(C=1000.0, max_iter=3000).fit(features, holds)


def report(training: list[Observed], sets: dict[str, list[Observed]]) -> None:
    """Cross-validated on XQuAD; the other sets with the model of the last fold."""
    scores: dict[int, Array] = {}
    for fold in range(FOLDS):
        model = fit([o for o in training if o.fold != fold])
        for o in training:
            if o.fold == fold:
                scores[id(o)] = model.predict_proba(o.features)[:, 1]
    for o in sets["mtrag"] + sets["golden"]:
        scores[id(o)] = model.predict_proba(o.features)[:, 1]
    for name in ("all", "golden"):
        ranked = [
            o.holds[np.argsort(-scores[id(o)])] for o in sets[name] if o.case.expected.answerable
        ]
        print(name, *(f"best {n}: {np.mean([r[:n].any() for r in ranked]):.3f}" for n in (1, 2, 3)))
    best = {key: float(values.max()) for key, values in scores.items()}
    groups = {
        "half": sets["even"] + sets["odd"],
        "whole": sets["all"],
        "golden": sets["golden"],
        "mtrag": [o for o in sets["mtrag"] if o.case.kind != "UNDERSPECIFIED"],
    }
    for threshold in THRESHOLDS:
        parts = []
        for name, group in groups.items():
            answered = [best[id(o)] >= threshold for o in group if o.case.expected.answerable]
            refused = [best[id(o)] < threshold for o in group if not o.case.expected.answerable]
            share = np.mean(refused) if refused else np.nan
            parts.append(f"{name} {np.mean(answered):.3f} / {share:.3f}")
        print(f"{threshold:4}: answered / refused:", ", ".join(parts))
    shown = [o for o in sets["golden"] if o.case.kind == "unanswerable"]
    for o in sorted(shown, key=lambda o: best[id(o)]):
        print(f"  {best[id(o)]:.2f} {o.case.question.text}")


def _group(case: Case) -> str:
    """Questions on one article stay in one fold."""
    return min(case.expected.articles, default=case.id) if case.kind != "xquad" else case.id[:6]


if __name__ == "__main__":
    sys.exit(main())
