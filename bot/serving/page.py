"""The page: ask in a browser, and read each source beside the answer with its words marked."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from bot.questions import question_from
from bot.rendering.terminal import also_in
from bot.serving import drawing
from bot.serving.drawing import Opened, draw
from bot.serving.exchanges import Exchange, Exchanges, pointer
from bot.serving.ratings import Ratings
from corpus.article import Article
from corpus.cleaning import clean_line
from corpus.dates import in_words
from retrieval.answering.outlets import with_outlets
from retrieval.answers import Answer, Citation, Draft
from retrieval.archive.filters import Filters
from retrieval.errors import BadQuestion, NewsdeskError

if TYPE_CHECKING:
    from bot.wiring import Desk

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""Nothing of other hosts, no inline code, no markup from strings, and in nobody's frame."""

_FILES = {
    "page.css": "text/css",
    "page.js": "text/javascript",
    "favicon.svg": "image/svg+xml",
}
_NOT_KEPT = "What was asked before is no longer kept."
_LONGEST_OUTLET = 200
_MOST_OUTLETS = 300
"""Outlets that the form offers; any other can be typed."""

_log = logging.getLogger("newsdesk.page")


@dataclass(frozen=True)
class Asked:
    """What the form sends: a question, the exchange that it follows, and the filters."""

    q: str = ""
    after: str = ""
    since: str = ""
    until: str = ""
    outlet: str = ""

    @property
    def form(self) -> drawing.Form:
        """The form for the next question, in which the filters go on standing."""
        return drawing.Form("", self.since, self.until, self.outlet)

    @property
    def filters(self) -> Filters:
        """The filters of the form's fields.

        Raises:
            BadQuestion: a day is none.
        """
        outlet = clean_line(self.outlet)[:_LONGEST_OUTLET]
        return Filters(
            _day("From", self.since), _day("Until", self.until), (outlet,) if outlet else ()
        )


