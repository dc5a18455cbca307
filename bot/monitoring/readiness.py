"""Tells whether a process can answer now, and why not, in words that strangers may read."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from retrieval.answers import EXTRACTIVE
from retrieval.archive.homes import catalog_in
from retrieval.archive.index import require_current
from retrieval.errors import IndexMismatch, NewsdeskError, VectorsUnavailable

if TYPE_CHECKING:
    from bot.wiring import Desk

_SECONDS = 2.0

_log = logging.getLogger("newsdesk.monitoring")


@dataclass(frozen=True, slots=True)
class State:
    """Why a process cannot answer (`reasons`), and what is less than usual about its answers."""

    reasons: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()


class Readiness:
    """Looks whether a process can answer, each time that it is asked, but not too often.

    Args:
        desk: the archive, and its model.
        is_reached: whether Telegram answers; None for a process that does not need it.
        seconds: how long what was found holds. Anybody may ask, and looking takes milliseconds.
        clock: seconds that only grow.
        patience: how long an archive is waited for that does not answer.
    """

    def __init__(
        self,
        desk: Desk,
        is_reached: Callable[[], bool] | None = None,
        seconds: float = _SECONDS,
        clock: Callable[[], float] = time.monotonic,
        patience: float = 2.0,
    ) -> None:
        self._desk = desk
        self._is_reached = is_reached
        self._seconds = seconds
        self._clock = clock
        self._looking: asyncio.Task[State] | None = None
        self._patience = patience
        self._until = float("-inf")
        self._archive = State()

    async def state(self) -> State:
        """Return whether the process can answer now."""
        archive = await self._looked()
        reasons, degraded = [*archive.reasons], [*archive.degraded]
        if self._is_reached and not self._is_reached():
            reasons.append("Telegram cannot be reached.")
        if self._desk.engine != EXTRACTIVE and self._desk.breaker.is_open:
            degraded.append("The model's service fails: answers are quoted.")
        return State(tuple(reasons), tuple(degraded))

    async def _looked(self) -> State:
        """Return the archive's state, looked at once for all who ask, and waited for a while."""
        if self._looking is None and self._clock() >= self._until:
            self._looking = asyncio.create_task(asyncio.to_thread(archive_state, self._desk))
            self._looking.add_done_callback(self._found)
        if (looking := self._looking) is None:
            return self._archive
        done, _ = await asyncio.wait({looking}, timeout=self._patience)
        return looking.result() if done else State(("The archive does not answer.",))

    def _found(self, looking: asyncio.Task[State]) -> None:
        """Keep what was found, from when it was found: nobody may be waiting for it any more."""
        before, self._looking = self._archive, None
        if looking.cancelled() or looking.exception():
            return
        self._archive, self._until = looking.result(), self._clock() + self._seconds
        if self._archive.reasons != before.reasons:
            said = " ".join(self._archive.reasons) or "Yes, again."
            _log.warning("can questions be answered? %s", said)


def archive_state(desk: Desk) -> State:
    """Look whether the archive can be read and searched, in a few milliseconds."""
    try:
        return State(degraded=_less_than_usual(desk))
    except _Gone:
        return State(("The archive's files are gone.",))
    except IndexMismatch:
        return State(("The archive was indexed with other settings.",))
    except NewsdeskError as error:
        _log.debug("the archive cannot be used: %s", error)
        return State(("The archive cannot be read.",))


class _Gone(NewsdeskError):
    """The archive's file is not there any more."""


def _less_than_usual(desk: Desk) -> tuple[str, ...]:
    """Return what is less than usual about an archive.

    One in files is opened anew for it: SQLite keeps what it has read of a file that is gone since.

    Raises:
        NewsdeskError: it cannot be used.
    """
    if desk.settings.database_url is None:
        if not desk.catalog_path.exists():
            raise _Gone
        with closing(catalog_in(desk.catalog_path)) as anew:
            anew.any_passage()
    require_current(desk.catalog, desk.vectors.collection)
    some = desk.catalog.any_passage()
    if some is None:
        return ("The archive is empty.",)
    desk.catalog.passages([some])
    try:
        lost = desk.vectors.missing([some])
    except VectorsUnavailable:
        return ("The vectors are out of reach: articles are found by their words alone.",)
    return ("Vectors are missing: articles are found by their words alone.",) if lost else ()
