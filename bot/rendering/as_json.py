"""Renders answers and checked drafts as the JSON objects that other programs rely on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from retrieval.answers import Answer, Carrier, Citation, Turn
from retrieval.archive.passages import Match
from retrieval.drafts.findings import CheckedDraft, Finding
from retrieval.search.syntax import written

if TYPE_CHECKING:
    from retrieval.finding import Found
    from retrieval.search.marking import Marks


def answer_object(answer: Answer) -> dict[str, Any]:
    """Return the object that `newsdesk ask --json` prints; its keys and their order are a contract.

    Four more keys follow if they are not empty: `answer_span`, where in `answer` the very words
    stand that answer; `notice`, a line for the reader (the answer is quoted because the model
    failed, say, or a sentence was left out); `derived`, the sentences whose figures follow from
    what the sources state, each with how; and `removed`, the model's sentences that no source
    supported, each with the reason and the nearest quote. `removed` is for those who run a bot and
    not for its readers.
    """
    further = {
        "answer_span": _span(answer),
        "notice": answer.notice,
        "derived": [asdict(one) for one in answer.derived],
        "removed": [asdict(one) for one in answer.removed],
    }
    return {
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "answer": with_nearest(answer),
        "refused": answer.refused,
        "engine": answer.engine,
        "citations": [citation_object(citation) for citation in answer.citations],
        "retrieved": [
            {
                "article_id": match.article.id,
                "uri": match.article.uri,
                "passage_id": match.passage.id,
                "score": round(match.score, 6),
                "text": match.passage.text,
            }
            for match in answer.matches
        ],
        "usage": {
            "prompt_tokens": answer.usage.prompt_tokens,
            "completion_tokens": answer.usage.completion_tokens,
            "cost_usd": answer.usage.cost_usd,
        },
        "timings_ms": answer.timings_ms,
    } | {name: value for name, value in further.items() if value}


def _span(answer: Answer) -> dict[str, Any] | None:
    if answer.answer_span is None:
        return None
    start, end = answer.answer_span
    return {"start": start, "end": end, "text": answer.text[start:end]}


def found_object(found: Found) -> dict[str, Any]:
    """Return the object that `newsdesk search --json` prints; its keys are a contract.

    `notice`, a line for the reader, follows where there is one.
    """
    return {
        "query": found.query,
        "filters": written(found.filters),
        "matches": [match_object(hit.match, hit.marks, hit.source.also) for hit in found.hits],
    } | ({"notice": found.notice} if found.notice else {})


def match_object(match: Match, marks: Marks = (), also: Sequence[Carrier] = ()) -> dict[str, Any]:
    """Return the JSON object of a passage that was found.

    `start` and `end` are its place in the article's body, `marks` the places in `text` of the words
    looked for: all count code points. `page` and `also` are there if there are any.
    """
    passage, article = match.passage, match.article
    page = article.page_at(passage.start)
    further = {"page": page, "also": [carrier_object(carrier) for carrier in also]}
    return {
        "passage_id": passage.id,
        "text": passage.text,
        "start": passage.start,
        "end": passage.end,
        "score": round(match.score, 6),
        "marks": [list(span) for span in marks],
        "article": {
            "id": article.id,
            "title": article.title,
            "source": article.source,
            "published": article.published.isoformat() if article.published else None,
            "url": article.url or None,
            "uri": article.uri,
            "excerpt": article.excerpt,
        },
    } | {name: value for name, value in further.items() if value}


def checked_object(draft: CheckedDraft) -> dict[str, Any]:
    """Return the object that `newsdesk check --json` prints; its keys are a contract.

    `text` is the draft as it was read, into which the sentences' offsets point.
    """
    counts = Counter(sentence.finding for sentence in draft.sentences)
    return {
        "text": draft.text,
        "counts": {finding.value: counts[finding] for finding in Finding},
        "sentences": [
            {
                "start": sentence.start,
                "end": sentence.end,
                "text": sentence.text,
                "verdict": sentence.finding.value,
                "score": sentence.score,
                "quotes": [citation_object(citation) for citation in sentence.citations],
                "differences": [
                    {"kind": d.kind, "text": d.said, "quote": list(d.stands)}
                    for d in sentence.differences
                ],
                "nearest": citation_object(sentence.nearest) if sentence.nearest else None,
                "lacking": list(sentence.lacking),
                "reason": sentence.reason,
            }
            for sentence in draft.sentences
        ],
    }


_WORST_FIRST = (Finding.CONTRADICTED, Finding.NOT_FOUND, Finding.SUPPORTED, Finding.NO_CLAIM)


def verdict_object(draft: CheckedDraft) -> dict[str, Any]:
    """Return what a line of `newsdesk check --batch` gets; its keys and their order are a contract.

    A text of several sentences is as good as its worst claim. The score is that claim's; quotes
    and reasons are those of all claims as bad. What was not found has no quote to be told of.
    """
    worst = min(_WORST_FIRST.index(sentence.finding) for sentence in draft.sentences)
    finding = _WORST_FIRST[worst]
    alike = [sentence for sentence in draft.sentences if sentence.finding is finding]
    reasons = dict.fromkeys(sentence.reason for sentence in alike if sentence.reason)
    return {
        "verdict": finding.value,
        "score": min(sentence.score for sentence in alike),
        "quotes": [_quote(citation) for sentence in alike for citation in sentence.citations],
        "reason": "not found" if finding is Finding.NOT_FOUND else "; ".join(reasons),
    }


def _quote(citation: Citation) -> dict[str, Any]:
    names = ("article_id", "uri", "title", "published", "quote", "start", "end", "page")
    fields = citation_object(citation)
    return {name: fields[name] for name in names if name in fields}


def with_nearest(answer: Answer) -> str:
    """Return the answer's text; a refusal is followed by the nearest articles' titles."""
    if not answer.nearest:
        return answer.text
    titles = "; ".join(f"“{title}”" for title in answer.nearest)
    return f"{answer.text} The nearest articles: {titles}."


def citation_object(citation: Citation) -> dict[str, Any]:
    """Return a citation's JSON object."""
    fields: dict[str, Any] = {
        "number": citation.number,
        "article_id": citation.article_id,
        "passage_id": citation.passage_id,
        "title": citation.title,
        "source": citation.source,
        "published": citation.published.isoformat() if citation.published else None,
        "url": citation.url or None,
        "uri": citation.uri,
        "quote": citation.quote,
        "start": citation.start,
        "end": citation.end,
    }
    if citation.page:
        fields["page"] = citation.page
    if citation.also:
        fields["also"] = [carrier_object(carrier) for carrier in citation.also]
    if citation.excerpt:
        fields["excerpt"] = True
    if citation.gone:
        fields["gone"] = citation.gone.isoformat()
    return fields


