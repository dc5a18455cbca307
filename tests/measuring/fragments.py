"""Answers that are no sentences, such as "107", to questions of the answers written by hand.

A true one is a short gold answer of the golden question, false ones are other figures or names of
the same passages.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from retrieval.checking.check import SupportCheck
from retrieval.checking.facts import find_facts
from retrieval.checking.names import find_names
from retrieval.checking.verdicts import Outcome, Source
from tests.measuring import development, written

LONGEST = 4
"""Words of a gold answer that counts as a fragment."""

FALSE, SOURCES = 3, 6
"""How many false ones are made of a question at most, and of how many of its passages."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """An answer that is no sentence, to a question, beside the passages of its prompt."""

    question: str
    text: str
    sources: tuple[Source, ...]
    true: bool


def read(half: str) -> list[Fragment]:
    """The fragments of a half, by question."""
    golden = {case.id: case for case in development.golden("dev").cases}
    found: list[Fragment] = []
    for asked in written.read(half):
        answers = golden[asked.id].expected.answers if asked.id in golden else ()
        if len(answers) != 1 or len(answers[0][0].split()) > LONGEST:
            continue
        false = [t for t in _others(answers[0], asked.sources) if t not in asked.question]
        chosen = random.Random(asked.id).sample(false, min(FALSE, len(false)))
        found.append(Fragment(asked.question, answers[0][0], asked.sources, true=True))
        found += [Fragment(asked.question, text, asked.sources, true=False) for text in chosen]
    return found


def shares(check: SupportCheck, fragments: Sequence[Fragment]) -> tuple[float, float]:
    """Return the share of the true ones that pass without a judge, and of the false that do not."""
    passed: dict[bool, list[bool]] = {True: [], False: []}
    for one in fragments:
        verdict = check.unjudged(one.text, one.sources, one.question)
        passed[one.true].append(verdict.outcome is Outcome.SUPPORTED)
    return fmean(passed[True]), 1 - fmean(passed[False])


def _others(gold: Sequence[str], sources: Sequence[Source]) -> list[str]:
    """The figures of some passages, or the names, that are not in a gold answer's wordings."""
    values = {fact.value for wording in gold for fact in find_facts(wording)}
    passages = [source.match.passage.text for source in sources[:SOURCES]]
    found = _figures(passages, values) if values else _names(passages)
    known = [wording.casefold() for wording in gold]
    return sorted(
        text
        for text in set(found)
        if not any(text.casefold() in wording or wording in text.casefold() for wording in known)
    )


def _figures(passages: Sequence[str], but: set[float]) -> Iterator[str]:
    for text in passages:
        yield from (text[f.start : f.end] for f in find_facts(text) if f.value not in but)


def _names(passages: Sequence[str]) -> Iterator[str]:
    for text in passages:
        yield from (name.phrase for name in find_names(text, lambda word: word.islower()))
