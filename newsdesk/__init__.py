"""Newsdesk for programs: ask a news archive questions, and get answers with their sources.

Importing this is quick. What is heavy is loaded by the first `Newsdesk` and its first question.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from datetime import date
from itertools import chain
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from retrieval.answers import Answer, Carrier, Citation, Derived, Draft, Question, Removed, Turn
from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.archive.passages import Match
from retrieval.errors import NewsdeskError

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool

    from bot.wiring import Desk
    from retrieval.archive.sorting import IngestReport
    from retrieval.assistant import Assistant
    from retrieval.langchain import NewsdeskRetriever

    __version__: str

__all__ = [
    "Answer",
    "Carrier",
    "Citation",
    "Derived",
    "Draft",
    "Filters",
    "IngestReport",
    "Match",
    "Newsdesk",
    "NewsdeskError",
    "Question",
    "Removed",
    "Turn",
    "__version__",
]

StrPath = str | os.PathLike[str]


def __getattr__(name: str) -> Any:
    """Load an export that costs time to import when it is first asked for."""
    if name == "IngestReport":
        from retrieval.archive.sorting import IngestReport

        return IngestReport
    if name == "__version__":
        from bot.version import installed_version

        return installed_version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class Newsdesk:
    """A news archive that answers questions, each sentence with its source.

    Usage:

        >>> with Newsdesk(home="archive") as desk:
        ...     desk.ingest("articles/")                  # files and folders -> IngestReport
        ...     answer = desk.ask("When did the truce begin?")
        ...     desk.ask("Who brokered it?", history=[answer])
        ...     desk.search("truce", k=3)                 # passages, best first
        ...     desk.as_retriever(k=5)                    # for a chain of LangChain's
        ...     desk.as_tool()                            # for an agent of LangChain's

    In a coroutine, use `async with`, `await desk.aask(...)` and `desk.stream(...)`.

    Several may be open in one process, on one home or on many, and one may be used from several
    threads. Closing it closes its files and connections and ends its threads.

    Args:
        home: the folder that holds everything kept; without it, that of NEWSDESK_HOME.
        settings: the fields of `bot.settings.Settings`, such as `engine="extractive"` or
            `timeout=20`, or `env_file`, a file of settings. They win over the environment and
            `.env`, where the rest comes from.

    Raises:
        NewsdeskError: here and from every method, with a message for people: what went wrong
            and what to do about it.
    """

    def __init__(self, home: StrPath | None = None, **settings: Any) -> None:
        from bot.settings import load_settings
        from bot.wiring import Desk

        given = load_settings(None if home is None else Path(home), **settings)
        self._desk = Desk(given, keep_connections=False)
        self._lock = Lock()
        self._closed = False

    @property
    def home(self) -> Path:
        """The folder that holds everything kept."""
        return self._desk.settings.home

    def ingest(self, paths: StrPath | Iterable[StrPath]) -> IngestReport:
        """Read articles from files and folders into the archive.

        Articles that the archive has already are left alone. A file that cannot be read does not
        stop the others: the report's `rejected` names it with the reason.
        """
        from corpus.reading import find_files, read_file

        given = [paths] if isinstance(paths, str | os.PathLike) else paths
        files, unread = find_files([Path(path) for path in given])
        with self._opened().indexer() as indexer:
            return indexer.ingest(chain(unread, chain.from_iterable(map(read_file, files))))

    def ask(
        self,
        question: str | Question,
        *,
        history: Iterable[Turn | Answer] = (),
        as_of: date | None = None,
        filters: Filters | str = EVERYTHING,
    ) -> Answer:
        """Answer a question. An answer that the archive does not hold is `refused`, not raised.

        Args:
            question: a text, or a `Question`, whose history comes before `history`.
            history: what was said before, oldest first: earlier answers, or turns.
            as_of: answers as on that day, without articles published later or without a date.
            filters: what it is narrowed to: `Filters`, or a text such as
                "source:BBC after:2020-10". What is typed in the question narrows it further.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self.aask(question, history=history, as_of=as_of, filters=filters))
        raise NewsdeskError(
            "ask() would stop the event loop that is running here: use `await desk.aask(...)`."
        )

    async def aask(
        self,
        question: str | Question,
        *,
        history: Iterable[Turn | Answer] = (),
        as_of: date | None = None,
        filters: Filters | str = EVERYTHING,
    ) -> Answer:
        """Like `ask`, for coroutines."""
        asked = _question(question, history, as_of, filters)
        assistant = await asyncio.to_thread(self._assistant)
        return await assistant.ask(asked)

    async def stream(
        self,
        question: str | Question,
        *,
        history: Iterable[Turn | Answer] = (),
        as_of: date | None = None,
        filters: Filters | str = EVERYTHING,
    ) -> AsyncGenerator[Draft | Answer]:
        """Like `aask`, but yield the answer as it grows: any number of drafts, then the answer.

        A draft holds the sentences that have been checked so far. Answers quoted from articles
        come without drafts. Closing the generator stops the work, and the model's.
        """
        asked = _question(question, history, as_of, filters)
        assistant = await asyncio.to_thread(self._assistant)
        async with aclosing(assistant.stream(asked)) as parts:
            async for part in parts:
                yield part

    def search(
        self,
        query: str,
        k: int = 10,
        *,
        as_of: date | None = None,
        filters: Filters | str = EVERYTHING,
    ) -> list[Match]:
        """Return the passages that match a query best, best first, each with its article.

        Args:
            query: what to look for.
            k: the most passages to return, 1 or more; a search considers about 50.
            as_of: leaves out articles published later or without a date.
            filters: what it is narrowed to, as in `ask`; so may the query itself.
        """
        from retrieval.search.condense import Query

        if not isinstance(k, int) or k < 1:
            raise NewsdeskError(f"k is a number of passages from 1 up, not {k!r}.")
        asked = _question(query, (), as_of, filters)
        with self._lock:
            searcher = self._opened().searcher
        return searcher.search(Query(asked.text), k, only=asked.scope).matches

    def as_retriever(
        self, k: int = 10, *, filters: Filters | str = EVERYTHING
    ) -> NewsdeskRetriever:
        """Return a LangChain retriever over the archive; it works until the desk is closed.

        `filters` are those of `search`. A query is taken as it is: nothing in it is a filter.
        """
        from retrieval.langchain import NewsdeskRetriever

        only = _filters(filters)
        with self._lock:
            return NewsdeskRetriever(searcher=self._opened().searcher, k=k, filters=only)

    def as_tool(self) -> StructuredTool:
        """Return the search as a LangChain tool, for agents; it works until the desk is closed."""
        from retrieval.langchain import search_tool

        with self._lock:
            return search_tool(self._opened().searcher)

    def close(self) -> None:
        """Close all that was opened. Closing twice does nothing."""
        with self._lock:
            self._closed = True
            self._desk.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.close)

    def __repr__(self) -> str:
        return f"Newsdesk(home={str(self.home)!r})"

    def _opened(self) -> Desk:
        if self._closed:
            raise NewsdeskError("This Newsdesk has been closed: open another one.")
        return self._desk

    def _assistant(self) -> Assistant:
        with self._lock:
            return self._opened().assistant


