"""What the model may cost a token in a day: over real HTTP, with a model that is scripted."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import httpx
import pytest

from retrieval.databases.tables import FileTables
from retrieval.errors import AccountSpent, BudgetSpent, SettingsError
from retrieval.models.accounts import Account
from retrieval.models.ledger import USAGE, Ledger, Use
from tests.openai_server.server import Exchange, Service, says
from tests.serving.conftest import TRUCE, Serve, desk_of
from tests.serving.test_gate import ANN, BEN, SEARCH, TOKENS, bearer, error_of

REPLY = says("The third truce took effect at eight in the morning on Monday, 26 October. [1]")
PRICED = "gpt-4.1-mini-2025-04-14"
"""A request of ours may cost about $0.0012, and costs $0.00056 with that reply."""


@pytest.fixture
def serve_a_model(serve: Serve, model: Service) -> Callable[[float], httpx.Client]:
    """Serves what the model writes, to each token for some dollars a day."""

    def start(dollars: float) -> httpx.Client:
        return serve(
            engine="openai",
            openai_base_url=model.url,
            model=PRICED,
            api_tokens=TOKENS,
            api_daily_usd=str(dollars),
        )

    return start


def ask(http: httpx.Client, token: str, question: str = TRUCE, **more: object) -> httpx.Response:
    body = {"model": "newsdesk", "messages": [{"role": "user", "content": question}], **more}
    return http.post("/v1/chat/completions", json=body, headers=bearer(token))


def replies_when_told(exchange: Exchange) -> None:
    exchange.wait()
    REPLY(exchange)


@pytest.mark.parametrize("stream", [False, True])
def test_a_token_that_has_spent_its_dollars_is_told_and_others_go_on(
    serve_a_model: Callable[[float], httpx.Client], model: Service, stream: bool
) -> None:
    model.script = [REPLY]
    for _ in range(2):  # the second server has what the first wrote down
        http = serve_a_model(0.0015)
        assert ask(http, ANN).status_code == 200
        refused = ask(http, ANN, f"{TRUCE} And who brokered it?", stream=stream)
        assert (refused.status_code, error_of(refused)["code"]) == (429, "insufficient_quota")
        assert "0.0015 US dollars a day of this token" in error_of(refused)["message"]
        assert 30 < int(refused.headers["retry-after"]) <= 86400
        assert http.get(SEARCH, headers=bearer(ANN)).status_code == 200
    assert len(model.requests) == 1
    assert ask(http, BEN, f"{TRUCE} And who brokered it?").status_code == 200
    assert len(model.requests) == 2


def test_many_questions_at_once_keep_within_a_tokens_dollars(
    serve_a_model: Callable[[float], httpx.Client], model: Service
) -> None:
    model.script = [replies_when_told]
    http = serve_a_model(0.005)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(ask, http, ANN, f"{TRUCE} {n}") for n in range(8)]
        while sum(one.done() for one in asked) + len(model.requests) < 8:
            time.sleep(0.01)
        refused = [one.result() for one in asked if one.done()]
        model.go_on.set()
    answered = [one.result() for one in asked if one.result() not in refused]
    assert 1 <= len(answered) == len(model.requests) <= 4
    assert {response.status_code for response in answered} == {200}
    assert {response.status_code for response in refused} == {429}
    assert {response.headers["retry-after"] for response in refused} == {"30"}
    assert "under way" in error_of(refused[0])["message"]
    assert ask(http, ANN).status_code == 200  # what was kept for them and not used is back


def test_a_price_has_to_be_known(own_home: Path) -> None:
    desk = desk_of(
        own_home, engine="openai", model="mine", openai_base_url="http://127.0.0.1:1/v1",
        api_tokens=TOKENS, api_daily_usd="1",
    )  # fmt: skip
    with pytest.raises(SettingsError, match="NEWSDESK_API_DAILY_USD cannot be kept"):
        desk.check_engine()


def test_an_account_is_counted_by_the_day_and_by_what_was_used(tmp_path: Path) -> None:
    today = [date(2026, 1, 1)]
    ledger = Ledger(FileTables(tmp_path / "usage.db", USAGE), clock=lambda: today[0])
    most, used = Use(10, 10, 0.6), Use(10, 2, 0.2)
    first = ledger.reserve("m", most, None, Account("ann", 1.0))
    with pytest.raises(AccountSpent, match="under way"):
        ledger.reserve("m", most, None, Account("ann", 1.0))
    ledger.settle(first, used)
    begun = Account("ann", 1.0)
    ledger.settle(ledger.reserve("m", most, None, begun), None)  # it failed, and cost nothing
    ledger.settle(ledger.reserve("m", most, None, begun), most)
    with pytest.raises(BudgetSpent):  # its question has an answer, if one without this
        ledger.reserve("m", most, None, begun)
    with pytest.raises(AccountSpent, match="00:00 UTC"):
        ledger.reserve("m", most, None, Account("ann", 1.0))
    ledger.reserve("m", most, None, Account("ben", 1.0))
    ledger.reserve("m", most)
    today[0] = date(2026, 1, 2)
    ledger.reserve("m", most, None, Account("ann", 1.0))
