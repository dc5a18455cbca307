"""Webhook mode: deliveries with the secret, and health."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from bot.settings import TELEGRAM
from bot.telegram.transport.webhook import try_webhook
from retrieval.errors import SettingsError
from tests.ports import free_port
from tests.telegram.botapi import BotApi
from tests.telegram.bots import START, BotThread
from tests.telegram.desk import SHIP, TRUCE, asks, finished

SECRET = "a-Secret_of_the_webhook-1"


class Hook(BotThread):
    """A bot that listens."""

    url: str
    base: str

    def listen(self) -> Hook:
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        self.url = f"{self.base}/hook"
        self.told(
            TELEGRAM_WEBHOOK_URL=self.url,
            TELEGRAM_WEBHOOK_SECRET=SECRET,
            TELEGRAM_WEBHOOK_LISTEN=f"127.0.0.1:{port}",
        ).start(polling=False)
        self.api.wait(lambda: self.api.webhook or not self.running, START, "a webhook")
        assert self.running, self.log
        return self


@pytest.fixture(scope="module")
def hook(archive, tmp_path_factory) -> Iterator[Hook]:  # type: ignore[no-untyped-def]
    api = BotApi().start()
    bot = Hook.at(api, archive, tmp_path_factory.mktemp("hook"))
    try:
        yield bot.listen()
    finally:
        bot.end()
        api.stop()
    assert api.violations == []


def update(hook: Hook, text: str = TRUCE) -> dict[str, Any]:
    """An update that Telegram never sent."""
    eve = hook.api.person("Eve")
    eve.private  # noqa: B018  # the room exists from here on
    message = {"message_id": 1, "date": 1, "chat": eve.private.raw, "from": eve.raw, "text": text}
    hook.api.queue.last_id += 1
    return {"update_id": hook.api.queue.last_id, "message": message}


def test_it_is_set_with_its_secret(hook: Hook) -> None:
    assert hook.api.webhook is not None
    assert hook.api.webhook["url"] == hook.url
    assert hook.api.webhook["secret_token"] == SECRET
    assert hook.api.requested("getUpdates") == []


def test_deliveries_are_taken_and_answered(hook: Hook) -> None:
    ann = hook.api.person("Ann")
    for question in (TRUCE, SHIP):
        asks(ann, question)
    assert hook.api.deliveries
    for delivery in hook.api.deliveries:
        assert delivery.status == 200


@pytest.mark.parametrize("headers", [
    {}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}, {"X-Telegram-Bot-Api-Secret-Token": ""},
])  # fmt: skip
def test_without_the_secret_nothing_happens(hook: Hook, headers: dict[str, str]) -> None:
    forged = update(hook)
    assert httpx.post(hook.url, json=forged, headers=headers).status_code == 403
    asks(hook.api.person("Ann"), SHIP)
    assert hook.api.rooms[forged["message"]["chat"]["id"]].from_bot == []


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "text/plain"]
)
def test_the_secret_counts_not_the_content_type(hook: Hook, content_type: str) -> None:
    import json

    mine = update(hook)
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": content_type}
    for _ in range(2):
        sent = httpx.post(hook.url, content=json.dumps(mine), headers=headers)
        assert sent.status_code == 200
    room = hook.api.rooms[mine["message"]["chat"]["id"]]
    hook.api.wait(lambda: any(finished(s) for s in room.from_bot), what="an answer")
    asks(hook.api.person("Ann"), SHIP)
    assert len(room.from_bot) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"{}", b'{"update_id": "x"}'])
def test_rubbish_is_refused(hook: Hook, body: bytes) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    assert httpx.post(hook.url, content=body, headers=headers).status_code == 400


def test_an_update_with_a_giant_number_inside_is_taken_and_passed_over(hook: Hook) -> None:
    forged = update(hook)
    forged["message"]["message_id"] = 10**30
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    assert httpx.post(hook.url, json=forged, headers=headers).status_code == 200
    assert hook.closed(forged["update_id"])


def test_an_update_that_cannot_be_parsed_is_taken(hook: Hook) -> None:
    hook.api.broken_update()
    ann = hook.api.person("Ann")
    ann.private.reply(ann.says(TRUCE), finished, timeout=5)
    assert hook.api.queue.pending == []


def test_health(hook: Hook) -> None:
    state = httpx.get(f"{hook.base}/healthz")
    assert state.status_code == 200
    assert state.json()["status"] == "ok"
    assert hook.api.token not in state.text
    assert httpx.get(f"{hook.base}/elsewhere").status_code == 404
    assert httpx.get(hook.url).status_code in (403, 404, 405)


def test_check_names_an_address_that_cannot_be_used(own_bot: BotThread) -> None:
    own_bot.told(TELEGRAM_WEBHOOK_URL="http://127.0.0.1:1/healthz")
    done = own_bot.newsdesk("telegram", "--check")
    assert done.returncode == 1
    assert "Problem  TELEGRAM_WEBHOOK_URL=http://127.0.0.1:1/healthz cannot" in done.stdout


def test_a_place_that_cannot_be_listened_at_is_named(hook: Hook) -> None:
    taken = hook.base.removeprefix("http://")
    try_webhook("https://bot.example.org", taken, TELEGRAM)
    with pytest.raises(SettingsError, match=r"LISTEN=127\.0\.0\.1:x cannot"):
        try_webhook("https://bot.example.org", "127.0.0.1:x", TELEGRAM)
    assert hook.newsdesk.told(TELEGRAM_WEBHOOK_LISTEN="x")("telegram", "--check").returncode == 1


def test_check_says_how_updates_come(hook: Hook) -> None:
    done = hook.newsdesk("telegram", "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"delivered to {hook.url}" in done.stdout


@pytest.mark.parametrize(
    ("url", "fits"),
    [("https://bot.example.org", True), ("https://bot.example.org:8443/x", True),
     ("http://bot.example.org", False), ("https://bot.example.org:5000", False)],
)  # fmt: skip
def test_telegram_delivers_by_https_to_its_ports(url: str, fits: bool) -> None:
    with contextlib.nullcontext() if fits else pytest.raises(SettingsError, match="443, 80"):
        try_webhook(url, f"127.0.0.1:{free_port()}", TELEGRAM)


def test_it_ends_in_order(own_bot: BotThread) -> None:
    hook = Hook(own_bot.api, own_bot.newsdesk, own_bot.log_file.parent).listen()
    try:
        ann = hook.api.person("Ann")
        asked = ann.says(TRUCE)
        hook.api.wait(lambda: hook.api.deliveries, what="a delivery")
        assert hook.stop() == 0
        assert ann.private.replies(asked)
    finally:
        hook.end()


def test_polling_after_a_webhook(own_bot: BotThread) -> None:
    own_bot.api.webhook = {"url": "https://example.org/gone"}
    own_bot.start()
    asks(own_bot.api.person("Ann"), TRUCE)


def test_a_revoked_token_ends_it(own_bot: BotThread) -> None:
    hook = Hook(own_bot.api, own_bot.newsdesk, own_bot.log_file.parent).listen()
    try:
        hook.api.revoke()
        assert hook.wait(30) == 1
        assert hook.api.token not in hook.log
    finally:
        hook.end()
