"""`/check`: a text is gone through sentence by sentence, in a chat."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.telegram.botapi import BotApi, Shown, units
from tests.telegram.bots import BotThread
from tests.telegram.desk import TRUCE, asks

ME = "@newsdesk_test_bot"
TRUE = "Armenian forces captured Aghdam in July 1993."
FIGURE = "Russia will deploy 2,500 soldiers along the line of contact and the Lachin corridor."
ELSEWHERE = "The mayor of Lisbon opened a restaurant that serves octopus."


def entities(shown: Shown, kind: str) -> list[str]:
    """The parts of a message's text that are marked as of a kind."""
    encoded = shown.text.encode("utf-16-le")
    spans = [
        (e["offset"] * 2, (e["offset"] + e["length"]) * 2)
        for e in shown.entities
        if e["type"] == kind
    ]
    return [encoded[start:end].decode("utf-16-le") for start, end in spans]


def test_a_text_after_the_command(api: BotApi) -> None:
    ann = api.person("Ann")
    sent = ann.says(f"/check {TRUE} {FIGURE} {ELSEWHERE}")
    reply = ann.private.reply(sent)
    first, true, figure, elsewhere = reply.text.split("\n\n")
    assert first == "✓ 1 borne out, ≠ 1 differs, ? 1 not found"
    assert true.startswith(f"✓ {TRUE}\n{TRUE}\nAzerbaijani army enters Aghdam")
    assert true.endswith("— Newsdesk sample archive, 20 November 2020")
    assert figure.splitlines()[:2] == [f"≠ {FIGURE}", "“2,500”: the quote has “1,960”"]
    assert elsewhere.splitlines()[:2] == [f"? {ELSEWHERE}", "not found"]
    assert entities(reply, "bold")[1:] == ["2,500", "1,960"]
    assert entities(reply, "blockquote")[0] == TRUE
    links = dict(reply.links)
    opened = links["Azerbaijani army enters Aghdam, first district handed over"]
    address = "https://news.example/2020-11-20-aghdam-handover"
    assert opened == f"{address}#:~:text={quote(TRUE)}"


def test_a_message_replied_to_in_a_group(api: BotApi) -> None:
    ann, bob, room = api.person("Ann"), api.person("Bob"), api.group()
    said = room.said(ann, f"{FIGURE} Hello @everybody.")
    room.said(bob, "/check@other_bot", reply_to=said)
    for command in ("/check", f"/check{ME}"):
        reply = room.reply(room.said(bob, command, reply_to=said))
        assert f"≠ {FIGURE}" in reply.text
    assert len(room.from_bot) == 2


@pytest.mark.parametrize("text", ["/check", "/check  ", "/check ???"])
def test_nothing_to_check(api: BotApi, text: str) -> None:
    ann = api.person("Ann")
    reply = ann.private.reply(ann.says(text))
    assert "text to check" in reply.text
    assert ann.private.from_bot == [reply]


def test_a_text_is_text_and_no_markup(api: BotApi) -> None:
    ann = api.person("Ann")
    text = "The *ferry* <b>sailed</b> at _noon_ to [Kos](https://evil.example) & `back`."
    reply = ann.private.reply(ann.says(f"/check {text}"))
    assert f"? {text}" in reply.text
    assert not any("evil" in url for _, url in reply.links)
    assert entities(reply, "bold") == ["? 1 not found"]


def test_a_long_text_is_split_as_answers_are(api: BotApi) -> None:
    ann = api.person("Ann")
    sent = ann.says(f"/check {' '.join([TRUE] * 22)}")
    api.wait(lambda: sum(p.text.count("✓ Armenian") for p in ann.private.after(sent)) == 22)
    parts = ann.private.after(sent)
    assert len(parts) > 1
    assert all(units(part.text) <= 4096 for part in parts)
    assert [part.reply_to for part in parts] == [sent.id, *[None] * (len(parts) - 1)]


def test_a_check_counts_as_a_question(own_bot: BotThread) -> None:
    own_bot.told(TELEGRAM_DAILY_QUESTIONS="2").start()
    ann = own_bot.api.person("Ann")
    assert "text to check" in ann.private.reply(ann.says("/check")).text
    assert "✓" in ann.private.reply(ann.says(f"/check {TRUE}")).text
    asks(ann, TRUCE)
    assert "✓" not in ann.private.reply(ann.says(f"/check {TRUE}")).text


def test_nothing_of_a_checked_text_is_kept(own_bot: BotThread) -> None:
    own_bot.start()
    ann = own_bot.api.person("Ann")
    sent = ann.says(f"/check {TRUE} Zanzibarword sailed.")
    ann.private.reply(sent)
    own_bot.api.wait(lambda: own_bot.closed(sent.update_id), what="the update closed")
    own_bot.stop()
    files = own_bot.newsdesk.home.glob("telegram*")
    assert not any(b"Zanzibarword" in path.read_bytes() for path in files)
