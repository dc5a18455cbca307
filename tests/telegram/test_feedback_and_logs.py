"""👍 and 👎, what the log says, and `--check`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.openai_server.server import says, serving
from tests.telegram.botapi import BotApi, Shown
from tests.telegram.bots import Bot, BotThread, ScriptedProcess
from tests.telegram.desk import SHIP, TRUCE, asks, finished


def test_feedback_is_stored_listed_and_exported(bot: BotThread, api: BotApi) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    for person, question, verdict in ((ann, TRUCE, "👎"), (bob, SHIP, "👍")):
        answer = asks(person, question)
        press = person.private.pressed(person, answer, verdict)
        api.wait(lambda press=press: press in api.press_answers)
        assert api.press_answers[press]["text"]
    listed = bot.newsdesk("feedback")
    assert listed.returncode == 0, listed.stderr
    lines = [line for line in listed.stdout.splitlines() if TRUCE in line or SHIP in line]
    assert len(lines) == 2
    assert "👎" in next(line for line in lines if TRUCE in line)
    assert "👍" in next(line for line in lines if SHIP in line)
    objects = json.loads(bot.newsdesk("feedback", "--json").stdout)
    assert {(o["question"], o["verdict"]) for o in objects} >= {(TRUCE, "down"), (SHIP, "up")}
    exported = [
        json.loads(line) for line in bot.newsdesk("feedback", "--export").stdout.splitlines()
    ]
    assert [candidate["question"] for candidate in exported] == [TRUCE]
    assert exported[0]["seen"]["answer"]
    assert exported[0]["seen"]["retrieved"]


def verdicts(shown: Shown) -> list[str]:
    """The labels of 👍 and 👎 under an answer, as they show what was pressed."""
    return [button["text"] for button in shown.buttons[-2:]]


def test_a_verdict_is_shown_changed_and_taken_back(bot: BotThread, api: BotApi) -> None:
    ann = api.person("Ann")
    word = f"{TRUCE} Says {ann.raw['username']}."
    answer = ann.private.reply(ann.says(word), lambda shown: bool(shown.buttons))
    quotes, text = answer.buttons[:-2], answer.text
    for pressed, shown, stored in (
        ("👎", ["👍", "👎 ✓"], "👎"),
        ("👍", ["👍 ✓", "👎"], "👍"),
        ("👍", ["👍", "👎"], ""),
        ("👎", ["👍", "👎 ✓"], "👎"),
    ):
        press = ann.private.pressed(ann, answer, pressed)
        api.wait(lambda press=press: press in api.press_answers)
        assert verdicts(answer) == shown
        listed = [line for line in bot.newsdesk("feedback").stdout.splitlines() if word in line]
        assert [stored] * bool(stored) == [m for line in listed for m in "👍👎" if m in line]
    assert (answer.buttons[:-2], answer.text) == (quotes, text)


def test_in_a_group_the_verdicts_are_counted(api: BotApi) -> None:
    ann, bob, room = api.person("Ann"), api.person("Bob"), api.group()
    answer = asks(ann, f"@newsdesk_test_bot {TRUCE}", room)
    for person, pressed, shown in (
        (ann, "👍", ["👍 1", "👎"]),
        (bob, "👍", ["👍 2", "👎"]),
        (bob, "👎", ["👍 1", "👎 1"]),
        (ann, "👍", ["👍", "👎 1"]),
    ):
        press = room.pressed(person, answer, pressed)
        api.wait(lambda press=press: press in api.press_answers)
        assert verdicts(answer) == shown


def test_a_verdict_that_cannot_be_shown_is_stored(bot: BotThread, api: BotApi) -> None:
    ann = api.person("Ann")
    word = f"{TRUCE} Says {ann.raw['username']}."
    answer = ann.private.reply(ann.says(word), lambda shown: bool(shown.buttons))
    api.fail("editMessageReplyMarkup", "error", code=500, description="Internal Server Error")
    press = ann.private.pressed(ann, answer, "👍")
    api.wait(lambda: press in api.press_answers)
    assert api.press_answers[press]["text"] == "Thank you!"
    assert word in bot.newsdesk("feedback").stdout


def test_a_line_by_question_with_ids_timings_and_outcome(bot: BotThread, api: BotApi) -> None:
    ann = api.person("Ann")
    asked = ann.says(TRUCE)
    ann.private.reply(asked)
    api.wait(lambda: _lines(bot, asked.update_id), what="a log line")
    (line,) = _lines(bot, asked.update_id)
    assert line["chat_id"] == line["user_id"] == ann.id
    assert line["outcome"] == "answered"
    assert line["ms"] > 0
    assert line["timings_ms"]["total"] > 0


def test_a_sentence_that_was_left_out_is_counted_and_not_shown(own_bot: BotThread) -> None:
    with serving() as service:
        service.script = [
            says(
                "The third truce took effect at eight in the morning on Monday, 26 October. [1] "
                "The third truce was broken within 7,450 minutes. [1]"
            )
        ]
        own_bot.told(OPENAI_API_KEY="sk-x", OPENAI_BASE_URL=service.url).start()
        ann = own_bot.api.person("Ann")
        asked = ann.says(TRUCE)
        shown = ann.private.reply(asked, finished).text
    assert shown.endswith("\n\nOne sentence was left out: it was not found in the articles.")
    assert "7,450" not in shown
    own_bot.api.wait(lambda: _lines(own_bot, asked.update_id), what="a log line")
    (line,) = _lines(own_bot, asked.update_id)
    assert (line["citations"], line["removed"]) == (1, 1)
    assert "7,450" not in own_bot.log


def test_every_line_of_the_log_is_json(bot: BotThread, api: BotApi) -> None:
    asks(api.person("Ann"), TRUCE)
    for line in bot.log.splitlines():
        assert json.loads(line)["level"]


def test_no_words_of_users_are_logged(bot: BotThread, api: BotApi) -> None:
    ann = api.person("Wilhelmina")
    asks(ann, TRUCE)
    api.broken_update()
    asks(ann, SHIP)
    assert "truce" not in bot.log
    assert "Ever Given" not in bot.log
    assert "Wilhelmina" not in bot.log


def test_words_are_logged_when_asked_for(own_bot: BotThread) -> None:
    own_bot.told(NEWSDESK_LOG_TEXTS="true").start()
    asks(own_bot.api.person("Ann"), TRUCE)
    own_bot.api.wait(lambda: TRUCE in own_bot.log, what="the question in the log")


@pytest.mark.process
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_token_is_in_no_log_at_any_level(scripted_process: ScriptedProcess, form: str) -> None:
    scripted_process.told(NEWSDESK_LOG=form, NEWSDESK_LOG_LEVEL="debug", NEWSDESK_DEBUG="1").start()
    api = scripted_process.api
    api.excused += ("message to edit", "message can't be edited", "message to delete")
    ann = api.person("Ann")
    asks(ann, TRUCE)
    for kind in ("drop", "error", "page"):
        api.fail("sendMessage", kind)
        api.fail("getUpdates", kind)
    ann.private.reply(ann.says(SHIP), lambda shown: bool(shown.buttons), timeout=40)
    api.revoke()
    scripted_process.wait(30)
    assert scripted_process.log
    secret = api.token.partition(":")[2]
    assert secret not in scripted_process.log
    for path in scripted_process.newsdesk.home.glob("telegram*"):
        assert secret.encode() not in path.read_bytes()


def check(bot: Bot) -> subprocess.CompletedProcess[str]:
    return bot.newsdesk("telegram", "--check")


def test_check_says_what_is_well(own_bot: BotThread) -> None:
    done = check(own_bot)
    assert done.returncode == 0, done.stderr
    assert "@newsdesk_test_bot" in done.stdout
    assert "extractive" in done.stdout
    assert "44 articles" in done.stdout
    assert own_bot.api.requested("getUpdates") == []


def test_check_says_what_is_not(own_bot: BotThread, tmp_path: Path) -> None:
    own_bot.told(NEWSDESK_HOME=str(tmp_path / "nothing"))
    assert check(own_bot).returncode == 1
    own_bot.api.revoke()
    done = check(own_bot)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert own_bot.api.token not in done.stderr + done.stdout


def test_without_a_token_it_says_where_one_comes_from(own_bot: BotThread) -> None:
    done = own_bot.told(TELEGRAM_BOT_TOKEN="").newsdesk("telegram")
    assert done.returncode == 1
    assert "BotFather" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def _lines(bot: BotThread, update_id: int) -> list[dict[str, Any]]:
    return [line for line in bot.log_lines if line.get("update_id") == update_id]
