"""Draws the page from its templates. Whatever comes from articles, people or models is text there.

Jinja escapes it, and what a reader's eye would be misled by, such as a mark that turns the
direction of writing, is written out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bot.rendering.terminal import also_in, by_article, whereabouts
from bot.serving.exchanges import Exchange, Pointer
from bot.serving.form import Fields
from bot.serving.opening import Opened, web_address
from retrieval.answers import Answer, Citation
from retrieval.evaluation.report import file_name, page_environment, visible
from retrieval.text.citation_markers import MARKER

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent / "site"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer: text, `strong` if it is the very answer, or the mark of a source."""

    text: str
    citation: Citation | None = None
    strong: bool = False


def draw(
    conversation: Sequence[Exchange],
    *,
    q: str,
    fields: Fields,
    opened: Opened | None,
    error: str,
    archive: str,
    outlets: Sequence[str],
) -> str:
    """Return the page: a conversation, the form with `q` and filters, and perhaps an article."""
    return (
        _environment()
        .get_template("page.html")
        .render(
            conversation=conversation,
            q=q,
            fields=fields,
            opened=opened,
            error=error,
            archive=archive,
            outlets=outlets,
        )
    )


def login_page(next_page: str = "", message: str = "") -> str:
    """Return the page that asks for a token, with what was wrong with the last one."""
    return _environment().get_template("login.html").render(next=next_page, message=message)


def pieces(answer: Answer) -> Iterator[Piece]:
    """Yield an answer's text in pieces; a mark without a citation is text."""
    cited = {citation.number: citation for citation in answer.citations}
    start, end = answer.answer_span or (len(answer.text), len(answer.text))
    parts = (answer.text[:start], answer.text[start:end], answer.text[end:])
    for number, part in enumerate(parts):
        yield from _with_marks(part, cited, strong=number == 1)


def _with_marks(text: str, cited: dict[int, Citation], *, strong: bool) -> Iterator[Piece]:
    at = 0
    for mark in MARKER.finditer(text):
        if citation := cited.get(int(mark[1])):
            yield Piece(text[at : mark.start()], strong=strong)
            yield Piece(mark[0], citation)
            at = mark.end()
    if text[at:]:
        yield Piece(text[at:], strong=strong)


def _citation_page(citation: Citation, exchange: Exchange) -> str:
    """Return the address of the page that shows a citation's article beside its answer."""
    place = {"start": citation.start, "end": citation.end, "answer": exchange.id}
    return f"/article/{citation.article_id}?{urlencode(place)}#quote"


def _article_page(pointer: Pointer, exchange: Exchange | None) -> str:
    after = f"?{urlencode({'answer': exchange.id})}" if exchange else ""
    return f"/article/{pointer.article_id}{after}#article"


def _static(name: str) -> str:
    """Return the address of a file of the page; it changes with the file."""
    digest = hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def _finalize(value: Any) -> Any:
    return visible(value) if type(value) is str else value


@cache
def _environment() -> Environment:
    environment = page_environment(FOLDER, _finalize)
    environment.globals |= {
        "article_page": _article_page,
        "citation_page": _citation_page,
        "file_name": file_name,
        "static": cache(_static),
    }
    environment.filters |= {
        "address": lambda citation: web_address(citation.url, citation.uri, citation.quote),
        "also_in": also_in,
        "by_article": by_article,
        "pieces": pieces,
        "whereabouts": lambda citations: whereabouts(*citations),
    }
    return environment