def _filters(filters: Filters | str) -> Filters:
    from bot.questions import filters_from

    if isinstance(filters, str):
        return filters_from(filters)
    if isinstance(filters, Filters):
        return filters
    raise NewsdeskError(
        f'filters are a text such as "source:BBC after:2020-10", or Filters, not {filters!r}.'
    )


def _question(
    question: str | Question,
    history: Iterable[Turn | Answer],
    as_of: date | None,
    filters: Filters | str,
) -> Question:
    """Return what is asked, cleaned, with earlier answers as turns of the conversation."""
    from bot.questions import question_from
    from bot.sessions import remember

    text: object = question
    turns: tuple[Turn, ...] = ()
    only = _filters(filters)
    if isinstance(question, Question):
        text, turns, as_of = question.text, question.history, as_of or question.as_of
        only &= question.filters
    if not isinstance(text, str):
        raise NewsdeskError(f"A question is a text, not {text!r}.")
    if as_of is not None and not isinstance(as_of, date):
        raise NewsdeskError(f"as_of is a date such as datetime.date(2020, 10, 27), not {as_of!r}.")
    for said in [history] if isinstance(history, Answer | Turn | str) else history:
        if isinstance(said, Answer):
            turns = remember(turns, said)
        elif isinstance(said, Turn):
            turns = (*turns, said)
        else:
            raise NewsdeskError(f"history holds answers or turns, not {said!r}.")
    return question_from(text, turns, as_of, only)
