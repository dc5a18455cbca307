"""The daily budget: reserved before a request, settled after it, never exceeded."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from datetime import date
from importlib.resources import files

import pytest

from bot.settings import DEFAULT_MODEL
from retrieval.answers import Answer, Question
from retrieval.models.prices import Price, price_of
from tests.conftest import Newsdesk, make_read_only
from tests.openai_server.conftest import Make, ask
from tests.openai_server.server import Act, Exchange, Service, after, fails, says

TRUCE = "When did the third truce take effect?"
SAID = "The third truce took effect at eight in the morning on Monday, 26 October. [1]"
REPLY = says(SAID)
PRICED = "gpt-4.1-mini-2025-04-14"
"""At $0.40 and $1.60 a million tokens a request of ours costs at most $0.0022."""


def replies_when_told(exchange: Exchange) -> None:
    exchange.wait()
    REPLY(exchange)


@pytest.mark.parametrize(("budget", "most"), [(0.0001, 0), (0.005, 4)])
def test_twenty_at_once_stay_within_the_budget(
    make_desk: Make, service: Service, budget: float, most: int
) -> None:
    service.script = [replies_when_told]
    desk = make_desk(NEWSDESK_DAILY_BUDGET_USD=str(budget), NEWSDESK_MODEL=PRICED)

    async def crowd() -> list[Answer]:
        asking = [asyncio.create_task(desk.assistant.ask(Question(TRUCE))) for _ in range(20)]
        while sum(task.done() for task in asking) + len(service.requests) < 20:
            await asyncio.sleep(0.01)
        service.go_on.set()
        return await asyncio.gather(*asking)

    answers = asyncio.run(crowd())
    assert len(service.requests) <= most
    assert bool(service.requests) == bool(most)
    assert desk.stores.ledger.spent_today() <= budget
    assert desk.stores.ledger.spent_today() == pytest.approx(len(service.requests) * 0.00056)
    quoted = [answer for answer in answers if answer.engine == "extractive"]
    assert len(quoted) == 20 - len(service.requests)
    assert all("daily budget" in answer.notice for answer in quoted)


def test_a_budget_too_small_for_any_answer_says_so(make_desk: Make, service: Service) -> None:
    desk = make_desk(NEWSDESK_DAILY_BUDGET_USD="0.0001", NEWSDESK_MODEL=PRICED)
    _, answer = ask(desk, TRUCE)
    assert "less than an answer may cost" in answer.notice
    assert service.requests == []
    assert desk.stores.ledger.entries() == []


def waits(exchange: Exchange) -> None:
    exchange.wait()


@pytest.mark.parametrize(
    ("act", "received"),
    [(waits, range(1)), (after(f"{SAID} It had been brokered", waits), range(20, 40))],
)
def test_a_cancelled_request_costs_what_was_sent_and_received(
    make_desk: Make, service: Service, act: Act, received: range
) -> None:
    service.script = [act]
    desk = make_desk(NEWSDESK_DAILY_BUDGET_USD="1", NEWSDESK_MODEL=PRICED)
    drafted = asyncio.Event()

    async def follow() -> None:
        async for _ in desk.assistant.stream(Question(TRUCE)):
            drafted.set()

    async def give_up() -> None:
        asking = asyncio.create_task(follow())
        while not service.requests:
            await asyncio.sleep(0.01)
        if received[0]:
            await drafted.wait()
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking

    asyncio.run(give_up())
    [entry] = desk.stores.ledger.entries()
    assert entry.calls == 1
    assert entry.prompt_tokens > 500
    assert entry.completion_tokens in received
    expected = (entry.prompt_tokens * 0.4 + entry.completion_tokens * 1.6) / 1e6
    assert entry.cost_usd == pytest.approx(expected)


def test_a_slow_request_is_paid_for_and_a_failed_one_is_not(
    make_desk: Make, service: Service
) -> None:
    desk = make_desk(NEWSDESK_DAILY_BUDGET_USD="1", NEWSDESK_MODEL=PRICED, NEWSDESK_TIMEOUT="1")
    service.script = [fails(400), waits]
    ask(desk, TRUCE)
    assert desk.stores.ledger.entries() == []
    ask(desk, TRUCE)
    [entry] = desk.stores.ledger.entries()
    assert (entry.calls, entry.completion_tokens) == (1, 0)
    assert entry.prompt_tokens > 500


def test_each_price_is_as_of_a_date_and_has_a_source() -> None:
    lists = json.loads(files("retrieval.models").joinpath("prices.json").read_text("utf-8"))
    for listed in lists:
        assert date.fromisoformat(listed["as_of"]) <= date.today()
        assert listed["source"]
        assert all(price_of(name) for name in listed["usd_per_million_tokens"])
    assert price_of(DEFAULT_MODEL) == price_of("gpt-5.4-mini") == Price(0.75, 4.5)
    assert price_of("gpt-6.2-sol") == Price(2, 10)


@pytest.mark.parametrize("budget", [None, "5"])
def test_a_home_that_is_read_only_is_answered_from_without_a_ledger(
    own_sample: Newsdesk, service: Service, monkeypatch: pytest.MonkeyPatch, budget: str | None
) -> None:
    files = sorted(own_sample.home.iterdir())
    make_read_only(own_sample.home, monkeypatch)
    monkeypatch.setattr("retrieval.models.reply_cache.ReplyCache.put", lambda *_: None)
    service.script = [REPLY]
    told = {} if budget is None else {"NEWSDESK_DAILY_BUDGET_USD": budget}
    newsdesk = own_sample.told(OPENAI_API_KEY="sk-x", OPENAI_BASE_URL=service.url, **told)
    done = newsdesk("ask", TRUCE)
    assert done.returncode == 0
    assert "26 October" in done.stdout
    assert len(service.requests) == (budget is None)
    assert ("cannot be kept" in done.stderr) == (budget is not None)
    assert sorted(own_sample.home.iterdir()) == files
