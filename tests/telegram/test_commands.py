"""What a user sees of the commands, and of what is no text."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from tests.corpus.formats.agency_samples import nitf
from tests.telegram.botapi import BotApi
from tests.telegram.bots import BotThread
from tests.telegram.desk import TRUCE, asks, finished


def test_commands_and_descriptions_are_registered(api: BotApi) -> None:
    wanted = {"commands", "description", "short_description"}
    api.wait(lambda: wanted <= set(api.profile), what="commands and descriptions")
    names = {command["command"] for command in api.profile["commands"]}
    assert {"help", "sources", "new", "cancel", "forget", "privacy"} <= names
    assert api.profile["description"]
    assert api.profile["short_description"]


@pytest.mark.parametrize("command", ["/start", "/help", "/sources", "/new", "/privacy", "/cancel"])
def test_each_command_has_its_reply(api: BotApi, command: str) -> None:
    ann = api.person("Ann")
    reply = ann.private.next(ann.says(command))
    assert reply.text
    if command == "/help":
        assert "/sources" in reply.text
        assert "newsdesk_test_bot" in reply.text
    if command == "/sources":
        assert "articles" in reply.text
    assert len(ann.private.from_bot) == 1


def test_nothing_is_said_of_an_item_under_an_embargo(own_bot: BotThread, tmp_path: Path) -> None:
    for name, release in {"held": "20991231T120000Z", "free": "20201028T120000Z"}.items():
        item = nitf(name, text=f"The {name} ferry sails to Orkney.", release=release)
        item = item.replace("Last ferry to Orkney", f"The {name} item").replace(
            "20201027", "20260101"
        )
        (tmp_path / f"{name}.xml").write_text(item)
        assert own_bot.newsdesk("ingest", tmp_path / f"{name}.xml").returncode == 0
    ann = own_bot.start().api.person("Ann")
    shown = ann.private.next(ann.says("/sources")).text
    assert "The free item" in shown
    assert "The held item" not in shown
    listed = json.loads(own_bot.newsdesk("sources", "--json").stdout)
    links = {a["title"]: f"/start s_{a['id']}_0_20" for a in listed}
    assert "ferry" in ann.private.next(ann.says(links["The free item"])).text
    assert "ferry" not in ann.private.next(ann.says(links["The held item"])).text


def test_every_registered_command_is_known(api: BotApi) -> None:
    ann = api.person("Ann")
    unknown = ann.private.next(ann.says("/nosuchcommand")).text
    api.wait(lambda: "commands" in api.profile)
    for command in api.profile["commands"]:
        reply = ann.private.next(ann.says(f"/{command['command']}"))
        assert reply.text != unknown, command


def test_a_deep_link_asks_its_question(api: BotApi) -> None:
    ann = api.person("Ann")
    payload = base64.urlsafe_b64encode(TRUCE.encode()).decode().rstrip("=")
    asked = ann.says(f"/start q_{payload}")
    answer = ann.private.reply(asked, finished)
    assert "[1]" in answer.text


@pytest.mark.parametrize("payload", ["q_", "q_!!", "unknown", "q_////", "help"])
def test_an_odd_deep_link_starts_all_the_same(api: BotApi, payload: str) -> None:
    ann = api.person("Ann")
    assert ann.private.next(ann.says(f"/start {payload}")).text
    assert len(ann.private.from_bot) == 1


_PHOTO = [{"file_id": "p", "file_unique_id": "up", "width": 9, "height": 9}]
_STICKER = {
    "file_id": "s", "file_unique_id": "us", "type": "regular", "width": 9, "height": 9,
    "is_animated": False, "is_video": False,
}  # fmt: skip
_VOICE = {"file_id": "v", "file_unique_id": "uv", "duration": 1}


@pytest.mark.parametrize(
    "content",
    [
        {"photo": _PHOTO},
        {"photo": _PHOTO, "caption": "What is this?"},
        {"sticker": _STICKER},
        {"voice": _VOICE},
        {"text": "   "},
        {"text": "\u200b"},
        {"text": "?" * 4096},
        {"text": "why " * 1024},
    ],
    ids=["photo", "photo with words", "sticker", "voice", "blank", "invisible", "marks", "long"],
)
def test_what_is_no_question_has_one_reply(api: BotApi, content: dict[str, Any]) -> None:
    ann = api.person("Ann")
    sent = ann.private.said(ann, **content)
    ann.private.next(sent)
    asks(ann, TRUCE)
    assert len(ann.private.from_bot) == 2


def test_what_happens_in_a_chat_by_itself_has_no_reply(api: BotApi) -> None:
    ann = api.person("Ann")
    said = asks(ann, TRUCE)
    pinned = ann.private.said(ann, pinned_message={**said.raw})
    asks(ann, TRUCE)
    assert ann.private.replies(pinned) == []
    assert len(ann.private.from_bot) == 2


def test_forget_is_confirmed_first(bot: BotThread, api: BotApi) -> None:
    ann = api.person("Ann")
    asks(ann, TRUCE)
    confirmation = ann.private.next(ann.says("/forget"))
    ann.private.pressed(ann, confirmation, "no")
    api.wait(lambda: not confirmation.buttons, what="the question answered")
    assert asked_of(bot, ann.id) > 0

    confirmation = ann.private.next(ann.says("/forget"))
    ann.private.pressed(ann, confirmation, "yes")
    api.wait(lambda: not confirmation.buttons, what="the question answered")
    assert asked_of(bot, ann.id) == 0


def test_nobody_else_can_confirm(bot: BotThread, api: BotApi) -> None:
    ann, bob, room = api.person("Ann"), api.person("Bob"), api.group()
    asks(ann, f"@newsdesk_test_bot {TRUCE}", room)
    confirmation = room.next(room.said(ann, "/forget@newsdesk_test_bot"))
    press = room.pressed(bob, confirmation, "yes")
    api.wait(lambda: press in api.press_answers)
    assert api.press_answers[press]["text"]
    assert asked_of(bot, ann.id) > 0


def test_forgotten_words_are_on_the_disk_no_more(bot: BotThread, api: BotApi) -> None:
    ann = api.person("Ann")
    word = f"Zanzibarquestion{ann.id}"
    asked = ann.says(f"{TRUCE} {word}")
    ann.private.reply(asked)
    assert word.encode() in stored(bot)
    confirmation = ann.private.next(ann.says("/forget"))
    ann.private.pressed(ann, confirmation, "yes")
    api.wait(lambda: not confirmation.buttons, what="the question answered")
    assert word.encode() not in stored(bot)


def test_new_begins_a_new_conversation(api: BotApi) -> None:
    ann = api.person("Ann")
    asks(ann, "Who co-chairs the Minsk Group?")
    followed = asks(ann, "When was it set up?")
    ann.private.next(ann.says("/new"))
    bob = api.person("Bob")
    alone = ann.private.reply(ann.says("When was it set up?"))
    fresh = bob.private.reply(bob.says("When was it set up?"))
    assert alone.text == fresh.text != followed.text


def stored(bot: BotThread) -> bytes:
    """All that the bot's own files hold, write-ahead logs included."""
    return b"".join(path.read_bytes() for path in bot.newsdesk.home.glob("telegram*"))


def asked_of(bot: BotThread, user: int) -> int:
    """How often a user is named in what the bot stores beside its journal."""
    import sqlite3

    with sqlite3.connect(f"file:{bot.newsdesk.home / 'telegram.db'}?mode=ro", uri=True) as store:
        (count,) = store.execute("SELECT count(*) FROM turns WHERE user_id = ?", (user,)).fetchone()
    return int(count)
