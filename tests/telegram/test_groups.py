"""Groups and topics: who is answered, where, and with whose history."""

from __future__ import annotations

import pytest

from tests.telegram.botapi import BotApi, Room
from tests.telegram.bots import ScriptedThread
from tests.telegram.desk import MINSK, PEACEKEEPERS, TRUCE, asks, finished

ME = "@newsdesk_test_bot"


@pytest.fixture(params=["group", "supergroup"])
def room(request: pytest.FixtureRequest, api: BotApi) -> Room:
    return api.group(kind=request.param)


@pytest.mark.parametrize(
    "text", [f"{ME} {TRUCE}", f"{TRUCE} {ME.upper()}", f"/ask{ME} {TRUCE}", f"/ask {TRUCE}"],
    ids=["mention first", "mention last", "command", "short command"],
)  # fmt: skip
def test_it_answers_when_it_is_meant(api: BotApi, room: Room, text: str) -> None:
    ann = api.person("Ann")
    asked = room.said(ann, text)
    answer = room.reply(asked, finished)
    assert "[1]" in answer.text
    assert room.from_bot == [answer]


def test_it_keeps_out_of_what_is_said_between_people(api: BotApi, room: Room) -> None:
    ann, bob, robot = api.person("Ann"), api.person("Bob"), api.person("Robo", bot=True)
    said = room.said(ann, TRUCE)
    room.said(bob, PEACEKEEPERS, reply_to=said)
    room.said(ann, f"/ask@other_bot {TRUCE}")
    room.said(ann, f"/help@other_bot {ME}")
    room.said(ann, f"{ME}x {TRUCE}")
    room.said(ann, f"mail{ME}.example {TRUCE}")
    room.said(robot, f"{ME} {TRUCE}")
    room.said(ann, new_chat_members=[bob.raw])
    answer = asks(ann, f"{ME} {TRUCE}", room)
    assert room.from_bot == [answer]


def test_a_reply_to_its_answer_is_a_question_with_that_answer_in_mind(
    api: BotApi, room: Room
) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    answer = asks(ann, f"{ME} {MINSK}", room)
    followed = room.reply(room.said(bob, "When was it set up?", reply_to=answer))
    alone = bob.private.reply(bob.says("When was it set up?"))
    assert followed.text != alone.text


def test_the_message_replied_to_is_context(api: BotApi, room: Room) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    said = room.said(ann, MINSK)
    answer = room.reply(room.said(bob, ME, reply_to=said), finished)
    assert "[1]" in answer.text


def test_nobody_gets_somebody_elses_history(scripted: ScriptedThread) -> None:
    api = scripted.api
    room = api.group()
    ann, bob = api.person("Ann"), api.person("Bob")
    asks(ann, f"{ME} {MINSK}", room)
    asks(bob, f"{ME} {TRUCE}", room)
    room.reply(room.said(bob, f"{ME} Who said so, Bob asks?"))
    room.reply(room.said(ann, f"{ME} Who said so, Ann asks?"))
    ann.private.reply(ann.says("Who said so, Ann asks alone?"))
    of = {note["question"]: [turn[0] for turn in note["history"]] for note in scripted.asked}
    assert of["Who said so, Bob asks?"] == [TRUCE]
    assert of["Who said so, Ann asks?"] == [MINSK]
    assert of["Who said so, Ann asks alone?"] == []


def test_it_stays_in_the_topic(api: BotApi) -> None:
    room, ann = api.group(forum=True), api.person("Ann")
    sport, politics = room.topic(ann, "Sport"), room.topic(ann, "Politics")
    first = asks(ann, f"{ME} {TRUCE}", room, thread=politics)
    second = asks(ann, f"/ask{ME} {PEACEKEEPERS}", room, thread=sport)
    assert (first.thread, second.thread) == (politics, sport)
    room.pressed(ann, first, "❝ 1")
    assert room.next(second).thread == politics
    for request in [r for r in api.requests if r.method == "sendchataction" and r.chat == room.id]:
        assert request.params["message_thread_id"] in (politics, sport)


def test_in_a_topic_only_real_replies_are_replies(api: BotApi) -> None:
    room, ann = api.group(forum=True), api.person("Ann")
    thread = room.topic(ann, "Politics")
    room.said(ann, PEACEKEEPERS, thread=thread)
    answer = asks(ann, f"{ME} {TRUCE}", room, thread=thread)
    assert room.from_bot == [answer]


def test_topics_have_histories_of_their_own(scripted: ScriptedThread) -> None:
    api = scripted.api
    room, ann = api.group(forum=True), api.person("Ann")
    sport, politics = room.topic(ann, "Sport"), room.topic(ann, "Politics")
    asks(ann, f"{ME} {TRUCE}", room, thread=politics)
    room.reply(room.said(ann, f"{ME} Who said so?", thread=sport))
    assert scripted.asked[-1]["history"] == []


@pytest.mark.parametrize("told", ["by a message", "by a change", "by both"])
def test_it_says_hello_to_a_group_once(api: BotApi, room: Room, told: str) -> None:
    ann = api.person("Ann")
    with api.lock:
        if told != "by a message":
            room.changed_bot(ann, "left", "member")
        if told != "by a change":
            room.said(ann, new_chat_members=[api.as_sender])
    api.wait(lambda: room.from_bot, what="a hello")
    room.changed_bot(ann, "member", "member")
    answer = asks(ann, f"/ask {TRUCE}", room)
    hello = room.from_bot[0]
    assert "/ask" in hello.text
    assert len(hello.text) < 250
    assert room.from_bot == [hello, answer]


def test_it_says_no_hello_where_it_leaves_or_has_been_let_into_a_channel(api: BotApi) -> None:
    room, channel, ann = api.group(), api.group(kind="channel"), api.person("Ann")
    room.changed_bot(ann, "member", "left")
    last = channel.changed_bot(ann, "left", "member")
    asks(ann, TRUCE)
    assert last
    assert room.from_bot == channel.from_bot == []


def test_channels_are_none_of_its_business(api: BotApi) -> None:
    channel, ann = api.group(kind="channel"), api.person("Ann")
    api.update(
        "channel_post",
        {"message_id": 1, "date": 1, "chat": channel.raw, "text": f"{ME} {TRUCE}"},
    )
    asks(ann, TRUCE)
    assert channel.from_bot == []
