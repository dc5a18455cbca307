"""A question in another language than the archive's: asked in English, answered in its own."""

from __future__ import annotations

import pytest

from bot.wiring import Desk
from prompts import languages
from tests.openai_server.conftest import Make, ask
from tests.openai_server.server import Service, fails, says

GERMAN = "Wann trat der dritte Waffenstillstand in Kraft?"
ENGLISH = "When did the third truce take effect?"
FIRST = "The third truce took effect at eight in the morning on Monday, 26 October."
SECOND = "It had been brokered by the United States."
ERSTENS = "Die dritte Waffenruhe trat am Montag, dem 26. Oktober, um acht Uhr morgens in Kraft."
ZWEITENS = "Vermittelt hatten sie die Vereinigten Staaten."
DE = languages()["de"]


def test_the_answer_is_in_the_language_of_the_question_and_its_quotes_are_not(
    desk: Desk, service: Service
) -> None:
    service.script = [
        says(f"“{ENGLISH}”"),
        says(f"{FIRST} [1] {SECOND} [1]"),
        says(f"1. {ERSTENS}\n2. {ZWEITENS}"),
    ]
    drafts, answer = ask(desk, GERMAN)
    assert answer.text == f"{ERSTENS} [1] {ZWEITENS} [2]"
    assert (answer.question, answer.standalone_question) == (GERMAN, ENGLISH)
    assert answer.notice == f"{DE.searched}: “{ENGLISH}”. {DE.translated}"
    assert "26 October" in answer.citations[0].quote
    assert (drafts, answer.usage.prompt_tokens) == ([], 3000)
    assert GERMAN in service.asked(0)
    assert service.asked(1).endswith(f"Question: {ENGLISH}")
    assert service.asked(2).endswith(f"\n1. {FIRST}\n2. {SECOND}")


def test_what_the_check_removes_is_not_translated(desk: Desk, service: Service) -> None:
    false = "Pompeo resigned over the failure of the talks in Stepanakert."
    service.script = [says(ENGLISH), says(f"{false} [1] {FIRST} [1]"), says(f"1. {ERSTENS}")]
    _, answer = ask(desk, GERMAN)
    assert answer.text == f"{ERSTENS} [1]"
    assert "Pompeo" not in service.asked(2)


@pytest.mark.parametrize(
    "second",
    [
        ZWEITENS + " Es war die 4. in 20 Tagen.",  # figures that the sentence does not have
        "Vermittelt: https://x.example",
        "",
    ],
)
def test_a_sentence_that_is_not_well_translated_stays_as_it_is(
    desk: Desk, service: Service, second: str
) -> None:
    service.script = [
        says(ENGLISH),
        says(f"{FIRST} [1] {SECOND} [1]"),
        says(f"1. {ERSTENS}\n2. {second}"),
    ]
    _, answer = ask(desk, GERMAN)
    assert answer.text == f"{ERSTENS} [1] {SECOND} [2]"


@pytest.mark.parametrize("reply", [fails(400), says("Ich kann das nicht.")])
def test_an_answer_that_cannot_be_translated_stays_in_english(
    desk: Desk, service: Service, reply: object
) -> None:
    service.script = [says(ENGLISH), says(f"{FIRST} [1]"), reply]  # type: ignore[list-item]
    _, answer = ask(desk, GERMAN)
    assert answer.text == f"{FIRST} [1]"
    assert answer.notice == f"{DE.searched}: “{ENGLISH}”."


def test_a_weak_model_translates_the_question_alone(make_desk: Make, service: Service) -> None:
    service.script = [says(ENGLISH), says(f"{FIRST} [1]")]
    _, answer = ask(make_desk(NEWSDESK_MODEL="qwen3:1.7b"), GERMAN)
    assert (answer.text, len(service.requests)) == (f"{FIRST} [1]", 2)
    assert answer.notice == f"{DE.searched}: “{ENGLISH}”."


def test_what_the_archive_does_not_answer_is_said_in_the_language_of_the_question(
    desk: Desk, service: Service
) -> None:
    service.script = [says("How do I bake sourdough bread?")]
    _, answer = ask(desk, "Wie backe ich Sauerteigbrot?")
    assert answer.refused
    assert answer.text == DE.not_answered


@pytest.mark.parametrize(
    "reply",
    [
        "Nein.\nDas ist keine Frage.",
        "Wann trat der dritte Waffenstillstand in Kraft?",
        "When did the 4 truces take effect? " * 20,
    ],
)
def test_without_a_question_in_english_one_is_asked_for_it(
    desk: Desk, service: Service, reply: str
) -> None:
    service.script = [says(reply)]
    _, answer = ask(desk, GERMAN)
    assert (answer.refused, answer.text) == (True, DE.ask_in_english)


def test_a_question_keeps_its_figures(desk: Desk, service: Service) -> None:
    service.script = [says("How many people died in Beirut on 5 August 2020?")]
    _, answer = ask(desk, "Wie viele Menschen starben am 4. August 2020 in Beirut?")
    assert answer.text == DE.ask_in_english


def test_where_months_are_figures_a_translation_has_more_of_them(
    desk: Desk, service: Service
) -> None:
    chinese = "第三次停火于10月26日星期一上午8时生效。"
    said = FIRST.replace("eight", "8")
    service.script = [says(ENGLISH), says(f"{said} [1]"), says(f"1. {chinese}")]
    _, answer = ask(desk, "第三次停火何时生效?")
    assert answer.text == f"{chinese} [1]"


def test_a_failing_model_is_named(desk: Desk, service: Service) -> None:
    service.script = [fails(401)]
    _, answer = ask(desk, GERMAN)
    assert (answer.text, answer.degraded) == (DE.ask_in_english, True)
    assert "OPENAI_API_KEY" in answer.notice


def test_a_follow_up_is_asked_with_its_conversation(desk: Desk, service: Service) -> None:
    service.script = [says(ENGLISH), says(f"{FIRST} [1]"), says(f"1. {ERSTENS}")]
    history = ("Wer vermittelte den dritten Waffenstillstand?", "Die Vereinigten Staaten. [1]")
    _, answer = ask(desk, "Und wann trat er in Kraft?", history)
    said = [message["content"] for message in service.requests[0]["messages"]]
    assert said[1:3] == [history[0], "Die Vereinigten Staaten."]
    assert answer.text == f"{ERSTENS} [1]"


def test_foreign_words_are_not_taken_for_misspelt_english_ones(
    desk: Desk, service: Service
) -> None:
    service.script = [says("How many people died in Barda?"), says("x"), says("x")]
    text = "Quante persone sono morte nell'attentato di Barda?"
    _, answer = ask(desk, text)
    assert text in service.asked(0)
    assert "Read" not in answer.notice
