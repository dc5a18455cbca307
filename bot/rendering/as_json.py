"""Renders an answer as the JSON object that other programs rely on."""

from __future__ import annotations

from typing import Any

from retrieval.answers import Answer, Citation


def answer_object(answer: Answer) -> dict[str, Any]:
    """Return the object that `newsdesk ask --json` prints; its keys and their order are a contract.

    Two more keys follow if they are not empty: `notice`, the reason why the answer is not of the
    kind that was asked for (quoted instead of written, say), and `removed`, the number of the
    model's sentences that no source supported.
    """
    further = {"notice": answer.notice, "removed": answer.removed}
    return {
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "answer": with_nearest(answer),
        "refused": answer.refused,
        "engine": answer.engine,
        "citations": [_citation(citation) for citation in answer.citations],
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


def with_nearest(answer: Answer) -> str:
    """Return the answer's text; a refusal is followed by the nearest articles' titles."""
    if not answer.nearest:
        return answer.text
    titles = "; ".join(f"“{title}”" for title in answer.nearest)
    return f"{answer.text} The nearest articles: {titles}."


def _citation(citation: Citation) -> dict[str, Any]:
    return {
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
