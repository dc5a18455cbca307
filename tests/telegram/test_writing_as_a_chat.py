"""Anonymous admins of a group, and people who write as a channel: the chat is who asks."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from tests.telegram.botapi import BotApi, Room
from tests.telegram.bots import BotThread, ScriptedThread
from tests.telegram.desk import MINSK, SHIP, TRUCE, asks, finished

ME = "@newsdesk_test_bot"


@pytest.mark.parametrize("who", ["group", "channel"])
def test_they_are_answered(api: BotApi, who: str) -> None:
    room = api.group()
    chat = room if who == "group" else api.group(kind="channel")
    asked = room.said_as(chat, f"/ask{ME} {MINSK}")
    answer = room.reply(asked, finished)
    assert "[1]" in answer.text
    room.edited(asked, f"/ask{ME} {SHIP}")
    api.wait(lambda: "Ever Given" in answer.text, what="the corrected answer")


def test_posts_of_the_linked_channel_are_no_questions(api: BotApi) -> None:
    room, channel = api.group(), api.group(kind="channel")
    room.posted(channel, f"{ME} {TRUCE}")
    answer = asks(api.person("Ann"), f"{ME} {SHIP}", room)
    assert room.from_bot == [answer]


def test_each_has_a_history_of_its_own(scripted: ScriptedThread) -> None:
    room, channel = scripted.api.group(), scripted.api.group(kind="channel")
    room.reply(room.said_as(room, f"{ME} {MINSK}"), finished)
    room.reply(room.said_as(channel, f"{ME} {TRUCE}"), finished)
    room.reply(room.said_as(room, f"{ME} Who said so?"))
    assert [turn[0] for turn in scripted.asked[-1]["history"]] == [MINSK]


def test_the_limit_and_the_list_of_users_take_the_number_of_the_chat(own_bot: BotThread) -> None:
    api = own_bot.api
    room, channel, another = (api.group(kind=k) for k in ("supergroup", "channel", "channel"))
    own_bot.told(TELEGRAM_ALLOWED_USERS=str(channel.id), TELEGRAM_DAILY_QUESTIONS="1").start()
    unwanted = room.said_as(another, f"{ME} {TRUCE}")
    room.reply(room.said_as(channel, f"{ME} {TRUCE}"), finished)
    second = room.reply(room.said_as(channel, f"{ME} {SHIP}"))
    assert "one question for today" in second.text
    assert room.replies(unwanted) == []


def test_in_a_room_that_is_let_in_they_are_let_in(own_bot: BotThread) -> None:
    room, elsewhere = own_bot.api.group(), own_bot.api.group()
    own_bot.told(TELEGRAM_ALLOWED_CHATS=str(room.id)).start()
    unwanted = elsewhere.said_as(elsewhere, f"{ME} {TRUCE}")
    room.reply(room.said_as(room, f"{ME} {TRUCE}"), finished)
    assert elsewhere.replies(unwanted) == []


def test_they_are_forgotten_at_a_word(bot: BotThread, api: BotApi) -> None:
    room = api.group()
    room.reply(room.said_as(room, f"{ME} {TRUCE}"), finished)
    confirmation = room.next(room.said_as(room, f"/forget{ME}"))
    assert f"/forget{ME} yes" in confirmation.text
    assert confirmation.buttons == []
    assert stored_of(bot, room) > 0
    wish = room.said_as(room, f"/forget{ME} yes")
    assert "nothing of yours is stored" in room.reply(wish).text
    api.wait(lambda: bot.closed(wish.update_id), what="the end of the update")
    assert stored_of(bot, room) == 0


def test_they_stop_an_answer_by_command(scripted: ScriptedThread) -> None:
    scripted.answers("slowly", *["So it goes [1]. "] * 60, pause=0.2)
    room, api = scripted.api.group(), scripted.api
    asked = room.said_as(room, f"{ME} {TRUCE} Answer slowly.")
    preview = room.reply(asked)
    assert preview.buttons == [], "whoever presses is not known to be the one who asked"
    room.said_as(room, f"/cancel{ME}")
    scripted.wait_ended("slowly")
    api.wait(lambda: scripted.closed(asked.update_id), what="the end of the update")
    assert "Stopped" in preview.text


def stored_of(bot: BotThread, chat: Room) -> int:
    """How many answers are stored for what was asked as a chat."""
    path = f"file:{bot.newsdesk.home / 'telegram.db'}?mode=ro"
    with contextlib.closing(sqlite3.connect(path, uri=True)) as store:
        row = store.execute("SELECT count(*) FROM answers WHERE user_id = ?", (chat.id,)).fetchone()
    return int(row[0])
