"""A model that searches on where one search may be too little (NEWSDESK_AGENT=on)."""

from __future__ import annotations

import asyncio

import pytest

from bot.wiring import Desk
from retrieval.answers import Question
from retrieval.archive.filters import Filters
from tests.openai_server.conftest import Make, ask
from tests.openai_server.server import Act, Exchange, Service, calls, fails, says, says_whole

SIDES = "How did the two sides' accounts of the second truce differ?"
PLAIN = "When did the third truce take effect?"
TRUCE = "The third truce took effect at eight in the morning on Monday, 26 October."
ROVER = "Perseverance landed on Mars on 18 February 2021."
DONE = says_whole("done")


@pytest.fixture
def agent(make_desk: Make) -> Desk:
    return make_desk(NEWSDESK_AGENT="on")


def test_what_the_model_searches_for_is_found_written_from_and_checked(
    agent: Desk, service: Service
) -> None:
    false = "Perseverance was lost over Stepanakert with 7,450 soldiers."
    service.script = [
        calls("When did the rover Perseverance land on Mars?"),
        DONE,
        says(f"{ROVER} [1] {false} [1]"),
    ]
    _, answer = ask(agent, SIDES)
    assert answer.text == f"{ROVER} [1]"
    assert answer.citations[0].title == "NASA rover Perseverance lands on Mars"
    assert [removed.sentence for removed in answer.removed] == [false]
    assert "Perseverance" in service.asked(1), "the model sees what its search found"
    assert "Perseverance" not in service.asked(0)
    assert answer.usage.prompt_tokens == 3000, "all three requests are paid for"


def test_a_question_that_one_search_answers_asks_for_no_more(agent: Desk, service: Service) -> None:
    service.script = [says(f"{TRUCE} [1]")]
    _, answer = ask(agent, PLAIN)
    assert answer.text == f"{TRUCE} [1]"
    assert len(service.requests) == 1


def test_it_is_off_by_default(desk: Desk, service: Service) -> None:
    service.script = [says(f"{TRUCE} [1]")]
    ask(desk, SIDES)
    assert len(service.requests) == 1


def test_a_model_that_never_stops_searching_is_stopped(agent: Desk, service: Service) -> None:
    def act(exchange: Exchange) -> None:
        asked = len(service.requests)
        searching = calls(f"truce {asked}", f"war {asked}")
        (says(f"{TRUCE} [1]") if exchange.body.get("stream") else searching)(exchange)

    service.script = [act]
    _, answer = ask(agent, SIDES)
    assert len(service.requests) <= 6, "five replies of the agent, and the answer"
    searched = [m for m in service.requests[-2]["messages"] if m["role"] == "tool"]
    assert sum("<passage" in str(message["content"]) for message in searched) == 4
    assert answer.text == f"{TRUCE} [1]"


@pytest.mark.parametrize("fault", [fails(400, message="no tools"), says_whole("<tool_call>{")])
def test_a_model_that_cannot_call_tools_answers_from_the_first_search(
    agent: Desk, service: Service, fault: Act
) -> None:
    service.script = [fault, says("Each side accused the other of breaking the truce. [1]")]
    _, answer = ask(agent, SIDES)
    assert not answer.refused
    assert answer.citations


def test_a_search_keeps_to_the_questions_filters_and_its_days_are_checked(
    agent: Desk, service: Service
) -> None:
    service.script = [
        calls("When did Perseverance land on Mars?", until="soon"),
        calls("When did Perseverance land on Mars?", since="2021", until="2021-02"),
        DONE,
        says("nothing"),
    ]
    only = Filters(without=("Mars",))
    asyncio.run(agent.assistant.ask(Question(SIDES, filters=only)))
    told = [m["content"] for m in service.requests[2]["messages"] if m["role"] == "tool"]
    assert told[0].startswith("until soon names no day")
    assert "Perseverance" not in told[1]
