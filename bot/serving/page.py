"""The page: ask in a browser, and read each source beside the answer with its words marked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from bot.questions import question_from
from bot.serving import drawing
from bot.serving.drawing import draw
from bot.serving.errors import failure_in_stream, response_to
from bot.serving.exchanges import Exchange, Exchanges
from bot.serving.form import Asked, Fields
from bot.serving.opening import Opened, open_article
from corpus.dates import in_words
from retrieval.answers import Draft
from retrieval.errors import NewsdeskError

if TYPE_CHECKING:
    from bot.wiring import Desk

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # with none at all, a form's Origin would be null
}
"""Nothing of other hosts, no inline code, no markup from strings, and in nobody's frame."""

_FILES = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "favicon.svg": "image/svg+xml",
}
_NOT_KEPT = "What was asked before is no longer kept."
_MOST_OUTLETS = 300
"""Outlets that the form offers; any other can be typed."""


def routes(desk: Desk) -> APIRouter:
    """Return the routes of the page over a desk; `desk.assistant` is built already."""
    router = APIRouter(include_in_schema=False)
    page = Page(desk)
    router.get("/")(page.show)
    router.get("/ask")(page.stream)
    router.get("/article/{article_id}")(page.article)
    router.post("/feedback")(page.feedback)
    router.get("/static/{name}")(_file)
    router.get("/favicon.ico")(lambda: Response(status_code=204, headers=HEADERS))
    return router


class Page:
    """Answers the page's requests over one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._exchanges = Exchanges()
        self._ratings = desk.stores.ratings

    async def show(self, asked: Annotated[Asked, Depends()]) -> Response:
        """Answer the question, if there is one, and draw the conversation with it."""
        last, q, error, status = self._exchanges.get(asked.after), "", "", 200
        fields = asked.fields(last.fields if last else Fields())
        if asked.after and not (last or asked.q):
            error, status = _NOT_KEPT, 404
        if asked.q:
            try:
                async for part in self._told(asked):
                    last = part if isinstance(part, Exchange) else last
            except NewsdeskError as problem:
                q, (error, status) = asked.q, _reason(problem)
        return await self._page(last, q, fields, error=error, status=status)

    async def stream(self, asked: Annotated[Asked, Depends()]) -> Response:
        """Stream the growing answer as JSON Lines.

        They are any number of `{"text"}`, each what the answer has grown by, then `{"answer"}` with
        the id of the exchange, or `{"error": {"message"}}`.
        """

        async def lines() -> AsyncGenerator[str]:
            try:
                async with aclosing(self._told(asked)) as parts:
                    async for part in parts:
                        line = {"text": part} if isinstance(part, str) else {"answer": part.id}
                        yield f"{json.dumps(line)}\n"
            except Exception as problem:  # the reader is told, and the server goes on
                yield f"{json.dumps(failure_in_stream(problem))}\n"

        return StreamingResponse(
            lines(),
            media_type="application/x-ndjson",
            headers={**HEADERS, "X-Accel-Buffering": "no"},
        )

    async def article(
        self,
        article_id: str,
        start: Annotated[int, Query(ge=0)] = 0,
        end: Annotated[int, Query(ge=0)] = 0,
        answer: str = "",
    ) -> Response:
        """Draw an article beside the answer that cites it, if that is kept."""
        last = self._exchanges.get(answer)
        cited = last.answer.citations if last else ()
        opened = await asyncio.to_thread(open_article, self._desk, article_id, start, end, cited)
        if opened is None:
            error = "The archive has no such article."
            return await self._page(last, error=error, status=404)
        return await self._page(last, opened=opened)

    async def feedback(
        self,
        answer: Annotated[str, Form(max_length=64)],
        verdict: Annotated[Literal["up", "down"], Form()],
    ) -> Response:
        """Store a verdict, or take it back if it was given before, and show the answer again."""
        if not (rated := self._exchanges.get(answer)):
            error = "That answer is no longer kept."
            return await self._page(None, error=error, status=404)
        now = "" if rated.verdict == verdict else verdict
        try:
            await asyncio.to_thread(self._ratings.rate, rated.id, now, rated.content)
        except NewsdeskError as problem:
            error, status = _reason(problem)
            return await self._page(rated, error=error, status=status)
        self._exchanges.rate(rated, now)
        return RedirectResponse(f"/?after={rated.id}#x-{rated.id}", 303, HEADERS)

    async def _told(self, asked: Asked) -> AsyncGenerator[str | Exchange]:
        """Yield what the answer grows by, then the exchange.

        Raises:
            NewsdeskError: there is no answer; says why.
        """
        before = self._exchanges.get(asked.after)
        history = before.history if before else ()
        fields = asked.fields(before.fields if before else Fields())
        question = question_from(asked.q, history, filters=fields.filters())
        said, answer = "", None
        async with aclosing(self._desk.assistant.stream(question)) as parts:
            async for part in parts:
                if isinstance(part, Draft):
                    yield part.text[len(said) :]
                    said = part.text
                else:
                    answer = part
        assert answer, "a stream ends with its answer"
        if asked.after and not before:
            answer = replace(answer, notice=f"{_NOT_KEPT} {answer.notice}".strip())
        more = await asyncio.to_thread(self._desk.more.on, answer)
        yield self._exchanges.add(answer, before, fields, more)

    async def _page(
        self,
        last: Exchange | None,
        q: str = "",
        fields: Fields | None = None,
        *,
        opened: Opened | None = None,
        error: str = "",
        status: int = 200,
    ) -> Response:
        archive, outlets = await asyncio.to_thread(self._archive)
        text = draw(
            self._exchanges.conversation(last),
            q=q,
            fields=(last.fields if last else Fields()) if fields is None else fields,
            opened=opened,
            error=error,
            archive=archive,
            outlets=outlets,
        )
        return HTMLResponse(text, status, HEADERS)

    def _archive(self) -> tuple[str, list[str]]:
        """Return the line that says what the archive holds, and the outlets to filter by."""
        catalog = self._desk.catalog
        summary = catalog.summary()
        if not summary.articles:
            return "The archive is empty: add articles with `newsdesk ingest FOLDER`.", []
        count = "1 article" if summary.articles == 1 else f"{summary.articles:,} articles"
        if summary.earliest and summary.latest:
            count += f", {in_words(summary.earliest)} to {in_words(summary.latest)}"
        return count, catalog.outlets.names()[:_MOST_OUTLETS]


def _reason(problem: NewsdeskError) -> tuple[str, int]:
    """Return what a reader is told of an error, and the status of the response."""
    response = response_to(problem)
    return json.loads(bytes(response.body))["error"]["message"], response.status_code


async def _file(name: str) -> Response:
    """Return a file of the page; its address changes with it, so a browser may keep it."""
    if name not in _FILES:
        raise HTTPException(404)
    keep = {"Cache-Control": "public, max-age=31536000, immutable"}
    content = (drawing.FOLDER / name).read_bytes()
    return Response(content, headers=HEADERS | keep, media_type=_FILES[name])
