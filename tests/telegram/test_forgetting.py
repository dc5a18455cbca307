"""What is stored of a person, and that nothing of it is left after /forget."""

from __future__ import annotations

import json
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.openai_server.server import Exchange, Service, says, serving
from tests.telegram.botapi import BotApi, Person, Room
from tests.telegram.bots import BotThread
from tests.telegram.desk import TRUCE, asks, finished

ME = "@newsdesk_test_bot"


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as service:
        yield service


def quoting(exchange: Exchange) -> None:
    """The model repeats the questions that it was asked, which no source supports."""
    asked = " ".join(str(message["content"]) for message in exchange.body["messages"])
    words = " ".join(re.findall(r"Zanzibar\d+", asked)) or "Zanzibar"
    says(f"The truce took effect on 26 October. [1] {words} is a word. [1]")(exchange)


@pytest.fixture
def writing(own_bot: BotThread, service: Service) -> BotThread:
    """A bot whose answers a model writes, and whose cache keeps the model's replies."""
    service.script = [quoting]
    return own_bot.told(OPENAI_API_KEY="sk-x", OPENAI_BASE_URL=service.url)


def remarkable(api: BotApi) -> Person:
    """A person whose number, of six bytes, is like no other."""
    return api.person("Ann", number=2**43 + secrets.randbelow(2**42))


def word(person: Person) -> str:
    """A word that only this person writes."""
    return f"Zanzibar{person.id * 7}"


def traces(home: Path, person: Person) -> list[str]:
    """The files of a home, write-ahead logs included, with a person's word or number in them."""
    marks = (word(person).encode(), str(person.id).encode(), person.id.to_bytes(6, "big"))
    return [
        f"{path.name}: {mark!r}"
        for path in sorted(home.rglob("*"))
        if path.is_file()
        for mark in marks
        if mark in path.read_bytes()
    ]


def forgets(bot: BotThread, person: Person, room: Room | None = None) -> None:
    """A person has everything deleted, and the bot is done with it."""
    wish = f"/forget{ME}" if room else "/forget"
    room = room or person.private
    confirmation = room.next(room.said(person, wish))
    room.pressed(person, confirmation, "yes")
    bot.api.wait(lambda: not confirmation.buttons, what="the confirmation")
    pressed = bot.api.queue.last_id
    bot.api.wait(lambda: any(line.get("update_id") == pressed for line in bot.log_lines))


def leaves_traces(person: Person, room: Room) -> None:
    """A person asks, asks on, presses and quotes, in private, in a group and inline."""
    api = person.server
    answer = asks(person, f"{TRUCE} {word(person)}")
    asks(person, f"And who brokered it, {word(person)}?")
    for words in ("❝ 1", "👎"):
        press = person.private.pressed(person, answer, words)
        api.wait(lambda press=press: press in api.press_answers)
    in_group = asks(person, f"{ME} {TRUCE} {word(person)}", room)
    press = room.pressed(person, in_group, "👍")
    api.wait(lambda: press in api.press_answers)
    person.inline_results(person.asks_inline(f"{TRUCE} {word(person)}"))
    person.private.next(person.says("/privacy"))


@pytest.mark.parametrize("place", ["private", "group"])
def test_nothing_of_a_person_is_left_in_any_file(writing: BotThread, place: str) -> None:
    bot, api = writing.start(), writing.api
    ann, bob, room = remarkable(api), api.person("Bob"), api.group()
    kept = asks(bob, TRUCE)
    leaves_traces(ann, room)
    home = bot.newsdesk.home
    assert {line.split(".")[0] for line in traces(home, ann)} >= {"replies", "telegram"}
    forgets(bot, ann, room if place == "group" else None)
    assert traces(home, ann) == []
    press = bob.private.pressed(bob, kept, "❝ 1")
    api.wait(lambda: press in api.press_answers)
    assert bob.private.next(kept).text, "what others asked is still there"
    assert bot.stop() == 0
    assert traces(home, ann) == []


