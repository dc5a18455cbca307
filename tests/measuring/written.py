"""Answers written by hand from the very prompts, each sentence judged, with false twins.

tests/quality/written has them: what a capable model would reply, what somebody else says of each
sentence with the passages in hand, and for each true sentence the mistakes that models make.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from corpus.article import Article
from corpus.reading import read_file
from retrieval.archive.passages import Match, Passage
from retrieval.checking.check import SupportCheck
from retrieval.checking.judge import Ruling, ruled
from retrieval.checking.verdicts import Outcome, Source, Verdict
from tests.measuring.development import SAMPLE_ARCHIVE

FOLDER = Path(__file__).resolve().parents[1] / "quality" / "written"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a reply with its markers; `kind` is "true", "untrue" or a twin's mistake."""

    text: str
    true: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the passages of its prompt, and its reply, sentence by sentence.

    `half` is "dev" or "test", by the article that answers; nothing is fitted on "test".
    """

    id: str
    half: str
    question: str
    sources: tuple[Source, ...]
    reply: tuple[Sentence, ...]
    twins: tuple[Sentence, ...]


def read(half: str) -> list[Asked]:
    """The questions of a half, in order."""
    judged: dict[str, list[dict[str, Any]]] = {}
    for row in rows("sentences"):
        judged.setdefault(row["id"], []).append(row)
    return [
        Asked(
            row["id"],
            row["half"],
            row["question"],
            _sources(row["passages"]),
            tuple(
                Sentence(s["text"], s["true"], "true" if s["true"] else "untrue")
                for s in judged.get(row["id"], [])
            ),
            tuple(
                Sentence(t["text"], False, t["kind"])
                for s in judged.get(row["id"], [])
                for t in s["twins"]
            ),
        )
        for row in rows("questions")
        if row["half"] == half
    ]


ERRS = 0.03
"""How often the scripted judge is wrong."""

DRAWS = 100
"""How often chance decides anew where it errs: what is counted is the sum."""


@dataclass(slots=True)
class Tally:
    """What a check did with the sentences of some replies.

    `passed` counts by kind the sentences that got through, `all` those that were checked; `lost`
    are the answers with a true sentence of which none got through, of `answers`. Each counts once
    a draw of the judge's errors.
    """

    passed: Counter[str] = field(default_factory=Counter)
    all: Counter[str] = field(default_factory=Counter)
    lost: int = 0
    answers: int = 0

    @property
    def true_kept(self) -> float:
        """Return the share of the true sentences that got through."""
        return self.passed["true"] / self.all["true"]

    @property
    def false_stopped(self) -> float:
        """Return the share of the false sentences that did not."""
        return 1 - (self.passed.total() - self.passed["true"]) / (
            self.all.total() - self.all["true"]
        )


def tally(
    checked: Iterable[tuple[Asked, Sentence, Verdict]],
) -> Tally:
    """Count what gets through where the scripted judge rules on what was left in doubt."""
    checked, found = list(checked), Tally()
    for draw in range(DRAWS):
        kept: dict[str, bool] = {}
        for asked, sentence, verdict in checked:
            passes = judge(sentence, verdict, draw).outcome is Outcome.SUPPORTED
            found.all[sentence.kind] += 1
            found.passed[sentence.kind] += passes
            if sentence.true:
                kept[asked.id] = kept.get(asked.id, False) or passes
        found.answers += len(kept)
        found.lost += sum(not any_kept for any_kept in kept.values())
    return found


def check_all(
    check: SupportCheck, half: str, *, judged: bool
) -> list[tuple[Asked, Sentence, Verdict]]:
    """Check every sentence and twin of a half against the passages of its prompt."""
    way = check.check if judged else check.unjudged
    return [
        (asked, sentence, way(sentence.text, asked.sources, asked.question))
        for asked in read(half)
        for sentence in asked.reply + asked.twins
    ]


def judge(sentence: Sentence, verdict: Verdict, draw: int) -> Verdict:
    """Rule as a judge who errs in 3 of 100, by a chance that the sentence and the draw seed."""
    if verdict.outcome is not Outcome.DOUBTFUL:
        return verdict
    errs = random.Random(f"{draw} {sentence.text}").random() < ERRS
    true = sentence.true != errs
    return ruled(
        verdict, Ruling(number=1, problem="", verdict="supported" if true else "not stated")
    )


def rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of one of the files."""
    text = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def articles() -> list[Article]:
    """Return the sample archive and the invented briefs that the answers are about."""
    return list(_articles().values())


@cache
def _articles() -> dict[str, Article]:
    sample = {
        path.name: article
        for path in SAMPLE_ARCHIVE.iterdir()
        for article in read_file(path)
        if isinstance(article, Article)
    }
    return sample | briefs("briefs")


def briefs(name: str) -> dict[str, Article]:
    """Return the invented briefs of a file, by their ids."""
    return {
        row["id"]: Article(
            row["id"],
            row["title"],
            row["text"],
            row["outlet"],
            date.fromisoformat(row["published"]),
        )
        for row in rows(name)
    }


def _sources(passages: list[dict[str, Any]]) -> tuple[Source, ...]:
    found = []
    for number, place in enumerate(passages, start=1):
        article = _articles()[place["article"]]
        start, end = place["start"], place["end"]
        id_ = f"{article.id}-{start}-{end}"
        passage = Passage(id_, article.id, number, start, end, article.body[start:end])
        found.append(Source(number, Match(passage, article, 1.0)))
    return tuple(found)
