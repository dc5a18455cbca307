"""Limits and faults of the Bot API, over real HTTP."""

from __future__ import annotations

import pytest

from tests.telegram.botapi import BotApi
from tests.telegram.botapi.faults import Kind
from tests.telegram.bots import BotThread, ScriptedThread
from tests.telegram.desk import PEACEKEEPERS, SHIP, TRUCE, asks, finished, one_answer
from tests.telegram.killing import PROBES
from tests.telegram.test_journal import ended, settled


def test_after_a_429_it_answers_once_and_not_earlier(api: BotApi) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    flood = api.flood(ann.private, 2)
    asked = ann.says(TRUCE)
    api.wait(lambda: flood.refused, what="a refusal")
    asks(bob, PEACEKEEPERS)
    assert not ann.private.from_bot
    answer = ann.private.reply(asked, finished)
    assert flood.until is not None
    assert answer.at >= flood.until
    assert len(flood.refused) == 1
    assert one_answer(ann.private, asked) is answer


@pytest.mark.parametrize(
    ("kind", "how"),
    [
        ("drop", {}),
        ("drop_after", {}),
        ("hang", {"seconds": 1}),
        ("hang_after", {"seconds": 1}),
        ("error", {"code": 500}),
        ("error", {"code": 502, "times": 3}),
        ("page", {"code": 502, "times": 2}),
        ("page", {"code": 504}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_send_shows_one_answer(
    bot: BotThread, api: BotApi, kind: Kind, how: dict[str, int]
) -> None:
    api.excused += PROBES
    ann = api.person("Ann")
    asks(ann, SHIP)
    fault = api.fail("sendMessage", kind, room=ann.private, **how)
    asked = ann.says(TRUCE)
    settled(bot, ann.private, asked)
    assert len(fault.met) == fault.times
    assert len(ann.private.from_bot) == 2


def test_a_connection_that_breaks_time_and_again(bot: BotThread, api: BotApi) -> None:
    api.excused += PROBES
    ann = api.person("Ann")
    for kind in ("drop_after", "drop", "drop_after"):
        api.fail("sendMessage", kind, room=ann.private)
    asked = ann.says(TRUCE)
    settled(bot, ann.private, asked)
    assert len(ann.private.from_bot) == 1


def test_a_broken_edit_is_repeated(api: BotApi) -> None:
    ann = api.person("Ann")
    api.excused += PROBES
    asked = ann.says(TRUCE)
    answer = ann.private.reply(asked, finished)
    before = answer.text
    api.fail("editMessageText", "drop_after", room=ann.private)
    ann.private.edited(asked, SHIP)
    api.wait(lambda: answer.text != before)
    asks(ann, PEACEKEEPERS)
    one_answer(ann.private, asked)


def test_who_blocks_the_bot_is_left_alone(scripted: ScriptedThread) -> None:
    api = scripted.api
    scripted.answers("slowly", *["So it goes [1]. "] * 60, pause=0.2)
    ann, bob = api.person("Ann"), api.person("Bob")
    asked = ann.says(f"{TRUCE} slowly")
    api.wait(lambda: ann.private.drafts, what="a draft")
    ann.private.blocked = True
    scripted.wait_ended("slowly")
    tried = len(api.requested("sendMessage", ann.private))
    asks(bob, SHIP)
    api.wait(lambda: scripted.closed(asked.update_id), what="the end of the update")
    assert len(api.requested("sendMessage", ann.private)) <= max(tried, 1)
    ann.private.blocked = False
    asks(ann, SHIP)


def test_a_blocked_answer_is_not_sent_again(api: BotApi) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    ann.private.blocked = True
    ann.says(TRUCE)
    api.wait(lambda: any(r.status == 403 for r in api.requests if r.chat == ann.id), what="a 403")
    asks(bob, SHIP)
    asks(bob, TRUCE)
    assert len(api.requested("sendMessage", ann.private)) <= 1


def test_an_update_that_cannot_be_parsed_holds_nobody_up(api: BotApi) -> None:
    ann = api.person("Ann")
    polls = len(api.requested("getUpdates"))
    api.broken_update()
    asked = ann.says(TRUCE)
    api.broken_update()
    ann.private.reply(asked, finished, timeout=5)
    asks(ann, SHIP)
    assert len(api.requested("getUpdates")) - polls < 20


@pytest.mark.parametrize("kind", ["error", "page", "drop", "drop_after"])
def test_polls_that_fail_are_repeated_not_hammered(api: BotApi, kind: Kind) -> None:
    ann = api.person("Ann")
    fault = api.fail("getUpdates", kind, code=502, times=2)
    asked = ann.says(TRUCE)
    answer = ann.private.reply(asked, finished, timeout=30)
    api.wait(lambda: len(fault.met) == 2, 30, "the faults met")
    ann.private.reply(ann.says(SHIP), finished, timeout=30)
    assert one_answer(ann.private, asked) is answer


def test_a_typing_action_that_fails_does_not_matter(api: BotApi) -> None:
    ann = api.person("Ann")
    api.fail("sendChatAction", "error", room=ann.private, code=500)
    asks(ann, TRUCE)


def test_a_conflict_is_told_once_and_retried_within_bounds(own_bot: BotThread) -> None:
    bot = own_bot.start()
    fault = bot.api.fail(
        "getUpdates", code=409, times=1000,
        description="Conflict: terminated by other getUpdates request",
    )  # fmt: skip
    assert bot.wait(60) != 0
    assert bot.pauses[-5:] == [1, 2, 4, 8, 8]
    assert len(fault.met) < 20
    last = bot.log.strip().splitlines()[-1]
    assert "another process" in last.lower()
    assert "Traceback" not in bot.log


def test_a_short_conflict_passes(api: BotApi) -> None:
    ann = api.person("Ann")
    api.fail("getUpdates", code=409, description="Conflict: terminated by other getUpdates request")
    asks(ann, TRUCE)


def test_it_waits_for_an_api_that_is_not_there_yet(own_bot: BotThread) -> None:
    own_bot.api.stop()
    own_bot.start(polling=False)
    own_bot.api.wait(lambda: "cannot be reached" in own_bot.log, what="a try without the API")
    assert own_bot.running, own_bot.log
    own_bot.api.start()
    ann = own_bot.api.person("Ann")
    ann.private.reply(ann.says(TRUCE), finished, timeout=40)


def test_it_outlives_an_api_that_goes_away(own_bot: BotThread) -> None:
    api = own_bot.start().api
    ann = api.person("Ann")
    asks(ann, TRUCE)
    api.stop()
    api.wait(lambda: "cannot be reached" in own_bot.log, what="a try without the API")
    assert own_bot.running, own_bot.log
    api.start()
    ann.private.reply(ann.says(SHIP), finished, timeout=40)


@pytest.mark.parametrize(
    "token", ["110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1", "nonsense", "123:abc"]
)
def test_a_bad_token_ends_it_with_one_line(own_bot: BotThread, token: str) -> None:
    own_bot.told(TELEGRAM_BOT_TOKEN=token).start(polling=False)
    assert own_bot.wait(30) == 1
    assert len(own_bot.log.strip().splitlines()) == 1
    assert "TELEGRAM_BOT_TOKEN" in own_bot.log
    assert token not in own_bot.log


def test_a_revoked_token_ends_it_with_one_line(own_bot: BotThread) -> None:
    bot = own_bot.start()
    bot.api.revoke()
    assert bot.wait(30) == 1
    assert "token" in bot.log.strip().splitlines()[-1].lower()
    assert bot.api.token not in bot.log
    assert "Traceback" not in bot.log


def test_a_revoked_token_is_noticed_when_answering(own_scripted: ScriptedThread) -> None:
    bot = own_scripted.start()
    bot.answers("slowly", "It was so [1].", before=0.5)
    ann = bot.api.person("Ann")
    ann.says(f"{TRUCE} slowly")
    bot.wait_asked("slowly")
    bot.api.revoke()
    assert bot.wait(30) == 1
    assert not any(ended(shown) for shown in ann.private.from_bot)
