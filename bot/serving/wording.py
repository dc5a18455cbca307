"""Puts answers into the one text that a chat shows: sentences with `[n]`, and footnotes."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from bot.rendering.as_json import citation_object
from bot.rendering.terminal import whereabouts
from corpus.cleaning import clean_line
from retrieval.answers import Answer, Citation, Draft
from retrieval.text.citation_markers import MARKER

_NEAREST = "Nearest articles: "
_NOTE = "Note: "
_FOOT = re.compile(rf"\n\n(?:\[\d+\] |{_NEAREST}|{_NOTE}).*\Z", re.DOTALL)


def content_of(answer: Answer) -> str:
    """Return an answer as one text: what it says, a footnote for each source, and its notice."""
    blocks = [answer.text]
    if answer.citations:
        blocks.append("\n".join(map(_footnote, answer.citations)))
    if answer.nearest:
        titles = "; ".join(f"“{clean_line(title)}”" for title in answer.nearest)
        blocks.append(f"{_NEAREST}{titles}")
    if answer.notice:
        blocks.append(f"{_NOTE}{answer.notice}")
    return "\n\n".join(blocks)


def without_sources(content: str) -> str:
    """Return what an answer says, without its footnotes and notice."""
    return _FOOT.sub("", content)


def _footnote(citation: Citation) -> str:
    about = ", ".join(filter(None, (whereabouts(citation), citation.url or citation.uri)))
    return clean_line(f"[{citation.number}] {citation.title} — {about}")


def citations_of(answer: Answer) -> list[dict[str, Any]]:
    """Return the sources of an answer as JSON objects."""
    return [citation_object(citation) for citation in answer.citations]


def annotations_of(answer: Answer, offset: int = 0) -> list[dict[str, Any]]:
    """Return for each mark in an answer where it stands and what it stands for.

    `offset` is where in the content the answer begins. Without an address on the web, an article's
    URI stands for it.
    """
    by_number = {citation.number: citation for citation in answer.citations}
    return [
        {
            "start_index": offset + mark.start(),
            "end_index": offset + mark.end(),
            "title": by_number[number].title,
            "url": by_number[number].url or by_number[number].uri,
        }
        for mark in MARKER.finditer(answer.text)
        if (number := int(mark[1])) in by_number
    ]


def particulars_of(answer: Answer) -> dict[str, Any]:
    """Return what else there is to say of an answer."""
    return {
        "refused": answer.refused,
        "nearest": list(answer.nearest),
        "notice": answer.notice,
        "engine": answer.engine,
        "standalone_question": answer.standalone_question,
        "degraded": answer.degraded,
    }


async def growth(parts: AsyncGenerator[Draft | Answer]) -> AsyncGenerator[str | Answer]:
    """Yield what each part of a stream adds to the content, and the answer in the end.

    Where the answer does not begin with its drafts (the model failed, and it is quoted), all of it
    is added below them.
    """
    sent = ""
    async with aclosing(parts):
        async for part in parts:
            whole = content_of(part) if isinstance(part, Answer) else part.text
            if added := whole.removeprefix(sent) if whole.startswith(sent) else f"\n\n{whole}":
                yield added
            sent = whole
            if isinstance(part, Answer):
                yield part


async def begun(parts: AsyncGenerator[Draft | Answer]) -> AsyncGenerator[Draft | Answer]:
    """Wait for the first part of a stream, and return the stream with it.

    What fails at once is raised here, while a response can still have another status.
    """
    first = await anext(parts)

    async def all_parts() -> AsyncGenerator[Draft | Answer]:
        async with aclosing(parts):
            yield first
            async for part in parts:
                yield part

    return all_parts()
