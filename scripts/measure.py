"""The figures of answer quality, each defined where it is computed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import log2

from retrieval.answers import Answer
from retrieval.assistant import Assistant
from scripts.development import Case

_MARK = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a set and the answer it got."""

    case: Case
    answer: Answer


def ask_all(assistant: Assistant, cases: Iterable[Case]) -> list[Asked]:
    """Every question put to the assistant, in order."""

    async def ask() -> list[Asked]:
        return [Asked(case, await assistant.ask(case.question)) for case in cases]

    return asyncio.run(ask())


def passage_hit(asked: list[Asked], k: int) -> float:
    """Success@k: a passage of a gold article holding a gold answer is among the first k."""
    return _mean(
        any(a.case.holds(m.article, m.passage.text) for m in a.answer.matches[:k]) for a in asked
    )


def answer_holds(asked: list[Asked]) -> float:
    """The answer's text holds a gold answer (refusals do not)."""
    return _mean(
        any(a.case.holds(m.article, a.answer.text) for m in a.answer.matches)
        and not a.answer.refused
        for a in asked
    )


def quote_holds(asked: list[Asked]) -> float:
    """A cited quote, of a gold article, holds a gold answer."""
    return _mean(
        any(
            a.case.holds(m.article, c.quote)
            for c in a.answer.citations
            for m in a.answer.matches
            if m.article.id == c.article_id
        )
        for a in asked
    )


def words(asked: list[Asked]) -> float:
    """Mean number of words of the answers that are no refusals, without their markers."""
    return _mean(len(_MARK.sub("", a.answer.text).split()) for a in asked if not a.answer.refused)


def refused(asked: list[Asked]) -> float:
    """The share of questions that were refused."""
    return _mean(a.answer.refused for a in asked)


def faults(asked: list[Asked]) -> list[str]:
    """Quotes that are not verbatim, and markers without a citation or the other way round."""
    found = []
    for a in asked:
        bodies = {m.article.id: m.article.body for m in a.answer.matches}
        found += [
            f"{a.case.id}: quote [{c.number}] is not verbatim"
            for c in a.answer.citations
            if bodies[c.article_id][c.start : c.end] != c.quote
        ]
        marks = [int(n) for n in _MARK.findall(a.answer.text)]
        numbers = [c.number for c in a.answer.citations]
        if set(numbers) != set(range(1, len(numbers) + 1)) or not set(numbers) <= set(marks):
            found.append(f"{a.case.id}: markers {marks} for citations {numbers}")
    return found


def recall(asked: list[Asked], k: int) -> float:
    """Recall@k over distinct articles, of questions that have relevant ones."""
    return _mean(
        len(set(_ranked(a)[:k]) & a.case.relevant) / len(a.case.relevant)
        for a in asked
        if a.case.relevant
    )


def ndcg(asked: list[Asked], k: int) -> float:
    """nDCG@k over distinct articles with binary gains (Järvelin & Kekäläinen, TOIS 2002)."""
    return _mean(
        sum(1 / log2(i + 2) for i, uri in enumerate(_ranked(a)[:k]) if uri in a.case.relevant)
        / sum(1 / log2(i + 2) for i in range(min(k, len(a.case.relevant))))
        for a in asked
        if a.case.relevant
    )


def _ranked(asked: Asked) -> list[str]:
    return list(dict.fromkeys(m.article.uri for m in asked.answer.matches))


def _mean(values: Iterable[float]) -> float:
    numbers = [float(value) for value in values]
    return sum(numbers) / len(numbers) if numbers else 0.0
