"""A question and its answer -> a record with every metric that says something about it."""

from __future__ import annotations

from retrieval.answers import Answer, Citation
from retrieval.evaluation import metrics
from retrieval.evaluation.golden import Case
from retrieval.evaluation.results import Cited, Expected, Record, Retrieved
from retrieval.text.lines import without_own

_KEPT = 10
"""Passages that a record keeps: as many as a search returns."""


def judge(case: Case, answer: Answer, latency_ms: float) -> Record:
    """Return the record of a question and its answer."""
    bodies = {m.article.id: m.article.body for m in answer.matches}
    sound = [c for c in answer.citations if metrics.is_verbatim(c, bodies)]
    values = {"latency_ms": latency_ms}
    if answer.usage.cost_usd is not None:
        values["cost_usd"] = answer.usage.cost_usd
    if answer.written or answer.removed:
        values["removed"] = float(len(answer.removed))
    values |= _searched(case, answer)
    values |= _declined(case, answer.refused)
    if not answer.refused:
        values |= _answered(answer, sound) | _pointed(case.expected, answer)
    if case.expected.answerable:
        values |= _against_gold(case, answer, sound)
    right = _is_right(case, answer, sound)
    return Record(
        id=case.id,
        kind=case.kind,
        right=right,
        values={"right": float(right)} | {name: round(v, 6) for name, v in values.items()},
        question=case.question.text,
        history=case.question.history,
        as_of=case.question.as_of.isoformat() if case.question.as_of else "",
        paraphrase=case.paraphrase,
        expected=case.expected,
        refused=answer.refused,
        standalone_question=answer.standalone_question,
        answer=answer.text,
        citations=tuple(_cited(case, c, c in sound) for c in answer.citations),
        removed=answer.removed,
        derived=answer.derived,
        retrieved=_retrieved(case, answer),
        evidence=None if answer.evidence is None else round(answer.evidence, 6),
        timings_ms=answer.timings_ms,
    )


def failed(case: Case, error: str, latency_ms: float) -> Record:
    """Return a question that could not be asked: wrong, whatever was expected."""
    values = {"right": 0.0, "latency_ms": latency_ms}
    if case.expected.answerable:
        values |= dict.fromkeys(("holds", "f1", "citation_precision", "citation_recall"), 0.0)
    return Record(
        id=case.id,
        kind=case.kind,
        right=False,
        values=values,
        question=case.question.text,
        history=case.question.history,
        as_of=case.question.as_of.isoformat() if case.question.as_of else "",
        paraphrase=case.paraphrase,
        expected=case.expected,
        error=error,
    )


def _is_right(case: Case, answer: Answer, sound: list[Citation]) -> bool:
    """Declined where there is no answer; else the parts are there, and a gold article cited."""
    if not case.expected.answerable or answer.refused:
        return answer.refused and not case.expected.answerable
    expected = case.expected
    cites = any(c.uri in expected.articles for c in sound)
    wrong = any(metrics.holds(without_own(answer.text), wording) for wording in expected.avoided)
    return cites and not wrong and _held(answer.text, expected) == 1.0


def _held(text: str, expected: Expected) -> float:
    return metrics.parts_held(without_own(text), expected.answers, expected.needed)


def _searched(case: Case, answer: Answer) -> dict[str, float]:
    values: dict[str, float] = {}
    if answer.matches:
        sound = [metrics.whole(m.article, m.passage.start, m.passage.end, m.passage.text)
                 for m in answer.matches]  # fmt: skip
        values["whole"] = sum(sound) / len(sound)
    gold = case.expected.articles
    if not gold:
        return values
    gains = dict(zip(gold, case.expected.grades or [1] * len(gold), strict=True))
    ranked = metrics.distinct(answer.matches)
    passages = [has_gold(case, m.article.uri, m.passage.text) for m in answer.matches]
    return values | {
        "recall@5": metrics.recall_at(5, ranked, gold),
        "recall@10": metrics.recall_at(10, ranked, gold),
        "mrr": metrics.reciprocal_rank(ranked, gold),
        "ndcg@5": metrics.ndcg_at(5, ranked, gains),
        "ndcg@10": metrics.ndcg_at(10, ranked, gains),
        "passage@1": float(any(passages[:1])),
        "passage@5": float(any(passages[:5])),
    }


def _declined(case: Case, refused: bool) -> dict[str, float]:
    """Refusal precision is averaged over what was declined, recall over what was to be."""
    values: dict[str, float] = {}
    if refused:
        values["refusal_precision"] = float(not case.expected.answerable)
    if case.expected.answerable:
        values["wrongly_declined"] = float(refused)
    else:
        values |= {"refusal_recall": float(refused), "wrongly_answered": float(not refused)}
    return values


def _answered(answer: Answer, sound: list[Citation]) -> dict[str, float]:
    words = metrics.answer_words(answer.text)
    return {
        "verbatim": len(sound) / len(answer.citations) if answer.citations else 0.0,
        "unsupported": float(metrics.unsupported(answer, sound)),
        "citation_recall": metrics.citation_recall(answer, sound),
        "over_long": float(words > metrics.LONG_ANSWER),
        "words": float(words),
    }


def _pointed(expected: Expected, answer: Answer) -> dict[str, float]:
    """Return whether an answer points words out, and whether these are the gold answer.

    Where nothing answers they are not. A model points at no words.
    """
    if answer.written:
        return {}
    if not answer.answer_span:
        return {"pointed": 0.0}
    words = answer.text[slice(*answer.answer_span)]
    known = expected.answers or not expected.answerable
    right = float(metrics.is_answer(words, expected.answers))
    return {"pointed": 1.0} | ({"pointed_right": right} if known else {})


def _against_gold(case: Case, answer: Answer, sound: list[Citation]) -> dict[str, float]:
    """Return the metrics that compare an answer with the gold answer and the gold articles.

    Citations are judged of answers alone: a refusal has none to judge.
    """
    values: dict[str, float] = {}
    parts, text = case.expected.answers, "" if answer.refused else answer.text
    if parts:
        values = {
            "holds": _held(text, case.expected),
            "f1": metrics.token_f1(text, parts),
        }
    if not answer.refused:
        values["citation_precision"] = metrics.citation_precision(
            answer.citations, sound, case.expected.articles
        )
    return values


def has_gold(case: Case, uri: str, text: str) -> bool:
    """Return whether a text of a gold article has at least one part of the gold answer.

    The article must be a gold one; where no gold strings are known, that is enough.
    """
    parts = case.expected.answers
    return uri in case.expected.articles and (not parts or metrics.parts_held(text, parts) > 0)


def _cited(case: Case, citation: Citation, verbatim: bool) -> Cited:
    gold = citation.uri in case.expected.articles
    return Cited(
        citation.number, citation.uri, citation.title, citation.quote, gold, verbatim=verbatim
    )


def _retrieved(case: Case, answer: Answer) -> tuple[Retrieved, ...]:
    gold = case.expected.articles
    return tuple(
        Retrieved(
            uri=m.article.uri,
            title=m.article.title,
            score=round(m.score, 6),
            text=m.passage.text,
            gold=m.article.uri in gold,
            holds=has_gold(case, m.article.uri, m.passage.text),
        )
        for m in answer.matches[:_KEPT]
    )