def carrier_object(carrier: Carrier) -> dict[str, Any]:
    """Return the JSON object of another outlet with the same text."""
    return {
        "outlet": carrier.outlet,
        "published": carrier.published.isoformat() if carrier.published else None,
        "url": carrier.url or None,
        "uri": carrier.uri,
    }


def turn_in(content: dict[str, Any]) -> Turn:
    """Return the question and answer of an answer's JSON object as a turn of a conversation."""
    citations = tuple(citations_in(content))
    cited = tuple(dict.fromkeys(citation.article_id for citation in citations))
    standalone = content.get("standalone_question", "")
    return Turn(content["question"], content["answer"], cited, citations, standalone)


def citations_in(content: dict[str, Any]) -> list[Citation]:
    """Return the citations of an answer's JSON object."""
    return [_citation(fields) for fields in content.get("citations", ())]


def _citation(fields: dict[str, Any]) -> Citation:
    days = {name: fields.get(name) for name in ("published", "gone")}
    known = {name: date.fromisoformat(day) if day else None for name, day in days.items()}
    also = tuple(map(_carrier_in, fields.get("also", ())))
    return Citation(**{**fields, "url": fields["url"] or "", "also": also, **known})


def _carrier_in(fields: dict[str, Any]) -> Carrier:
    published = fields["published"]
    day = date.fromisoformat(published) if published else None
    return Carrier(fields["outlet"], day, fields["url"] or "", fields["uri"])
