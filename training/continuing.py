"""Fits what tells whether a question goes on with its conversation, once it was read both ways.

    .venv/bin/python -m training.continuing

The conversations are those of `training/followups`, about the later stories, which are the archive.
What a question's words tell comes from weights that did not learn its writer's questions
(`training.followups`). Printed is, cross-validated, how many are told rightly by the words and
the rules where words do not tell (as where a question is read once), and by both readings there.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from retrieval.answering.continuing import CONTINUING_MODEL, BothWays, both_ways
from retrieval.answering.evidence import EvidenceReader
from retrieval.answering.question_reader import QuestionReader
from retrieval.answers import Question, Turn
from retrieval.assistant import EVIDENCE_MODEL, AnswerOptions
from retrieval.logistic import Logistic, load_logistic
from retrieval.search.condense import Query, with_conversation
from retrieval.search.followups import is_follow_up, is_unsure
from retrieval.stopwatch import Stopwatch
from tests.in_process import shared_encoder
from tests.measuring import development
from training.calibrate import write_logistic
from training.followups import conversations, learned_without
from training.sources import STORIES, written

NAMES = tuple(field.name for field in fields(BothWays))
WRITERS = "abcdef"
"""Those who wrote conversations; what the others wrote are questions one by one."""

EVERY = 2
"""Of the conversations, each second one is read."""


@dataclass(frozen=True)
class Asked:
    """A question after the first: what tells whether it goes on, and whether it does."""

    told: BothWays
    is_unsure: bool
    by_words: bool
    follows: bool


def main() -> int:
    """Read, report, fit on all, write."""
    if not development.available():
        print("The development sets are not there.", file=sys.stderr)
        return 1
    stories = [written(path) for path in sorted((STORIES / "later").glob("*.jsonl"))]
    articles = [article for source in stories for article in source.articles]
    asked = []
    with tempfile.TemporaryDirectory() as home:
        searcher = development.build(articles, Path(home), shared_encoder())
        evidence = EvidenceReader(searcher.embedded, load_logistic(EVIDENCE_MODEL))
        reader = QuestionReader(searcher, evidence, AnswerOptions().retrieved)
        models = learned_without()
        for writer in WRITERS:
            for conversation in conversations(writer)[::EVERY]:
                asked += read_through(conversation, reader, models[writer])
    report(asked)
    return 0


def read_through(
    turns: Sequence[tuple[str, bool]], reader: QuestionReader, words: Logistic
) -> list[Asked]:
    """Read each question of a conversation both ways, given whether it goes on."""
    asked: list[Asked] = []
    history: list[Turn] = []
    for text, follows in turns:
        question = Question(text, tuple(history))
        read = alone = reader.read(question, Query(text), Stopwatch())
        if going_on := with_conversation(text, history):
            together = reader.read(question, going_on, Stopwatch())
            told = both_ways(text, alone.chance, together.chance, words)
            asked.append(Asked(told, is_unsure(text, words), is_follow_up(text, words), follows))
            read = together if follows else alone
        history.append(Turn(text, "", tuple(e.article.id for e in read.evidence[:1])))
    return asked


def report(asked: list[Asked]) -> None:
    """Print what is told, and write the regression over all."""
    table = np.array([astuple(one.told) for one in asked])
    follows = np.array([one.follows for one in asked])
    unsure = np.array([one.is_unsure for one in asked])
    by_words = np.array([one.by_words for one in asked])
    # Most questions of a conversation go on with it; to take one for another is as bad either way.
    model = LogisticRegression(C=10, max_iter=3000, class_weight="balanced")
    both = np.where(unsure, cross_val_predict(model, table, follows, cv=10), by_words)
    print(f"{len(asked)} questions, of which {unsure.sum()} are read both ways")
    for name, said in (("words and rules", by_words), ("both readings", both)):
        right = said == follows
        print(f"{name}: {right.mean():.3f} right, of those {right[unsure].mean():.3f}")
    write_logistic(
        CONTINUING_MODEL, NAMES, model.fit(table, follows), "training/continuing.py", "followups"
    )


if __name__ == "__main__":
    sys.exit(main())
