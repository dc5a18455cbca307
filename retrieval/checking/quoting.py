"""Chooses the sentences that bear a written one, claim by claim: they become its citations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache

import numpy as np

from retrieval.checking.agreement import supports
from retrieval.checking.evidence import Unit
from retrieval.checking.facts import Fact, find_facts
from retrieval.checking.names import key, keys
from retrieval.checking.verdicts import Quote, Source
from retrieval.onnx_model import Floats
from retrieval.text.words import content_words

MOST = 4
"""Quotes of a sentence at most."""

_SHARED = 0.4
"""What it counts beside the cosine that all of a claim's figures and words stand in a sentence."""

_CITED = 0.1
"""What it counts that the model cited the passage: of two that say it, the cited one is quoted."""

_ENOUGH = 0.15
"""How much worse a sentence that is quoted already may be for another claim than its best."""

_NEAR = 0.3
"""The cosine that a sentence must have to be quoted for a figure alone."""


def quotes_for(
    claims: Sequence[str],
    units: Sequence[Unit],
    likeness: Floats,
    sources: Sequence[Source],
    cited: Collection[int],
) -> tuple[Quote, ...]:
    """Return the quotes that bear a sentence, best first.

    `claims` are its clauses, or itself alone; `likeness` compares them with the units, an array of
    (claims, units). Each claim has its best unit. A figure that none of these has is quoted from
    the unit that is likest among those that have it.
    """
    found = [_source_of(unit, sources, cited) for unit in units]
    share = np.array([[_share(claim, unit.text) for unit in units] for claim in claims])
    favour = np.array([_CITED * (source.number in cited) for source in found])
    scores = likeness + _SHARED * share + favour
    chosen: list[int] = []
    for row in scores:
        _choose(chosen, row, range(len(units)))
    for claim, row, near in zip(claims, scores, likeness > _NEAR, strict=True):
        for fact in _facts(claim):
            having = [i for i, unit in enumerate(units) if _has(unit.text, fact)]
            if not set(having) & set(chosen):
                _choose(chosen, row, [i for i in having if near[i]])
    places = [(found[i].match, units[i].start, len(units[i].text)) for i in chosen[:MOST]]
    return tuple(Quote(match, start, start + length) for match, start, length in places)


def _choose(chosen: list[int], scores: Floats, candidates: Sequence[int]) -> None:
    """Add the best candidate, unless one that is chosen already is about as good."""
    best = max(candidates, key=lambda i: scores[i], default=None)
    kept = max((scores[i] for i in chosen if i in candidates), default=-1.0)
    if best is not None and scores[best] > kept + _ENOUGH:
        chosen.append(best)


def _source_of(unit: Unit, sources: Sequence[Source], cited: Collection[int]) -> Source:
    """Return a passage that has a unit, a cited one if there is one."""
    end = unit.start + len(unit.text)
    having = [
        source
        for source in sources
        if source.match.article.id == unit.article.id
        and source.match.passage.start <= unit.start
        and end <= source.match.passage.end
    ]
    return min(having, key=lambda source: source.number not in cited)


def _share(claim: str, text: str) -> float:
    """Return the share of a claim's words that stand in a text, in one form or another."""
    wanted = {key(word) for word in content_words(claim)}
    return len(wanted & keys(text)) / len(wanted) if wanted else 0.0


def _has(text: str, fact: Fact) -> bool:
    return any(supports(known, fact) for known in _facts(text))


@lru_cache(maxsize=2_000)
def _facts(text: str) -> tuple[Fact, ...]:
    return tuple(find_facts(text))
