from __future__ import annotations

import json
import logging

import httpx
import pytest
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.telegram.conversation.access import Access
from bot.telegram.conversation.uploads import safe_name
from bot.telegram.logs import Lines, Redactor
from bot.telegram.transport.faults import Fault, classify

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (InvalidToken(), Fault.TOKEN),
        (Forbidden("bot was blocked by the user"), Fault.GONE),
        (BadRequest("Chat not found"), Fault.GONE),
        (BadRequest("Message is too long"), Fault.REFUSED),
        (RetryAfter(3), Fault.NOT_DONE),
        (Conflict("terminated"), Fault.NOT_DONE),
        (NetworkError("Internal Server Error"), Fault.NOT_DONE),
        (caused(NetworkError("httpx.ConnectError"), httpx.ConnectError("no")), Fault.NOT_DONE),
        (caused(TimedOut(), httpx.ConnectTimeout("no")), Fault.NOT_DONE),
        (caused(TimedOut(), httpx.ReadTimeout("no")), Fault.UNKNOWN),
        (caused(NetworkError("x"), httpx.RemoteProtocolError("gone")), Fault.UNKNOWN),
        (caused(NetworkError("Bad Gateway (502)"), TelegramError("Invalid")), Fault.UNKNOWN),
    ],
)
def test_what_a_failed_request_means(error: TelegramError, verdict: Fault) -> None:
    assert classify(error) is verdict


@pytest.mark.parametrize("as_json", [True, False])
def test_the_token_is_in_no_line_and_no_traceback(as_json: bool) -> None:
    lines = Lines(Redactor(TOKEN), as_json=as_json)
    try:
        raise ValueError(f"https://api.example/bot{TOKEN}/getMe")
    except ValueError as error:
        record = logging.LogRecord(
            "n", logging.ERROR, "f", 1, "to %s", (TOKEN.replace(":", "%3A"),),
            (ValueError, error, error.__traceback__),
        )  # fmt: skip
    record.fields = {"url": TOKEN, "outcome": "failed", "nothing": None}
    line = lines.format(record)
    assert TOKEN.partition(":")[2] not in line
    assert "getMe" in line
    if as_json:
        entry = json.loads(line)
        assert (entry["outcome"], entry["level"]) == ("failed", "error")
        assert "nothing" not in entry


@pytest.mark.parametrize(
    ("access", "user", "chat", "allowed"),
    [
        (Access(), 1, 1, True),
        (Access(users=frozenset({1})), 1, None, True),
        (Access(users=frozenset({1})), 2, 2, False),
        (Access(chats=frozenset({-5})), 2, -5, True),
        (Access(chats=frozenset({-5})), 2, None, False),
        (Access(users=frozenset({1}), admins=frozenset({3})), 3, 3, True),
        (Access(admins=frozenset({3})), 2, 2, True),
    ],
)
def test_who_may_ask(access: Access, user: int, chat: int | None, allowed: bool) -> None:
    assert access.allows(user, chat) is allowed


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("monday.md", "monday.md"),
        ("../../etc/passwd.md", "passwd.md"),
        ("C:\\a\\b.txt", "b.txt"),
        (".env.md", "env.md"),
        ("", "document"),
        ("a\x00b\n;rm -rf.html", "ab _rm -rf.html"),
        ("новости.jsonl", "новости.jsonl"),
        ("x" * 300 + ".md", "x" * 80 + ".md"),
    ],
)
def test_a_file_name_is_only_a_name(given: str, name: str) -> None:
    assert safe_name(given) == name
