"""Who may read figures, how often an archive is looked at, and what observers may break."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event
from typing import Any, cast

import pytest
from pydantic import SecretStr

from bot.monitoring import readiness
from bot.monitoring.access import Caller, Readers
from bot.monitoring.archive_size import ArchiveSize
from bot.monitoring.metrics import Metrics
from bot.monitoring.readiness import Readiness
from retrieval.answers import Answer, Draft, Usage
from retrieval.archive.catalog import Catalog, CatalogSummary
from retrieval.errors import ArchiveUnreadable, BudgetSpent, ServiceTimeout
from retrieval.observing import Observation, Observers, observed
from retrieval.stopwatch import Stopwatch


@pytest.mark.parametrize(
    ("address", "host", "here"),
    [
        ("127.0.0.1", "127.0.0.1:8000", True),
        ("127.4.5.6", "localhost", True),
        ("::1", "[::1]:8000", True),
        ("::ffff:127.0.0.1", "localhost:80", True),
        ("192.0.2.7", "localhost", False),
        ("::ffff:192.0.2.7", "localhost", False),
        ("127.0.0.1", "news.example.org", False),
        ("127.0.0.1", "localhost.example.org", False),
        ("127.0.0.1", "", False),
        ("", "localhost", False),
    ],
)
def test_who_is_on_this_machine(address: str, host: str, here: bool) -> None:
    assert Caller(address, {"host": host}).is_here == here
    assert Readers().allow(Caller(address, {"host": host})) == here
    token = Readers(SecretStr("prometheus-0123456789"))
    assert not token.allow(Caller(address, {"host": host}))
    for shown in ("prometheus-0123456789", "", "x", "é"):
        caller = Caller(address, {"host": host, "authorization": f"Bearer {shown}"})
        assert token.allow(caller) == (shown == "prometheus-0123456789")


@dataclass
class Counting:
    """A catalog that notes how often it is counted."""

    changes: int = 0
    counts: int = 0

    def version(self) -> int:
        return self.changes

    def summary(self) -> CatalogSummary:
        self.counts += 1
        return CatalogSummary(self.counts, 10 * self.counts, None, None)


def test_an_archive_is_counted_after_a_change_and_once_a_minute_at_most() -> None:
    catalog, now = Counting(), 0.0
    size = ArchiveSize(lambda: cast(Catalog, catalog), lambda: now)
    assert (size.articles(), size.passages()) == (1, 10)
    catalog.changes += 1
    assert size.articles() == 1
    now = 61.0
    assert (size.articles(), size.passages()) == (2, 20)
    now = 200.0
    assert (size.articles(), catalog.counts) == (2, 2)


@dataclass
class Noting:
    """An observer that keeps what it is told."""

    seen: list[Observation] = field(default_factory=list)
    used: list[Usage] = field(default_factory=list)

    def ended(self, seen: Observation) -> None:
        self.seen.append(seen)

    def spent(self, used: Usage) -> None:
        self.used.append(used)


class Failing(Noting):
    def ended(self, seen: Observation) -> None:
        raise OSError("disk full")


def end_of(*parts: Draft | Answer | BaseException, keep: int = 99) -> Observation:
    """What is observed of a stream of some parts, of which `keep` are waited for."""
    noting, observers = Noting(), Observers()
    for observer in (Failing(), noting):
        observers.add(observer)

    async def stream() -> Any:
        for part in parts:
            if isinstance(part, BaseException):
                raise part
            yield part

    async def follow() -> None:
        watched = observed(stream(), Stopwatch(), "extractive", observers)
        for _ in range(keep):
            if await anext(watched, None) is None:
                break
        await watched.aclose()

    with suppress(*(type(part) for part in parts if isinstance(part, Exception))):
        asyncio.run(follow())
    (seen,) = noting.seen
    return seen


ANSWER = Answer("q", "q", "a")


@pytest.mark.parametrize(
    ("parts", "keep", "outcome", "cause"),
    [
        ([ANSWER], 99, "answered", ""),
        ([Draft("a"), ANSWER], 2, "answered", ""),
        ([Answer("q", "q", "no", refused=True, cause="language")], 99, "refused", "language"),
        ([Draft("a"), ANSWER], 1, "cancelled", ""),
        ([Draft("a"), ArchiveUnreadable("x")], 99, "failed", "archive"),
        ([ServiceTimeout("x")], 99, "failed", "service"),
        ([BudgetSpent("x")], 99, "failed", "budget"),
        ([KeyError("x")], 99, "failed", "unexpected"),
    ],
)  # fmt: skip
def test_each_question_ends_once_in_one_way(
    parts: list[Any], keep: int, outcome: str, cause: str
) -> None:
    seen = end_of(*parts, keep=keep)
    assert (seen.outcome, seen.cause) == (outcome, cause)
    assert seen.whole.start <= seen.whole.end


def test_a_value_that_cannot_be_read_leaves_the_others() -> None:
    def fails() -> float:
        raise ArchiveUnreadable("/home/ann/catalog.db is damaged")

    metrics = Metrics("serve", "extractive")
    metrics.gauge("newsdesk_broken", "Fails.", fails)
    metrics.gauge("newsdesk_whole", "Works.", lambda: 7)
    shown = metrics.shown("")[0].decode()
    assert "newsdesk_whole 7.0" in shown
    assert "\nnewsdesk_broken " not in shown
    assert "/home/ann" not in shown


def test_what_does_not_answer_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.monitoring.metrics._PATIENCE", 0.05)
    go_on = Event()

    def hangs() -> float:
        go_on.wait(60)
        return 1.0

    metrics = Metrics("serve", "extractive")
    metrics.gauge("newsdesk_slow", "Hangs.", hangs)
    metrics.gauge("newsdesk_whole", "Works.", lambda: 7)
    for _ in range(2):
        shown = metrics.shown("")[0].decode()
        assert "newsdesk_whole 7.0" in shown
        assert "newsdesk_slow 1.0" not in shown
    go_on.set()
    while "newsdesk_slow 1.0" not in metrics.shown("")[0].decode():
        pass


def test_an_archive_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = Event()

    def look(_: object) -> readiness.State:
        go_on.wait(60)
        return readiness.State()

    monkeypatch.setattr(readiness, "archive_state", look)

    async def ask() -> None:
        ready = Readiness(cast(Any, _Quoting()), seconds=0.0, patience=0.01)
        for _ in range(2):
            assert (await ready.state()).reasons == ("The archive does not answer.",)
        go_on.set()
        while (await ready.state()).reasons:
            pass

    asyncio.run(ask())


def test_what_was_found_while_nobody_waited_grows_old(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, now = Event(), 0.0
    found = [readiness.State(("The archive cannot be read.",)), readiness.State()]

    def look(_: object) -> readiness.State:
        go_on.wait(60)
        return found.pop(0)

    monkeypatch.setattr(readiness, "archive_state", look)

    async def ask() -> None:
        nonlocal now
        ready = Readiness(cast(Any, _Quoting()), seconds=2.0, clock=lambda: now, patience=0.01)
        assert (await ready.state()).reasons == ("The archive does not answer.",)
        go_on.set()
        while ready._looking is not None and not ready._looking.done():
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        now = 15.0
        while (await ready.state()).reasons == ("The archive does not answer.",):
            pass
        assert (await ready.state()).reasons == ()

    asyncio.run(ask())


class _Quoting:
    engine = "extractive"


def test_an_archive_is_not_looked_at_for_each_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    looked, now = [], 0.0

    def look(_: object) -> readiness.State:
        looked.append(now)
        return readiness.State()

    monkeypatch.setattr(readiness, "archive_state", look)

    async def ask() -> None:
        nonlocal now
        ready = Readiness(cast(Any, _Quoting()), seconds=2.0, clock=lambda: now)
        await asyncio.gather(*(ready.state() for _ in range(20)))
        now = 1.9
        await ready.state()
        now = 2.0
        await ready.state()

    asyncio.run(ask())
    assert looked == [0.0, 2.0]