def routes(desk: Desk) -> APIRouter:
    """Return the routes of the page over a desk; `desk.assistant` is built already."""
    router = APIRouter(include_in_schema=False, dependencies=[Depends(_of_our_own)])
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
        self._ratings = Ratings(desk.settings.home, desk.settings.keep_days)

    async def show(self, asked: Annotated[Asked, Depends()]) -> Response:
        """Answer the question, if there is one, and draw the conversation with it."""
        last, error, status = self._exchanges.get(asked.after), "", 200
        if asked.after and not (last or asked.q):
            error, status = _NOT_KEPT, 404
        form = asked.form
        if asked.q:
            try:
                async for part in self._told(asked):
                    last = part if isinstance(part, Exchange) else last
            except NewsdeskError as problem:
                error, status = str(problem), 400 if isinstance(problem, BadQuestion) else 503
                form = drawing.Form(asked.q, asked.since, asked.until, asked.outlet)
        return await self._page(last, form, error=error, status=status)

    async def stream(self, asked: Annotated[Asked, Depends()]) -> Response:
        """Stream the growing answer as JSON Lines.

        They are any number of `{"text"}`, each what the answer has grown by, then `{"answer"}` with
        the id of the exchange, or `{"error"}`.
        """

        async def lines() -> AsyncGenerator[str]:
            try:
                async with aclosing(self._told(asked)) as parts:
                    async for part in parts:
                        line = {"text": part} if isinstance(part, str) else {"answer": part.id}
                        yield f"{json.dumps(line)}\n"
            except NewsdeskError as problem:
                yield f"{json.dumps({'error': str(problem)})}\n"
            except Exception as problem:  # the reader is told, and the server goes on
                _log.error("A question failed with %s.", type(problem).__name__)
                yield f"{json.dumps({'error': 'Something unexpected went wrong.'})}\n"

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
        opened = await asyncio.to_thread(self._opened, article_id, start, end, last)
        if opened is None:
            error = "The archive has no such article."
            return await self._page(last, drawing.Form(), error=error, status=404)
        return await self._page(last, drawing.Form(), opened=opened)

    async def feedback(
        self,
        answer: Annotated[str, Form(max_length=64)],
        verdict: Annotated[Literal["up", "down"], Form()],
    ) -> Response:
        """Store a verdict, or take it back if it was given before, and show the answer again."""
        if not (rated := self._exchanges.get(answer)):
            error = "That answer is no longer kept."
            return await self._page(None, drawing.Form(), error=error, status=404)
        now = "" if rated.verdict == verdict else verdict
        try:
            await asyncio.to_thread(self._ratings.rate, rated.id, now, rated.content)
        except NewsdeskError as problem:
            return await self._page(rated, drawing.Form(), error=str(problem), status=503)
        self._exchanges.rate(rated, now)
        return RedirectResponse(f"/?after={rated.id}#x-{rated.id}", 303, HEADERS)

    async def _told(self, asked: Asked) -> AsyncGenerator[str | Exchange]:
        """Yield what the answer grows by, then the exchange.

        Raises:
            NewsdeskError: there is no answer; says why.
        """
        before = self._exchanges.get(asked.after)
        history = before.history if before else ()
        question = question_from(asked.q, history, filters=asked.filters)
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
        yield self._exchanges.add(answer, before, more)

    async def _page(
        self,
        last: Exchange | None,
        form: drawing.Form,
        *,
        opened: Opened | None = None,
        error: str = "",
        status: int = 200,
    ) -> Response:
        archive, outlets = await asyncio.to_thread(self._archive)
        text = draw(
            self._exchanges.conversation(last),
            form=form,
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
        return count, catalog.outlets()[:_MOST_OUTLETS]

    def _opened(
        self, article_id: str, start: int, end: int, last: Exchange | None
    ) -> Opened | None:
        """Return an article with what is known of it, or None if there is none to be read."""
        desk = self._desk
        article = desk.catalog.articles([article_id]).get(article_id)
        if not article or (article.embargo and article.embargo > datetime.now(UTC)):
            return None
        if not start < end <= len(article.body):
            start = end = 0
        cited = last.answer.citations if last else ()
        found = [c for c in cited if (c.article_id, c.start, c.end) == (article_id, start, end)]
        lost = found[0].quote if found and found[0].quote != article.body[start:end] else ""
        if lost:
            start = end = 0
        alone = Answer("", "", "[1]", (_citation(article, start, end),))
        told = with_outlets(alone, desk.catalog)
        more = tuple(map(pointer, desk.more.on(told)))
        gone = desk.sources.gone()
        return Opened(article, start, end, lost, also_in(told.citations), more, gone)


def _citation(article: Article, start: int, end: int) -> Citation:
    """Return a citation of an article: of what is marked in it, else of its first paragraph."""
    end = end or len(article.body.partition("\n\n")[0])
    return Citation(
        1, article.id, "", article.title, article.source, article.published, article.url,
        article.uri, article.body[start:end], start, end, article.page_at(start),
        excerpt=article.excerpt,
    )  # fmt: skip


def _day(field: str, text: str) -> date | None:
    """Return the day of a field of the form, or None where it is empty.

    Raises:
        BadQuestion: it is none.
    """
    try:
        return date.fromisoformat(text) if text.strip() else None
    except ValueError:
        raise BadQuestion(f"“{field}” takes a day such as 2020-11-10, not {text!r}.") from None


async def _file(name: str) -> Response:
    """Return a file of the page; its address changes with it, so a browser may keep it."""
    if name not in _FILES:
        raise HTTPException(404, headers=HEADERS)
    keep = {"Cache-Control": "public, max-age=31536000, immutable"}
    content = (drawing.FOLDER / name).read_bytes()
    return Response(content, headers=HEADERS | keep, media_type=_FILES[name])


def _of_our_own(request: Request) -> None:
    """Refuse what another site's page asks for by itself: it may cost money. Links may lead here.

    Browsers say so; see "Fetch Metadata Request Headers" of the W3C.
    """
    foreign = request.headers.get("sec-fetch-site") in ("cross-site", "same-site")
    visit = request.method == "GET" and request.headers.get("sec-fetch-dest") == "document"
    if foreign and not visit:
        raise HTTPException(403, "Another site's page may not ask here.", HEADERS)
