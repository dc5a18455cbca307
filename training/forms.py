"""Fits the model that tells which form of answer a question asks for, and says how good it is.

    .venv/bin/python -m training.forms

Its questions are in `training/forms/`, written by hand by five people apart from one another, with
many near misses; besides, ordinary ones of `training/stories` and of XQuAD's development articles,
beside the repository, are learned as plain questions. Printed is how it does on the questions of
each when it has learned those of the others, and then on the development questions of kinds and on
plain ones of SQuAD that are kept apart. The former are not learned from: they are of one archive,
whose subjects would be learned with them.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from retrieval.answering.asked import FORMS, FormModel
from retrieval.answering.forms import Form
from retrieval.evaluation.external import ExternalSet
from retrieval.onnx_model import Floats
from retrieval.text.runs import runs_of
from tests.in_process import shared_encoder
from tests.measuring import development
from training.kept import kept_squad

ROOT = Path(__file__).resolve().parent.parent
WRITERS = ("a", "b", "c", "d", "e", "f")
PLAIN = 1500
"""Ordinary questions, beside those written for this."""

_OF_SIDES = ("changed", "differ", "comparison")
"""Kinds of questions that ask for several values or sides."""

_SCALE = 4.0
"""What a vector is multiplied with: its numbers are small beside a run's 1."""

_REGULARIZED = 3.0
_LEAST_OFTEN = 3
"""Questions that a run of words has to be in."""

_LEAST_WEIGHT = 0.15
"""Runs that weigh less for every form are left out."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions, with the number of the form of each in `FORMS`."""

    questions: list[str]
    forms: list[int]

    def __add__(self, other: Asked) -> Asked:
        return Asked(self.questions + other.questions, self.forms + other.forms)


def main() -> int:
    """Report on each writer's questions after learning the others', then fit on all and write."""
    written = {writer: _written(writer) for writer in WRITERS}
    plain = _plain()
    for writer, theirs in written.items():
        others = [asked for other, asked in written.items() if other != writer]
        _report(f"{writer}, learned from the others", fit(sum(others, plain)), theirs)
    model = fit(sum(written.values(), plain))
    _report("kinds, development", model, _of_kinds())
    _report("SQuAD", model, _all_plain(kept_squad(development.DATA, "report")))
    _write(model)
    return 0


def fit(asked: Asked) -> FormModel:
    """Return the model of some questions."""
    counted = Counter(run for question in asked.questions for run in runs_of(question))
    runs = sorted(run for run, count in counted.items() if count >= _LEAST_OFTEN)
    place = {run: at for at, run in enumerate(runs)}
    rows = np.zeros((len(asked.questions), len(runs)), dtype=np.float32)
    for row, question in zip(rows, asked.questions, strict=True):
        row[[place[run] for run in runs_of(question) if run in place]] = 1
    features = np.hstack([rows, _SCALE * _vectors(asked.questions)])
    found = LogisticRegression(C=_REGULARIZED, max_iter=3000).fit(features, asked.forms)
    weights = found.coef_.T.round(3)
    kept = {
        run: row
        for run, row in zip(runs, weights[: len(runs)], strict=True)
        if abs(row).max() >= _LEAST_WEIGHT
    }
    return FormModel(found.intercept_.round(3), kept, _SCALE * weights[len(runs) :].T)


def _vectors(questions: Sequence[str]) -> Floats:
    encoder = shared_encoder()
    batches = [questions[at : at + 64] for at in range(0, len(questions), 64)]
    return np.vstack([encoder.encode(list(batch)) for batch in batches])


def _report(name: str, model: FormModel, asked: Asked) -> None:
    told = [
        FORMS.index(model.form_of(question, vector))
        for question, vector in zip(asked.questions, _vectors(asked.questions), strict=True)
    ]
    right = np.mean(np.array(told) == asked.forms)
    print(f"{name}: {len(told)} questions, {right:.3f} right")
    for at in range(len(FORMS)):
        taken = Counter(t for t, wanted in zip(told, asked.forms, strict=True) if wanted == at)
        names = (f"{_name(n)} {count}" for n, count in sorted(taken.items()))
        if taken:
            print(f"  {_name(at):10}", ", ".join(names))


def _name(at: int) -> str:
    form = FORMS[at]
    return form.value if form else "plain"


def _written(writer: str) -> Asked:
    rows = list(_rows([ROOT / "training" / "forms" / f"{writer}.jsonl"]))
    names = [_name(at) for at in range(len(FORMS))]
    return Asked([row["question"] for row in rows], [names.index(row["form"]) for row in rows])


def _of_kinds() -> Asked:
    rows = _rows([ROOT / "tests" / "quality" / "kinds" / "dev.jsonl"])
    forms = {form.value: FORMS.index(form) for form in Form}
    forms |= dict.fromkeys(_OF_SIDES, FORMS.index(Form.SIDES))
    return Asked([row["question"] for row in rows], [forms.get(row["kind"], 0) for row in rows])


def _plain() -> Asked:
    stories = sorted((ROOT / "training" / "stories").glob("*.jsonl"))
    asked = [question["q"] for row in _rows(stories) for question in row["questions"]]
    some = random.Random(0).sample(asked, PLAIN)
    return Asked(some, [0] * PLAIN) + _all_plain(development.xquad())


def _all_plain(source: ExternalSet) -> Asked:
    return Asked([case.question.text for case in source.cases], [0] * len(source.cases))


def _rows(paths: Iterable[Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for path in paths for line in path.read_text("utf-8").splitlines()]


def _write(model: FormModel) -> None:
    """Write the weights, a run of words or a row of the vector a line."""
    runs = (f"{json.dumps(run)}: {_numbers(row)}" for run, row in model.runs.items())
    rows = ",\n".join(_numbers(row) for row in model.vector)
    record = (
        '{"fitted_by": "training/forms.py",\n'
        f'"intercepts": {_numbers(model.intercepts)},\n'
        '"runs": {\n' + ",\n".join(runs) + "\n},\n"
        f'"vector": [\n{rows}\n]}}\n'
    )
    path = ROOT / "retrieval" / "answering" / "forms.json"
    path.write_text(record, encoding="utf-8")
    print(f"{len(model.runs)} runs of words, {path.stat().st_size / 1000:.0f} kB")


def _numbers(row: Iterable[float]) -> str:
    return json.dumps([round(float(number), 3) for number in row])


if __name__ == "__main__":
    sys.exit(main())
