"""The loopback server is as strict as Telegram: each limit refuses, each fault happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.telegram.botapi import BotApi, Person
from tests.telegram.botapi.judge import entity_faults


class Client:
    """What a bot sends: forms, as python-telegram-bot does."""

    def __init__(self, api: BotApi) -> None:
        self._http = httpx.Client(timeout=10)
        self._base = f"{api.url}/bot{api.token}/"

    def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        return dict(self._http.post(self._base + method, json=params).json())

    def form(self, method: str, params: dict[str, str]) -> dict[str, Any]:
        return dict(self._http.post(self._base + method, data=params).json())


@pytest.fixture
def api() -> Iterator[BotApi]:
    server = BotApi().start()
    yield server
    server.stop()


@pytest.fixture
def client(api: BotApi) -> Client:
    return Client(api)


@pytest.fixture
def ann(api: BotApi) -> Person:
    person = api.person("Ann")
    person.says("/start")
    return person


def described(answer: dict[str, Any]) -> str:
    assert not answer["ok"], answer
    return str(answer["description"])


def test_a_message_is_shown_and_returned(api: BotApi, client: Client, ann: Person) -> None:
    sent = client("sendMessage", chat_id=ann.id, text="  Hello.\n")
    assert sent["result"]["text"] == "Hello."
    assert [shown.text for shown in ann.private.from_bot] == ["Hello."]
    assert api.violations == []


@pytest.mark.parametrize(
    ("method", "params", "problem"),
    [
        ("sendMessage", {"chat_id": 1}, "text: Field required"),
        ("sendMessage", {"chat_id": 1, "text": ["a"]}, "text: "),
        ("sendMessage", {"chat_id": 1, "text": "a", "tone": "kind"}, "tone: unknown"),
        (
            "sendMessage",
            {"chat_id": 1, "text": "a", "reply_parameters": {"message_id": 1, "how": 2}},
            "reply_parameters.how: unknown",
        ),
        ("sendMesage", {"chat_id": 1, "text": "a"}, "does not have it"),
    ],
)
def test_parameters_are_judged(
    api: BotApi, client: Client, method: str, params: dict[str, Any], problem: str
) -> None:
    assert not client(method, **params)["ok"]
    assert problem in api.violations[0]


def test_a_form_is_read_as_telegram_reads_it(api: BotApi, client: Client, ann: Person) -> None:
    form = {
        "chat_id": str(ann.id),
        "text": "[1]",
        "entities": '[{"type": "bold", "offset": 0, "length": 3}]',
    }
    assert client.form("sendMessage", form)["result"]["entities"][0]["type"] == "bold"
    assert api.violations == []


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"text": " \n"}, "message text is empty"),
        ({"text": "a" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "a", "parse_mode": "HTML"}, "parse mode"),
        ({"text": "a", "entities": [{"type": "bold", "offset": 0, "length": 2}]}, "outside"),
        ({"text": "😀", "entities": [{"type": "bold", "offset": 1, "length": 1}]}, "surrogate"),
        ({"text": "a", "entities": [{"type": "text_link", "offset": 0, "length": 1}]}, "no usable"),
        (
            {"text": "a" * 101, "entities": [
                {"type": "bold", "offset": n, "length": 1} for n in range(101)]},
            "there are 101",
        ),
        ({"text": "a", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
        ({"text": "a", "message_thread_id": 5}, "message thread not found"),
        (
            {"text": "a", "reply_markup": {"inline_keyboard": [
                [{"text": "b", "callback_data": "é" * 33}]]}},
            "BUTTON_DATA_INVALID",
        ),
        (
            {"text": "a", "reply_markup": {"inline_keyboard": [[{"text": "b", "url": "nowhere"}]]}},
            "is invalid",
        ),
    ],
)  # fmt: skip
def test_limits_of_a_message(
    api: BotApi, client: Client, ann: Person, params: dict[str, Any], refusal: str
) -> None:
    assert refusal in described(client("sendMessage", chat_id=ann.id, **params))
    assert ann.private.from_bot == []
    assert api.violations


def test_exactly_at_the_limits(api: BotApi, client: Client, ann: Person) -> None:
    entities = [{"type": "bold", "offset": n, "length": 1} for n in range(100)]
    assert client("sendMessage", chat_id=ann.id, text="a" * 4096, entities=entities)["ok"]
    markup = {"inline_keyboard": [[{"text": "b", "callback_data": "é" * 32}]]}
    gone = {"message_id": 999, "allow_sending_without_reply": True}
    assert client(
        "sendMessage", chat_id=ann.id, text="a", reply_markup=markup, reply_parameters=gone
    )["ok"]
    assert api.violations == []


def test_entities_that_cannot_stand_together() -> None:
    bold = {"type": "bold", "offset": 0, "length": 3}
    assert list(entity_faults("abcdef", [bold, {**bold, "type": "italic"}])) == []
    assert "cross" in next(entity_faults("abcdef", [bold, {**bold, "offset": 1}]))
    assert "combined" in next(entity_faults("abc", [bold, {**bold, "type": "code"}]))
    quote = {**bold, "type": "blockquote"}
    nested = {**bold, "type": "expandable_blockquote", "length": 2}
    assert "nested" in next(entity_faults("abc", [quote, nested]))


def test_edits_and_deletions(api: BotApi, client: Client, ann: Person) -> None:
    number = client("sendMessage", chat_id=ann.id, text="One")["result"]["message_id"]
    same = client("editMessageText", chat_id=ann.id, message_id=number, text="One")
    assert "message is not modified" in described(same)
    assert client("editMessageText", chat_id=ann.id, message_id=number, text="Two")["ok"]
    shown = ann.private.shown[number]
    assert [version.text for version in shown.versions] == ["One", "Two"]
    assert client("deleteMessage", chat_id=ann.id, message_id=number)["ok"]
    assert not shown.visible
    gone = client("editMessageText", chat_id=ann.id, message_id=number, text="Three")
    assert "message to edit not found" in described(gone)


def test_drafts_are_for_private_chats(api: BotApi, client: Client, ann: Person) -> None:
    assert client("sendMessageDraft", chat_id=ann.id, draft_id=7, text="So")["ok"]
    assert [draft.text for draft in ann.private.drafts] == ["So"]
    assert not client("sendMessageDraft", chat_id=ann.id, draft_id=0, text="So")["ok"]
    assert not client("sendMessageDraft", chat_id=api.group().id, draft_id=7, text="So")["ok"]


def test_updates_come_until_they_are_confirmed(client: Client, ann: Person) -> None:
    message = ann.says("Well?")
    for _ in range(2):
        updates = client("getUpdates", timeout=0)["result"]
        assert [update["message"]["text"] for update in updates] == ["/start", "Well?"]
    assert client("getUpdates", offset=message.update_id + 1, timeout=0)["result"] == []
    assert client("getUpdates", timeout=0)["result"] == []


def test_a_poll_waits_for_an_update(client: Client, ann: Person) -> None:
    last = client("getUpdates", timeout=0)["result"][-1]["update_id"]
    threading.Timer(0.2, lambda: ann.says("Well?")).start()
    updates = client("getUpdates", offset=last + 1, timeout=8)["result"]
    assert [update["message"]["text"] for update in updates] == ["Well?"]


def test_a_second_poll_ends_the_first(api: BotApi) -> None:
    first: list[dict[str, Any]] = []
    polling = threading.Thread(target=lambda: first.append(Client(api)("getUpdates", timeout=8)))
    polling.start()
    api.wait(lambda: api.requested("getUpdates"))
    assert Client(api)("getUpdates", timeout=0)["ok"]
    polling.join(5)
    assert first[0]["error_code"] == 409


def test_updates_that_were_not_asked_for_are_withheld(client: Client, ann: Person) -> None:
    client("getUpdates", allowed_updates=["callback_query"], timeout=0)
    ann.says("Well?")
    left = client("getUpdates", timeout=0)["result"]
    assert [update["message"]["text"] for update in left] == ["/start"]


def test_errors_on_demand(api: BotApi, client: Client, ann: Person) -> None:
    api.fail("sendMessage", code=502, description="Bad Gateway", times=2)
    for _ in range(2):
        assert client("sendMessage", chat_id=ann.id, text="a")["error_code"] == 502
    assert client("sendMessage", chat_id=ann.id, text="a")["ok"]
    assert len(ann.private.from_bot) == 1


def test_a_flood_lasts_its_time(api: BotApi, client: Client, ann: Person) -> None:
    flood = api.flood(ann.private, 1)
    bob = api.person("Bob")
    bob.says("/start")
    refused = client("sendMessage", chat_id=ann.id, text="a")
    assert refused["error_code"] == 429
    assert refused["parameters"]["retry_after"] == 1
    assert client("sendMessage", chat_id=bob.id, text="a")["ok"]
    assert not client("sendMessage", chat_id=ann.id, text="a")["ok"]
    until = flood.until
    assert until is not None
    api.wait(lambda: time.monotonic() > until, 5)
    assert client("sendMessage", chat_id=ann.id, text="a")["ok"]
    assert len(flood.refused) == 2


@pytest.mark.parametrize(("kind", "seen"), [("drop", 0), ("drop_after", 1)])
def test_dropped_connections(
    api: BotApi, client: Client, ann: Person, kind: Any, seen: int
) -> None:
    api.fail("sendMessage", kind)
    with pytest.raises(httpx.TransportError):
        client("sendMessage", chat_id=ann.id, text="a")
    assert len(ann.private.from_bot) == seen


def test_who_may_not_be_written_to(api: BotApi, client: Client, ann: Person) -> None:
    ann.private.blocked = True
    assert client("sendMessage", chat_id=ann.id, text="a")["error_code"] == 403
    assert "chat not found" in described(client("sendMessage", chat_id=4, text="a"))


def test_tokens(api: BotApi, client: Client) -> None:
    other = httpx.get(f"{api.url}/bot1:{'x' * 35}/getMe")
    assert (other.status_code, other.json()["description"]) == (401, "Unauthorized")
    assert httpx.get(f"{api.url}/botnone/getMe").status_code == 404
    assert client("getMe")["ok"]
    api.revoke()
    assert client("getMe")["error_code"] == 401


def test_files(api: BotApi, client: Client, ann: Person) -> None:
    sent = ann.private.sent_file(ann, "news.md", b"# News")
    file = client("getFile", file_id=sent.raw["document"]["file_id"])["result"]
    path = f"{api.url}/file/bot{api.token}/{file['file_path']}"
    assert httpx.get(path).content == b"# News"


def test_presses_are_answered_once(api: BotApi, client: Client, ann: Person) -> None:
    markup = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}]]}
    number = client("sendMessage", chat_id=ann.id, text="?", reply_markup=markup)["result"][
        "message_id"
    ]
    press = ann.private.pressed(ann, ann.private.shown[number], "yes")
    assert client("answerCallbackQuery", callback_query_id=press)["ok"]
    assert "too old" in described(client("answerCallbackQuery", callback_query_id=press))


def test_commands_and_descriptions(client: Client) -> None:
    assert not client("setMyCommands", commands=[{"command": "Ask", "description": "x"}])["ok"]
    assert not client("setMyShortDescription", short_description="x" * 121)["ok"]
    assert client("setMyDescription", description="x" * 512)["ok"]


def test_a_webhook_excludes_polls(api: BotApi, client: Client) -> None:
    assert not client("setWebhook", url="http://example.org/")["ok"]
    assert client("setWebhook", url="https://example.org/")["ok"]
    assert client("getUpdates", timeout=0)["error_code"] == 409
