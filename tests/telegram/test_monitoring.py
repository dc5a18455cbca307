"""What the bot shows of itself, beside its webhook and at a port of its own; over real HTTP."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from time import monotonic, sleep

import httpx
import pytest

from tests.monitoring.prometheus import Figures, counted, figures, timed
from tests.ports import free_port
from tests.telegram.bots import START, BotThread, ScriptedThread
from tests.telegram.desk import TRUCE, UNANSWERED, asks, finished
from tests.telegram.test_webhook import Hook

READER = "prometheus-0123456789"


def polling(bot: BotThread, **settings: str) -> httpx.Client:
    """A client of the port that a bot shows its state at, while it polls."""
    port = free_port()
    bot.told(TELEGRAM_HEALTH_LISTEN=f"127.0.0.1:{port}", **settings).start()
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60)


def becomes(http: httpx.Client, status: int) -> str:
    """What /readyz says once it has a status."""
    until = monotonic() + 60
    while (shown := http.get("/readyz")).status_code != status:
        assert monotonic() < until, shown.text
        sleep(0.05)
    return str(shown.json().get("reason", ""))


def settled(http: httpx.Client, before: Figures, updates: int) -> dict[str, float]:
    """What was counted once some updates were."""
    until = monotonic() + 60
    name = "newsdesk_updates_total"
    while True:
        added = figures(http) - before
        if sum(value for key, value in added.items() if key.startswith(name)) >= updates:
            return added
        assert monotonic() < until, added
        sleep(0.05)


@pytest.fixture
def hook(own_bot: BotThread) -> Iterator[Hook]:
    bot = Hook(own_bot.api, own_bot.newsdesk, own_bot.log_file.parent)
    yield bot
    bot.end()


def test_a_bot_that_polls_counts_questions_at_a_port_of_its_own(own_bot: BotThread) -> None:
    with polling(own_bot) as http:
        assert http.get("/healthz").json() == {"status": "ok"}
        assert becomes(http, 200) == ""
        before = figures(http)
        assert before["newsdesk_archive_articles"] == 44
        assert before["newsdesk_telegram_reached"] == before["newsdesk_bot_leads"] == 1
        assert before["newsdesk_journal_oldest_open_seconds"] == 0
        ann = own_bot.api.person("Ann")
        asks(ann, TRUCE)
        asks(ann, UNANSWERED)
        added = settled(http, before, 2)
        assert counted(added) == {"answered": 1, "refused": 1, "not_answered": 1}
        assert timed(added) == {"search", "rerank", "total"}
        assert added['newsdesk_updates_total{outcome="answered"}'] == 1
        assert added['newsdesk_updates_total{outcome="refused"}'] == 1
        shown = http.get("/metrics").text
        assert own_bot.api.token not in shown
        assert not [word for word in ("truce", "Lisbon", str(ann.id)) if word in shown]
        assert http.get("/elsewhere").status_code == 404


def test_a_bot_with_a_webhook_shows_it_beside_the_deliveries(hook: Hook) -> None:
    hook.told(NEWSDESK_METRICS_TOKEN=READER)
    with httpx.Client(base_url=hook.listen().base, trust_env=False, timeout=60) as http:
        assert becomes(http, 200) == ""
        assert http.get("/metrics").status_code == 401
        reader = {"Authorization": f"Bearer {READER}"}
        before = figures(http, **reader)
        asks(hook.api.person("Ann"), TRUCE)
        http.headers.update(reader)
        assert counted(settled(http, before, 1)) == {"answered": 1}


def test_strangers_behind_a_proxy_read_no_figures(hook: Hook) -> None:
    with httpx.Client(base_url=hook.listen().base, trust_env=False, timeout=60) as http:
        assert http.get("/metrics").status_code == 200
        for by_a_proxy in (
            {"X-Forwarded-For": "198.51.100.7"},
            {"X-Real-IP": "198.51.100.7"},
            {"Host": "bot.example.org"},
        ):
            assert http.get("/metrics", headers=by_a_proxy).status_code == 401


def test_what_waits_is_shown_with_its_age(own_scripted: ScriptedThread) -> None:
    own_scripted.answers("slowly", *["So it goes [1]. "] * 90, pause=0.5)
    with polling(own_scripted) as http:
        ann = own_scripted.api.person("Ann")
        ann.says(f"{TRUCE} slowly")
        ann.says(TRUCE)
        until = monotonic() + 60
        while (now := figures(http))['newsdesk_queue_depth{queue="answers"}'] < 2:
            assert monotonic() < until
            sleep(0.05)
        assert now['newsdesk_queue_depth{queue="commands"}'] == 0
        assert 0 < now["newsdesk_journal_oldest_open_seconds"] < 60


def test_telegram_that_fails_makes_it_unready_until_it_answers(own_bot: BotThread) -> None:
    with polling(own_bot) as http:
        assert becomes(http, 200) == ""
        fault = own_bot.api.fail("*", "page", code=502, times=10_000)
        assert becomes(http, 503) == "Telegram cannot be reached."
        assert figures(http)["newsdesk_telegram_reached"] == 0
        assert http.get("/healthz").status_code == 200
        assert fault.met
        own_bot.api.calm()
        assert becomes(http, 200) == ""


def test_a_damaged_archive_makes_it_unready_until_it_is_whole(own_bot: BotThread) -> None:
    with polling(own_bot) as http:
        catalog = own_bot.newsdesk.home / "catalog.db"
        with own_bot.resting():
            assert becomes(http, 200) == ""
            whole = catalog.read_bytes()
            with catalog.open("r+b") as file:
                file.write(os.urandom(len(whole)))
            assert becomes(http, 503) == "The archive cannot be read."
            assert http.get("/healthz").status_code == 200
            with catalog.open("r+b") as file:
                file.write(whole)
            assert becomes(http, 200) == ""
        ann = own_bot.api.person("Ann")
        assert finished(asks(ann, TRUCE))


def test_a_port_that_is_taken_is_named(own_bot: BotThread) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        own_bot.told(TELEGRAM_HEALTH_LISTEN=place).launch()
        assert own_bot.wait(START) == 1
        assert f"TELEGRAM_HEALTH_LISTEN={place} cannot be used" in own_bot.log
