"""Inline mode: `@bot question` in any chat."""

from __future__ import annotations

import pytest

from tests.telegram.botapi import BotApi
from tests.telegram.bots import BotThread
from tests.telegram.desk import TRUCE, UNANSWERED


def test_an_answer_is_offered(api: BotApi) -> None:
    ann = api.person("Ann")
    (result,) = ann.inline_results(ann.asks_inline(TRUCE))
    content = result["input_message_content"]
    assert "[1]" in content["message_text"]
    assert "parse_mode" not in content
    assert content["link_preview_options"]["is_disabled"]
    assert {entity["type"] for entity in content["entities"]} >= {"text_link"}
    assert result["title"]


def test_answers_are_personal(api: BotApi) -> None:
    ann = api.person("Ann")
    number = ann.asks_inline(TRUCE)
    ann.inline_results(number)
    assert api.inline_answers[number]["is_personal"]


@pytest.mark.parametrize("query", ["", "  "])
def test_nothing_is_offered_before_there_is_a_question(api: BotApi, query: str) -> None:
    ann = api.person("Ann")
    assert ann.inline_results(ann.asks_inline(query)) == []


@pytest.mark.parametrize("query", [UNANSWERED, "x" * 256])
def test_a_refusal_is_offered_as_one(api: BotApi, query: str) -> None:
    ann = api.person("Ann")
    (result,) = ann.inline_results(ann.asks_inline(query))
    said = result["input_message_content"]["message_text"]
    assert "does not answer" in said
    assert "[1]" not in said


def test_the_last_query_of_one_who_types_is_answered(api: BotApi) -> None:
    ann = api.person("Ann")
    for length in range(12, len(TRUCE)):
        ann.asks_inline(TRUCE[:length])
    assert ann.inline_results(ann.asks_inline(TRUCE))


def test_it_is_no_conversation(bot: BotThread, api: BotApi) -> None:
    ann, bob = api.person("Ann"), api.person("Bob")
    ann.inline_results(ann.asks_inline("Who co-chairs the Minsk Group?"))
    after = ann.private.reply(ann.says("When was it set up?"))
    alone = bob.private.reply(bob.says("When was it set up?"))
    assert after.text == alone.text
