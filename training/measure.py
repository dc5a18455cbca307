"""What the shipped reader is worth, on questions and articles that its training did not see.

    .venv/bin/python -m training.measure

Prints a table in Markdown; values have their 95 % intervals (bootstrap over questions). The
public sets and the invented briefs lie beside the repository (`tests/measuring/development.py`).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from retrieval.evaluation.external import ExternalSet
from retrieval.evaluation.intervals import estimate, interval
from retrieval.evaluation.results import Record
from tests.in_process import shared_encoder
from tests.measuring import development
from training.kept import kept_briefs, kept_squad, kept_stories, unseen_xquad

Wanted = Callable[[Record], bool]


def main() -> int:
    """Every row, as its set is there."""
    print("| what | measured |\n|---|---|")
    for label, value in rows():
        print(f"| {label} | {value} |", flush=True)
    return 0


def rows() -> Iterator[tuple[str, str]]:
    """Yield each row's label and what was measured."""
    if development.available():
        found = asked(kept_squad(development.DATA, "report"))
        yield "SQuAD, articles kept apart: near-domain declined", refused(found, unanswerable)
        yield "… answerable answered", refused(found, answerable, negated=True)
        yield "… its answer holds the gold answer", mean(found, "holds")
        yield "… words an answer", mean(found, "words")
        yield from pointed(found)
        found = asked(kept_briefs(development.DATA, "report"))
        yield (
            "invented briefs kept apart, after a turn: holds the gold answer",
            mean(found, "holds"),
        )
        yield "… declined where the brief does not say", refused(found, unanswerable)
        yield "… answered where it does", refused(found, answerable, negated=True)
        yield from pointed(found)
    found = asked(kept_stories("report"))
    yield "invented stories kept apart: holds the gold answer", mean(found, "holds")
    yield "… declined where no article says", refused(found, unanswerable)
    yield "… answered where one does", refused(found, answerable, negated=True)
    yield from pointed(found)
    found = asked(development.golden("test"))
    yield "golden test split: right", mean(found, "right")
    yield "… in other words", mean(found, "right", lambda r: r.paraphrase)
    near = [r for r in found if r.kind == "unanswerable"]
    yield "… near-domain answered", refused(near, unanswerable, negated=True)
    yield from pointed(found)
    if development.available():
        whole = unseen_xquad(development.DATA, (0, 1))
        found = asked(whole)
        yield "XQuAD, articles kept apart: first passage has it", mean(found, "passage@1")
        yield "… holds the gold answer", mean(found, "holds")
        yield "… words an answer", mean(found, "words")
        halves = [r for half in (0, 1) for r in asked(unseen_xquad(development.DATA, (half,)))]
        yield "… half of them removed: refused", refused(halves, unanswerable)
        yield "… answered", refused(halves, answerable, negated=True)
        talks = [r for r in asked(development.mtrag()) if r.kind != "UNDERSPECIFIED"]
        yield "MTRAG-UN: declined", refused(talks, unanswerable)
        yield "… answered", refused(talks, answerable, negated=True)


def pointed(records: Sequence[Record]) -> Iterator[tuple[str, str]]:
    """Yield how many answers point out words, and how often these are the gold answer."""
    yield "… words pointed out, of answers where there is one", mean(records, "pointed", answerable)
    yield "… these are the gold answer", mean(records, "pointed_right", answerable)
    yield "… of all pointed out, where there is none too", mean(records, "pointed_right")


def asked(source: ExternalSet) -> list[Record]:
    """Ask the questions of a set over its articles."""
    with tempfile.TemporaryDirectory() as home:
        searcher = development.build(source.articles, Path(home), shared_encoder())
        return list(development.run(searcher, source.cases).records)


def answerable(record: Record) -> bool:
    """Whether a question has an answer in its archive."""
    return record.expected.answerable


def unanswerable(record: Record) -> bool:
    """Whether it has none."""
    return not record.expected.answerable


def refused(records: Iterable[Record], which: Wanted, *, negated: bool = False) -> str:
    """The share of some questions that were declined, or not."""
    return _shown([float(r.refused != negated) for r in records if which(r)])


def mean(records: Iterable[Record], metric: str, which: Wanted = lambda _: True) -> str:
    """The mean of a metric over the questions that have it."""
    return _shown([r.values[metric] for r in records if which(r) and metric in r.values])


def _shown(values: list[float]) -> str:
    low, high = interval(values)
    return f"{estimate(values):.3f} [{low:.3f}–{high:.3f}] (n {len(values)})"


if __name__ == "__main__":
    sys.exit(main())
