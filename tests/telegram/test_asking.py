"""A question and its answer: typing, reply, links, sources, quotes, order, follow-ups."""

from __future__ import annotations

import re

import pytest

from prompts import languages
from tests.telegram.botapi import BotApi
from tests.telegram.bots import BotThread, ScriptedThread
from tests.telegram.desk import (
    MINSK,
    PEACEKEEPERS,
    QUESTIONS,
    SHIP,
    TRUCE,
    UNANSWERED,
    asks,
    finished,
    one_answer,
)


def test_typing_is_shown_before_the_answer(api: BotApi) -> None:
    ann = api.person("Ann")
    asked = ann.says(TRUCE)
    api.wait(lambda: ann.private.typing or ann.private.replies(asked), what="typing")
    assert ann.private.typing
    assert ann.private.typing[0] < ann.private.reply(asked, finished).at


@pytest.mark.parametrize("question", [*QUESTIONS, "Which articles mention Macron?"])
def test_an_answer_cites_links_and_names_its_sources(api: BotApi, question: str) -> None:
    ann = api.person("Ann")
    asked = ann.says(question)
    answer = ann.private.reply(asked, finished)
    assert one_answer(ann.private, asked) is answer
    said, _, sources = answer.text.partition("\n\nSources")
    numbers = re.findall(r"\[(\d+)\]", said)
    assert numbers
    assert set(numbers) == set(re.findall(r"\[(\d+)\]", sources))
    linked = dict(answer.links)
    for number in numbers:
        assert linked[f"[{number}]"].startswith("https://news.example/")
    assert re.search(r"— .+\d{4}", sources), "an outlet and a date stand behind each source"
    assert answer.raw["link_preview_options"]["is_disabled"]


def test_a_button_shows_the_quote_in_its_context_once(api: BotApi) -> None:
    ann = api.person("Ann")
    answer = asks(ann, TRUCE)
    for _ in range(2):
        press = ann.private.pressed(ann, answer, "❝ 1")
        api.wait(lambda press=press: press in api.press_answers)
    shown = ann.private.next(answer)
    quotes = shown.spans("expandable_blockquote")
    assert len(quotes) == 1
    said = answer.text.partition(" [1]")[0].strip()
    assert said in quotes[0]
    assert len(quotes[0]) > len(said)
    assert said in " ".join(shown.spans("bold"))
    assert len(ann.private.after(answer)) == 1


def test_a_question_without_an_answer_is_told_so(api: BotApi) -> None:
    ann = api.person("Ann")
    reply = ann.private.reply(ann.says(UNANSWERED))
    assert not reply.spans("text_link")
    assert "[1]" not in reply.text


def test_a_question_in_another_language_is_told_so_in_it(api: BotApi) -> None:
    ann = api.person("Ann")
    reply = ann.private.reply(ann.says("Wie backe ich Sauerteigbrot?"))
    assert reply.text.startswith(languages()["de"].ask_in_english)


def test_a_greeting_is_greeted(api: BotApi) -> None:
    ann = api.person("Ann")
    reply = ann.private.reply(ann.says("Hello!"))
    assert reply.buttons == []


@pytest.mark.parametrize("text", ["???", "👍"])
def test_a_message_without_a_word_is_told_what_to_ask(api: BotApi, text: str) -> None:
    ann = api.person("Ann")
    reply = ann.private.reply(ann.says(text))
    assert reply.text.startswith("Ask me in words")


def test_questions_in_a_row_are_answered_in_order(api: BotApi) -> None:
    ann = api.person("Ann")
    asked = [ann.says(question) for question in QUESTIONS]
    answers = [ann.private.reply(question, finished) for question in asked]
    assert [answer.id for answer in answers] == sorted(answer.id for answer in answers)
    for question in asked:
        one_answer(ann.private, question)


def test_a_follow_up_knows_what_was_said(api: BotApi) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    asks(ann, MINSK)
    followed = ann.private.reply(ann.says("When was it set up?"))
    alone = bob.private.reply(bob.says("When was it set up?"))
    assert followed.text != alone.text


def test_a_follow_up_after_a_restart(own_bot: BotThread) -> None:
    api = own_bot.start().api
    ann, bob = api.person("Ann"), api.person("Bob")
    asks(ann, MINSK)
    assert own_bot.stop() == 0
    own_bot.start()
    followed = ann.private.reply(ann.says("When was it set up?"))
    alone = bob.private.reply(bob.says("When was it set up?"))
    assert followed.text != alone.text


def test_many_chats_each_in_order_and_once(api: BotApi) -> None:
    people = [api.person(f"P{number}") for number in range(20)]
    asked = [
        (person, [person.says(question) for question in (QUESTIONS[number % 5], SHIP)])
        for number, person in enumerate(people)
    ]
    for person, (first, second) in asked:
        one = person.private.reply(first, finished, timeout=60)
        two = person.private.reply(second, finished, timeout=60)
        assert one.id < two.id
        assert len(person.private.from_bot) == 2


def test_other_chats_are_not_delayed(scripted: ScriptedThread) -> None:
    scripted.answers("slowly", "It took a while [1].", before=3600)
    api = scripted.api
    ann, bob = api.person("Ann"), api.person("Bob")
    ann.says(f"{TRUCE} Answer slowly.")
    scripted.wait_asked("slowly")
    asks(bob, PEACEKEEPERS)
    assert ann.private.from_bot == []
    ann.says("/cancel")
    scripted.wait_ended("slowly")


def test_a_misspelt_question_is_told_how_it_was_read(api: BotApi) -> None:
    ann = api.person("Ann")
    reply = ann.private.reply(ann.says("when did the third ceasfire take effect"), finished)
    assert "Read “ceasfire” as “ceasefire”." in reply.spans("italic")
    assert reply.text.count("ceasfire") == 1