def test_old_questions_are_deleted_while_the_bot_runs(own_bot: BotThread) -> None:
    own_bot.prune = 4.0
    bot, api = own_bot.told(NEWSDESK_KEEP_DAYS="30").start(), own_bot.api
    ann, bob = remarkable(api), api.person("Bob")
    for person in (ann, bob):
        person.private.next(person.says(f"/filter -{word(person)}"))
    asks(ann, f"{TRUCE} {word(ann)}")
    kept = asks(bob, TRUCE)
    with closing(sqlite3.connect(bot.newsdesk.home / "telegram.db", timeout=30)) as store, store:
        for table in ("answers", "turns"):
            store.execute(f"UPDATE {table} SET at = at - 31 * 86400 WHERE user_id = {ann.id}")
        store.execute("UPDATE filters SET at = at - 31 * 86400")
    api.wait(lambda: not any(word(ann) in trace for trace in traces(bot.newsdesk.home, ann)))
    with closing(sqlite3.connect(bot.newsdesk.home / "telegram.db", timeout=30)) as store:
        narrowed = store.execute("SELECT user_id FROM filters").fetchall()
    assert narrowed == [(bob.id,)], "his conversation goes on"
    bob.private.pressed(bob, kept, "❝ 1")
    assert bob.private.next(kept).text
    status = bot.newsdesk("status", "--json")
    assert json.loads(status.stdout)["telegram_bytes"] > 10_000
    assert "Telegram's questions and answers 0." in bot.newsdesk("status").stdout
    assert "30 days" in ann.private.next(ann.says("/privacy")).text


def test_an_update_that_comes_again_after_forgetting_has_no_effect(own_bot: BotThread) -> None:
    bot, api = own_bot.start(), own_bot.api
    ann = remarkable(api)
    asked = ann.says(TRUCE)
    ann.private.reply(asked, finished)
    forgets(bot, ann)
    seen = len(ann.private.from_bot)
    api.repeat(asked.update_id, "message", asked.raw)
    asks(api.person("Bob"), TRUCE)
    assert len(ann.private.from_bot) == seen
    assert traces(bot.newsdesk.home, ann) == []


def test_who_may_not_ask_any_more_is_forgotten_all_the_same(own_bot: BotThread) -> None:
    bot, api = own_bot.start(), own_bot.api
    ann = remarkable(api)
    asks(ann, f"{TRUCE} {word(ann)}")
    assert bot.stop() == 0
    bot.told(TELEGRAM_ALLOWED_USERS="1").start()
    ann.private.next(ann.says(TRUCE), lambda shown: str(ann.id) in shown.text)
    assert traces(bot.newsdesk.home, ann)
    forgets(bot, ann)
    assert traces(bot.newsdesk.home, ann) == []


def test_forgetting_gives_no_questions_back(own_bot: BotThread) -> None:
    bot, api = own_bot.told(TELEGRAM_DAILY_QUESTIONS="2").start(), own_bot.api
    ann = remarkable(api)
    asks(ann, TRUCE)
    forgets(bot, ann)
    asks(ann, TRUCE)
    assert "limit" in ann.private.reply(ann.says(TRUCE)).text


def test_a_confirmation_that_was_interrupted_is_finished_at_the_next_start(
    own_bot: BotThread, own_api: BotApi
) -> None:
    """Killed between the deletion and the end of its update, the bot deletes the rest later."""
    own_bot.grace = 0.0
    bot = own_bot.start()
    ann = remarkable(own_api)
    asks(ann, f"{TRUCE} {word(ann)}")
    confirmation = ann.private.next(ann.says("/forget"))
    own_api.fail("editMessageText", "hang", seconds=2)
    ann.private.pressed(ann, confirmation, "yes")
    own_api.wait(lambda: own_api.requested("answerCallbackQuery"))
    bot.stop()
    assert traces(bot.newsdesk.home, ann), "the update waits for its end"
    bot.start()
    own_api.wait(lambda: not confirmation.buttons, what="the confirmation")
    own_api.wait(
        lambda: traces(bot.newsdesk.home, ann) == [],
        what=lambda: f"an end of {traces(bot.newsdesk.home, ann)}; the log:\n{bot.log}",
    )
