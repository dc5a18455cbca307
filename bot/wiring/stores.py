"""Opens the small stores beside the archive: files of the home, or tables of the database."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from typing import TYPE_CHECKING

from bot.settings import Settings
from retrieval.databases.tables import FileTables, ServerTables
from retrieval.models.ledger import FILE as USAGE_FILE
from retrieval.models.ledger import USAGE, Ledger
from retrieval.models.reply_cache import FILE as REPLIES_FILE
from retrieval.models.reply_cache import REPLIES, ReplyCache

if TYPE_CHECKING:
    from bot.conversations import Conversations
    from bot.serving.allowance import Allowance
    from bot.serving.ratings import Ratings
    from retrieval.databases.database import Schema
    from retrieval.databases.tables import Tables


class SmallStores:
    """The small stores of one Newsdesk, each opened at its first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._opened = ExitStack()

    def close(self) -> None:
        """Close those that were opened."""
        self._opened.close()

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of the models' tokens and costs."""
        return Ledger(self._tables(USAGE, USAGE_FILE))

    @cached_property
    def replies(self) -> ReplyCache:
        """The cache of the models' replies."""
        tables = self._tables(REPLIES, REPLIES_FILE, private=True, seconds=2)
        return ReplyCache(tables, days=self._settings.keep_days)

    @cached_property
    def conversations(self) -> Conversations:
        """The conversations that are kept."""
        from bot.conversations import CONVERSATIONS, FILE, Conversations

        tables = self._tables(CONVERSATIONS, FILE, private=True)
        return Conversations(tables, days=self._settings.keep_days)

    @cached_property
    def ratings(self) -> Ratings:
        """The verdicts on answers of the page."""
        from bot.serving.ratings import FILE, RATINGS, Ratings

        tables = self._tables(RATINGS, FILE, private=True)
        return Ratings(tables, self._settings.keep_days)

    @cached_property
    def allowance(self) -> Allowance:
        """What limits how much the holders of tokens may ask."""
        from bot.serving.allowance import ASKED, FILE, Allowance

        settings = self._settings
        return Allowance(self._tables(ASKED, FILE), settings.api_rate, settings.api_daily)

    def _tables(
        self, schema: Schema, file: str, *, private: bool = False, seconds: float = 10
    ) -> Tables:
        url = self._settings.database_url
        tables: Tables = (
            ServerTables(url.get_secret_value(), schema)
            if url
            else FileTables(self._settings.home / file, schema, private=private, seconds=seconds)
        )
        self._opened.callback(tables.close)
        return tables
