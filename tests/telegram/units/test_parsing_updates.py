from __future__ import annotations

import base64
from typing import Any

import pytest
from telegram import Update, User

from bot.telegram.transport.parsing import Incoming, parse_update

ME = User(7, "Desk", True, username="desk_bot")
ANN = {"id": 1, "is_bot": False, "first_name": "Ann"}
PRIVATE = {"id": 1, "type": "private"}
GROUP = {"id": -5, "type": "supergroup", "title": "G"}
OURS = {"message_id": 3, "date": 0, "chat": GROUP, "from": ME.to_dict(), "text": "An answer."}


def read(kind: str = "message", **content: Any) -> Incoming | None:
    message = {"message_id": 9, "date": 0, "chat": PRIVATE, "from": ANN} | content
    return parse_update(Update.de_json({"update_id": 4, kind: message}, None), ME)


def command(text: str) -> dict[str, Any]:
    length = len(text.split(maxsplit=1)[0])
    return {
        "text": text,
        "entities": [{"type": "bot_command", "offset": 0, "length": length}],
    }


def mention(text: str, handle: str = "@desk_bot") -> dict[str, Any]:
    offset = len(text[: text.index(handle)].encode("utf-16-le")) // 2
    return {
        "text": text,
        "entities": [{"type": "mention", "offset": offset, "length": len(handle)}],
    }


def test_a_question() -> None:
    assert read(text="Why?") == Incoming(4, "question", 1, "Why?", 1, None, 9)


@pytest.mark.parametrize(
    ("content", "verb", "text"),
    [
        (command("/help"), "help", ""),
        (command("/HELP@Desk_Bot"), "help", ""),
        (command("/ask@desk_bot why so?"), "question", "why so?"),
        (command("/dance now"), "unknown", "now"),
        (command("/start sources"), "sources", ""),
        (command("/start anything"), "start", "anything"),
        (command("/start s_0a1b_2_3"), "source", "0a1b_2_3"),
        (command("/start q_" + base64.urlsafe_b64encode(b"Why?").decode().rstrip("=")), "question",
         "Why?"),
        (command("/start q_!!"), "start", "q_!!"),
        ({"sticker": {"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1,
                      "is_animated": False, "is_video": False, "type": "regular"}}, "media", ""),
    ],
)  # fmt: skip
def test_what_is_wanted_in_private(content: dict[str, Any], verb: str, text: str) -> None:
    incoming = read(**content)
    assert incoming is not None
    assert (incoming.verb, incoming.text) == (verb, text)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (mention("@desk_bot why?"), "why?"),
        (mention("😀 why, @desk_bot?"), "😀 why, ?"),
        (command("/ask@desk_bot why?"), "why?"),
        (command("/ask why?"), "why?"),
        ({"text": "why?", "reply_to_message": OURS}, "why?"),
    ],
)
def test_what_is_answered_in_a_group(content: dict[str, Any], text: str) -> None:
    incoming = read(chat=GROUP, **content)
    assert incoming is not None
    assert (incoming.verb, incoming.text, incoming.private) == ("question", text, False)


@pytest.mark.parametrize(
    "content",
    [
        {"text": "why?"},
        mention("@other_bot why?", "@other_bot"),
        command("/ask@other_bot why?"),
        command("/help"),
        {"text": "desk_bot why?"},
        {"text": "x", "from": ANN | {"is_bot": True}, "reply_to_message": OURS},
        {"text": "x", "sender_chat": GROUP, "is_automatic_forward": True, "reply_to_message": OURS},
        {"text": "x", "via_bot": ME.to_dict(), "reply_to_message": OURS},
        {"new_chat_members": [ANN]},
        {"text": "x", "reply_to_message": OURS | {"forum_topic_created": {
            "name": "t", "icon_color": 1}}},
    ],
)  # fmt: skip
def test_what_is_not_its_business_in_a_group(content: dict[str, Any]) -> None:
    assert read(chat=GROUP, **content) is None


@pytest.mark.parametrize("kind", ["channel_post", "business_message", "edited_channel_post"])
def test_other_kinds_of_updates_mean_nothing(kind: str) -> None:
    assert read(kind, text="why?") is None


def test_the_message_replied_to_is_context() -> None:
    quoted = OURS | {"from": ANN, "text": "The truce failed."}
    incoming = read(chat=GROUP, **mention("@desk_bot why?"), reply_to_message=quoted)
    assert incoming is not None
    assert (incoming.quoted, incoming.quoted_id, incoming.quoted_ours) == (
        "The truce failed.", 3, False,
    )  # fmt: skip


def test_a_picked_part_goes_before_the_whole_message() -> None:
    quote = {"text": "truce", "position": 4}
    incoming = read(chat=GROUP, text="why?", reply_to_message=OURS, quote=quote)
    assert incoming is not None
    assert incoming.quoted == "truce"


def test_a_stopped_draft_names_the_update_it_answers() -> None:
    raw = {"update_id": 5, "stopped_message_generation": {"chat": PRIVATE, "draft_id": 44}}
    assert parse_update(Update.de_json(raw, None), ME) == Incoming(5, "stop", 1, "44", 1)


def test_a_press_in_a_topic_stays_there() -> None:
    message = OURS | {"message_thread_id": 8, "is_topic_message": True}
    press = {"id": "1", "from": ANN, "chat_instance": "1", "data": "q:1:2", "message": message}
    incoming = parse_update(Update.de_json({"update_id": 6, "callback_query": press}, None), ME)
    assert incoming is not None
    assert (incoming.verb, incoming.thread_id, incoming.urgent) == ("button", 8, True)
