"""The bot's commands: each takes a request and returns the reply."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.health import room_taken
from bot.questions import read_filter
from bot.rendering.telegram import Shown, coverage_message, plain, quote_message
from bot.rendering.terminal import dateline
from bot.telegram.conversation import texts
from bot.telegram.conversation.access import Access
from bot.telegram.conversation.asking import Asking
from bot.telegram.conversation.following import VERBS, Following
from bot.telegram.conversation.uploads import Uploads
from bot.telegram.storage.conversations import Conversations
from bot.telegram.storage.figures import recent_figures
from bot.telegram.storage.retention import Retention
from bot.telegram.storage.store import Store
from bot.telegram.transport.parsing import INGEST, Incoming
from bot.wiring import Desk
from corpus.cleaning import clean_line
from retrieval.answering.gone import with_gone
from retrieval.answers import Citation
from retrieval.archive.filters import EVERYTHING
from retrieval.errors import BadQuestion
from retrieval.search.syntax import KINDS, written

_NEWEST = 5
_LONGEST_QUOTE = 3000


@dataclass(frozen=True, slots=True)
class Reply:
    """The messages of a reply, and the buttons under the last one."""

    shown: list[Shown]
    keyboard: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Commands:
    """Runs the commands; a method's name is the command's.

    `stop` is the service's. `me` is the bot's username.
    """

    desk: Desk
    store: Store
    access: Access
    asking: Asking
    conversations: Conversations
    uploads: Uploads
    retention: Retention
    following: Following
    stop: Callable[..., Awaitable[bool]]
    me: str

    async def reply(self, incoming: Incoming) -> Reply:
        """Run a command and return its reply."""
        if incoming.verb in VERBS:
            return Reply(plain(await self.following.reply(incoming)))
        verb: Callable[[Incoming], Awaitable[Reply]] = getattr(self, incoming.verb)
        return await verb(incoming)

    async def start(self, _: Incoming) -> Reply:
        """Greet the person (/start)."""
        return _text_reply(texts.START)

    async def added(self, _: Incoming) -> Reply:
        """Say hello to a group."""
        return _text_reply(texts.HELLO.format(me=self.me))

    async def help(self, _: Incoming) -> Reply:
        """Explain how to ask, and list the commands (/help)."""
        commands = "\n".join(f"/{name} – {does}" for name, does in texts.COMMANDS.items())
        return _text_reply(texts.HELP.format(me=self.me, commands=commands))

    async def privacy(self, _: Incoming) -> Reply:
        """Explain what the bot stores (/privacy)."""
        settings = self.desk.settings
        words = texts.PRIVACY_WORDS[settings.log_texts]
        return _text_reply(texts.PRIVACY.format(days=settings.keep_days, words=words))

    async def unknown(self, _: Incoming) -> Reply:
        """Reply that there is no such command."""
        return _text_reply(texts.UNKNOWN)

    async def media(self, incoming: Incoming) -> Reply:
        """Reply to what was sent without words: ask an admin whether to ingest a document."""
        documents = [d for d in incoming.documents if self.uploads.reads(d)]
        if documents and self.access.is_admin(incoming.user_id):
            button = {"text": texts.ADD_YES, "callback_data": INGEST}
            name = clean_line(documents[0].file_name or "")
            return Reply(plain(texts.ADD.format(name=name)), {"inline_keyboard": [[button]]})
        return _text_reply(texts.MEDIA)

    async def sources(self, _: Incoming) -> Reply:
        """Summarize the archive (/sources)."""
        return Reply(await asyncio.to_thread(self._coverage))

    async def source(self, incoming: Incoming) -> Reply:
        """Show the quote that a deep link names by article, start and end: 3f9a2c1d_120_185."""
        found = re.fullmatch(r"([0-9a-f]{4,64})_(\d{1,9})_(\d{1,9})", incoming.text)
        if found is None:
            return _text_reply(texts.START)
        articles = await asyncio.to_thread(self.desk.catalog.articles, [found[1]])
        article = articles.get(found[1])
        start, end = int(found[2]), int(found[3])
        if article is None or article.is_held(time.time()):
            return _text_reply(texts.SOURCE_GONE)
        if not start < end <= min(start + _LONGEST_QUOTE, len(article.body)):
            return _text_reply(texts.SOURCE_GONE)
        citation = Citation(
            0,
            article.id,
            "",
            article.title,
            article.source,
            article.published,
            article.url,
            article.uri,
            article.body[start:end],
            start,
            end,
            article.page_at(start),
            excerpt=article.excerpt,
        )
        [citation] = await asyncio.to_thread(with_gone, [citation], self.desk.catalog)
        return Reply(quote_message(citation, article.body))

    def _coverage(self) -> list[Shown]:
        summary = self.desk.catalog.summary()
        newest = [
            (article.title, dateline(article.source, article.published))
            for article in self.desk.catalog.newest(_NEWEST)
        ]
        return coverage_message(summary.articles, summary.earliest, summary.latest, newest)

    async def new(self, incoming: Incoming) -> Reply:
        """Start a new conversation (/new)."""
        place, message = self.asking.place(incoming), self.asking.message(incoming)
        narrowed = bool(self.asking.filter_of(incoming))
        with self.store.transaction():
            self.conversations.begin_anew(place, message)
            if narrowed:
                self.asking.filters.set(place, message, EVERYTHING)
        return _text_reply(texts.NEW + texts.NEW_FILTER * narrowed)

    async def filter(self, incoming: Incoming) -> Reply:
        """Show, set or end what this person's conversation is narrowed to (/filter)."""
        standing = self.asking.filter_of(incoming)
        try:
            filters = read_filter(incoming.text, standing)
        except BadQuestion as error:
            return _text_reply(str(error))
        if filters != standing:
            self.asking.filters.set(
                self.asking.place(incoming), self.asking.message(incoming), filters
            )
        if filters:
            return _text_reply(texts.FILTER.format(filter=written(filters)))
        ended = texts.FILTER_ENDED if standing else texts.FILTER_NONE.format(kinds=KINDS)
        return _text_reply(ended)

    async def cancel(self, incoming: Incoming) -> Reply:
        """Stop the answers that this person waits for in this chat or thread (/cancel)."""

        def mine(item: Incoming) -> bool:
            place = self.asking.place
            asks = item.verb in ("question", "check", "digest") or bool(item.album)
            return asks and place(item) == place(incoming)

        stopped = await self.stop(mine)
        return _text_reply(texts.STOPPED if stopped else texts.NOTHING_TO_STOP)

    async def forget(self, incoming: Incoming) -> Reply:
        """Ask for a confirmation of the deletion of all their data (/forget)."""
        if incoming.as_chat:
            return await self._forget_chat(incoming)
        rows = [
            {"text": texts.FORGET_YES, "callback_data": f"g:{incoming.user_id}:yes"},
            {"text": texts.FORGET_NO, "callback_data": f"g:{incoming.user_id}:no"},
        ]
        return Reply(plain(texts.FORGET), {"inline_keyboard": [rows]})

    async def _forget_chat(self, incoming: Incoming) -> Reply:
        """Delete what was asked as a chat, if the command is followed by "yes"."""
        if incoming.text.lower() != "yes":
            return _text_reply(texts.FORGET_CHAT.format(me=self.me))
        await self.stop(lambda item: item.user_id == incoming.user_id, keep=False)
        self.retention.forget(incoming.user_id)
        return _text_reply(texts.FORGOTTEN)

    async def ingest(self, incoming: Incoming) -> Reply:
        """Ingest an admin's documents into the archive (/ingest)."""
        if not self.access.is_admin(incoming.user_id):
            return _text_reply(texts.ADMINS_ONLY)
        return _text_reply(await self.uploads.ingest(incoming.documents))

    async def stats(self, incoming: Incoming) -> Reply:
        """Show figures of the archive, questions and feedback to an admin (/stats)."""
        if not self.access.is_admin(incoming.user_id):
            return _text_reply(texts.ADMINS_ONLY)
        return _text_reply(await asyncio.to_thread(self._stats))

    def _stats(self) -> str:
        day = datetime.now(UTC).date().isoformat()
        one = self.store.one
        verdicts: Counter[str] = Counter(
            dict(self.store.rows("SELECT verdict, count(*) FROM feedback GROUP BY verdict"))
        )
        used, own = (taken / 1e6 for taken in room_taken(self.desk))
        summary = self.desk.catalog.summary()
        asked = one("SELECT count(*) FROM asked WHERE day = ?", day)
        askers = one("SELECT count(DISTINCT user_id) FROM asked WHERE day = ?", day)
        waiting = one("SELECT count(*) FROM updates WHERE outcome IS NULL")
        return "\n".join(
            [
                f"Archive: {summary.articles:,} articles, {summary.passages:,} passages",
                f"Engine: {self.desk.engine}",
                f"Questions today (UTC): {asked} of {askers} people",
                f"Answers stored: {one('SELECT count(*) FROM answers')}",
                f"Feedback: 👍 {verdicts['up']}, 👎 {verdicts['down']}",
                *recent_figures(self.store).lines(),
                f"Disk used: {used:,.1f} MB, of which questions and answers {own:,.1f}",
                f"In the works: {waiting - 1}",
            ]
        )


def _text_reply(text: str) -> Reply:
    return Reply(plain(text))
