"""Fits what tells a follow-up from a question that stands alone, and says how good it is.

    .venv/bin/python -m training.followups

Six people wrote what is typed in 226 conversations about the later stories (`training/followups`),
apart from one another, and two more wrote 480 questions with words that point back, to something
said before or to something in the question itself. Ordinary questions of the stories and of XQuAD's
development articles, and the development questions over the sample archive, stand alone. Printed is
how it does on what each of them wrote when it has learned the others', on the dialogues'
development split and on MTRAG-UN's questions labelled by hand, of which it learns none.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter

import numpy as np
from sklearn.linear_model import LogisticRegression

from retrieval.logistic import Logistic
from retrieval.search.followups import MODEL, features_of, is_follow_up
from tests.measuring import development, dialogues
from training.sources import STORIES, rows

WRITTEN = STORIES.parent / "followups"
LABELS = STORIES.parent.parent / "tests" / "quality" / "followups.json"
PLAIN = 700
"""Ordinary questions, beside those written for this."""

_LEAST_OFTEN = 3
"""Questions that a run of words has to be in."""

_LEAST_WEIGHT = 0.1
"""Runs that weigh less are left out."""

Asked = list[tuple[str, bool]]
"""Questions, and whether each is a follow-up."""


def main() -> int:
    """Report on each writer's questions after learning the others', then fit on all and write."""
    if not development.available():
        print("The development sets are not there.", file=sys.stderr)
        return 1
    written = _written()
    for writer, model in learned_without().items():
        _report(f"{writer}, learned from the others", model, written[writer])
    model = fit([asked for some in written.values() for asked in some] + _plain())
    _report("dialogues, development", model, _of_dialogues())
    _report("MTRAG-UN", model, _labelled())
    record = {
        "fitted_by": "training/followups.py",
        "intercept": model.intercept,
        "weights": model.weights,
    }
    MODEL.write_text(json.dumps(record, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(model.weights)} weights, {MODEL.stat().st_size / 1000:.0f} kB")
    return 0


def fit(asked: Asked) -> Logistic:
    """Return the regression over some questions."""
    found = [features_of(question) for question, _ in asked]
    counted = Counter(name for one in found for name in one)
    names = sorted(name for name, count in counted.items() if count >= _LEAST_OFTEN)
    table = np.array([[one.get(name, 0.0) for name in names] for one in found])
    model = LogisticRegression(max_iter=3000).fit(table, [follows for _, follows in asked])
    weights = {name: round(float(w), 2) for name, w in zip(names, model.coef_[0], strict=True)}
    return Logistic(
        round(float(model.intercept_[0]), 2),
        {name: w for name, w in weights.items() if abs(w) >= _LEAST_WEIGHT},
    )


def _report(name: str, model: Logistic, asked: Asked) -> None:
    told = [is_follow_up(question, model) for question, _ in asked]
    wanted = np.array([follows for _, follows in asked])
    right = np.array(told) == wanted
    print(
        f"{name}: {len(asked)} questions, {right.mean():.3f} right; of {wanted.sum()} follow-ups"
        f" {right[wanted].mean():.3f}, of the others {right[~wanted].mean():.3f}"
    )


def learned_without() -> dict[str, Logistic]:
    """For each writer, the regression over the questions of all others."""
    written, plain = _written(), _plain()
    return {
        writer: fit([a for other, some in written.items() if other != writer for a in some] + plain)
        for writer in written
    }


def conversations(writer: str) -> list[Asked]:
    """The questions of each conversation that somebody wrote."""
    held = rows(WRITTEN / f"{writer}.jsonl")
    return [[(turn["question"], turn["follows"]) for turn in row["turns"]] for row in held]


def _written() -> dict[str, Asked]:
    writers = (path.stem for path in sorted(WRITTEN.glob("*.jsonl")))
    return {writer: [a for held in conversations(writer) for a in held] for writer in writers}


def _plain() -> Asked:
    """Questions that were asked without a conversation."""
    stories = [row for path in sorted(STORIES.glob("*.jsonl")) for row in rows(path)]
    asked = [question["q"] for row in stories for question in row["questions"]]
    asked = random.Random(0).sample(asked, PLAIN)
    asked += [case.question.text for case in development.xquad().cases]
    asked = random.Random(1).sample(asked, PLAIN)
    golden = development.golden("dev", "../kinds/dev").cases
    alone = [case for case in golden if case.expected.answerable and not case.question.history]
    return [(question, False) for question in (*asked, *(c.question.text for c in alone))]


def _of_dialogues() -> Asked:
    held = dialogues.rows(dialogues.FOLDER / "dev.jsonl")
    turns = [turn for dialogue in held for turn in dialogue["turns"]]
    return [(turn["question"], turn["elliptical"]) for turn in turns if "elliptical" in turn]


def _labelled() -> Asked:
    labels = json.loads(LABELS.read_text(encoding="utf-8"))
    asked = {case.id: case.question.text for case in development.mtrag().cases}
    return [
        (asked[name], follows)
        for which, follows in (("followups", True), ("standalone", False))
        for name in labels[which]
    ]


if __name__ == "__main__":
    sys.exit(main())
