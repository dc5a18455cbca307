"""`/timeline`, lists and summaries, in a chat."""

from __future__ import annotations

from tests.telegram.botapi import BotApi
from tests.telegram.bots import BotThread
from tests.telegram.desk import asks, finished


def test_the_command(api: BotApi, bot: BotThread) -> None:
    ann = api.person("Ann")
    lines = asks(ann, "/timeline the truces").text.split("\n\nSources")[0].splitlines()
    days = dict.fromkeys(line.split(": ")[0] for line in lines if "ceasefire" in line)
    three = [f"Reported {day} October 2020" for day in (10, 18, 26)]
    assert [day for day in days if day in three] == three
    assert all(line.endswith(f" [{n}]") for n, line in enumerate(lines, start=1))


def test_of_a_message_in_a_group(api: BotApi, bot: BotThread) -> None:
    ann, bob, room = api.person("Ann"), api.person("Bob"), api.group()
    said = room.said(ann, "the Suez Canal blockage")
    reply = room.reply(room.said(bob, "/timeline", reply_to=said), finished)
    assert "Reported 29 March 2021: " in reply.text


def test_without_a_subject(api: BotApi, bot: BotThread) -> None:
    ann = api.person("Ann")
    assert "I see no question" in ann.private.reply(ann.says("/timeline")).text


def test_a_list_has_a_line_for_each_item(api: BotApi, bot: BotThread) -> None:
    reply = asks(api.person("Ann"), "List the three districts that Armenia must return")
    assert "\n• Aghdam by 20 November 2020;\n• Lachin by 1 December 2020. [1]" in reply.text


def test_a_summary_has_a_line_for_each_article(api: BotApi, bot: BotThread) -> None:
    text = asks(api.person("Ann"), "tell me about the Beirut blast").text
    lines = text.split("\n\nSources")[0].splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "Reported 4 August 2020",
        "Reported 4 September 2020",
    ]


def test_what_is_in_the_archive(api: BotApi, bot: BotThread) -> None:
    text = asks(api.person("Ann"), "what's in this archive?").text
    assert "The archive has 44 articles, of 24 March 2020 to 23 July 2021." in text


def test_values_of_several_days_have_a_line_each(api: BotApi, bot: BotThread) -> None:
    question = "How many injured were there after the Izmir earthquake, and how many at first?"
    text = asks(api.person("Ann"), question).text
    newest, oldest = text.index("Reported 4 November 2020: "), text.index("\nReported 30 October")
    assert newest == 0 < oldest
