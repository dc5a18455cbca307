"""Keeps what was asked and answered on the page, so that a follow-up is understood."""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.rendering.as_json import answer_object
from bot.rendering.terminal import dateline
from bot.serving.form import Fields
from bot.sessions import remember
from corpus.article import Article
from retrieval.answers import Answer, Turn

_KEPT = 1000
"""Exchanges in memory, of all conversations together; the one used longest ago goes first."""
_SHOWN = 50
"""The most exchanges of a conversation that are shown."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """An article that is pointed to: its id, title, outlet and day."""

    article_id: str
    title: str
    about: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer; `before` is the id of the exchange that it follows, or "".

    `fields` are the filters that stood in the form. `answer` is without the passages found, of
    which the articles that came `nearest` are kept. `content` is the answer's JSON object, for
    feedback, and `history` the conversation up to here.
    """

    id: str
    before: str
    fields: Fields
    answer: Answer
    nearest: tuple[Pointer, ...]
    more: tuple[Pointer, ...]
    content: dict[str, Any]
    history: tuple[Turn, ...]
    verdict: str = ""

    @property
    def may_be_rated(self) -> bool:
        """Whether anything was searched for it: for small talk nothing is."""
        return bool(self.content["retrieved"])


class Exchanges:
    """Keeps exchanges under ids that cannot be guessed. For one event loop."""

    def __init__(self, most: int = _KEPT) -> None:
        self._most = most
        self._kept: OrderedDict[str, Exchange] = OrderedDict()

    def add(
        self, answer: Answer, before: Exchange | None, fields: Fields, more: Sequence[Article]
    ) -> Exchange:
        """Keep an answer as the exchange that follows another one, and return it."""
        content = answer_object(answer)
        for found in content["retrieved"]:
            del found["text"]  # most of an answer's size, and the archive has it
        titled = {match.article.title: match.article for match in reversed(answer.matches)}
        exchange = Exchange(
            secrets.token_urlsafe(16),
            before.id if before else "",
            fields,
            replace(answer, matches=()),
            tuple(pointer(titled[title]) for title in answer.nearest if title in titled),
            tuple(map(pointer, more)),
            content,
            remember(before.history if before else (), answer),
        )
        self._keep(exchange)
        return exchange

    def rate(self, exchange: Exchange, verdict: str) -> None:
        """Note the verdict on an exchange."""
        self._keep(replace(exchange, verdict=verdict))

    def get(self, key: str) -> Exchange | None:
        """Return the exchange with an id, or None if it is not kept (any more)."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def conversation(self, last: Exchange | None) -> list[Exchange]:
        """Return an exchange and those before it that are kept, oldest first."""
        found: list[Exchange] = []
        while last and len(found) < _SHOWN:
            found.append(last)
            last = self.get(last.before)
        return found[::-1]

    def _keep(self, exchange: Exchange) -> None:
        self._kept[exchange.id] = exchange
        self._kept.move_to_end(exchange.id)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)


def pointer(article: Article) -> Pointer:
    """Return what points to an article."""
    return Pointer(article.id, article.title, dateline(article.source, article.published))
