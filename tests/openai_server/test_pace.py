"""Prompts that fit the server: one that reads slowly is sent less, and cites as exactly."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk

from bot.wiring import Desk
from retrieval.answers import Answer, Question
from retrieval.models import pace
from retrieval.models.pace import Pace, Reading
from tests.conftest import Newsdesk
from tests.openai_server.conftest import Make, ask
from tests.openai_server.server import USAGE, Act, Exchange, Service, fails, says

TRUCE = "When did the third truce take effect?"
SAID = "The third truce took effect at eight in the morning on Monday, 26 October."
OTHERS = ("Who brokered the second truce?", "What did Pashinyan sign in November 2020?")


def reads(tokens_per_second: float, *, each: bool = False, said: str = f"{SAID} [1]") -> Act:
    """llama.cpp's server, which tells with the last chunk, or with each, how long it took."""
    read = USAGE["prompt_tokens"]
    timings = {"cache_n": 0, "prompt_n": read, "prompt_ms": 1000 * read / tokens_per_second}

    def act(exchange: Exchange) -> None:
        more: dict[str, Any] = {"timings": timings} if each else {}
        exchange.begin_stream()
        for word in said.split(" "):
            exchange.event({"content": f"{word} "}, **more)
        exchange.event({}, "stop", **more)
        exchange.chunk(choices=[], usage=USAGE, timings=timings)
        exchange.end_stream()

    return act


def ask_all(desk: Desk, *questions: str) -> list[Answer]:
    """The answers to some questions, one after the other, over one connection."""

    async def follow() -> list[Answer]:
        return [await desk.assistant.ask(Question(question)) for question in questions]

    return asyncio.run(follow())


def room(desk: Desk, service: Service, number: int = -1) -> int:
    """The tokens of the passages of a request."""
    [shown] = re.findall(r"<passages>\n(.*)\n</passages>", service.asked(number), re.S)
    return desk.chat.count(shown)


def assert_exact(desk: Desk, answer: Answer) -> None:
    assert answer.text == f"{SAID} [1]"
    [citation] = answer.citations
    body = desk.searcher.catalog.articles([citation.article_id])[citation.article_id].body
    assert body[citation.start : citation.end] == citation.quote
    assert "26 October" in citation.quote


@pytest.mark.parametrize("each", [False, True])
def test_a_server_that_reads_slowly_is_sent_less_until_it_is_fast(
    desk: Desk, service: Service, each: bool
) -> None:
    service.script = [reads(20, each=each), reads(20), reads(5000), says(f"{SAID} [1]")]
    *_, answer, _ = ask_all(desk, *OTHERS, TRUCE, "Who fought in Karabakh?")
    sizes = [room(desk, service, number) for number in range(4)]
    assert sizes[0] > 1500
    assert max(sizes[1:3]) <= 500
    assert sizes[3] > 1500
    assert_exact(desk, answer)


def test_the_pace_is_known_to_the_next_process(
    newsdesk_online: Newsdesk, desk: Desk, service: Service
) -> None:
    service.script = [reads(20)]
    for question in (OTHERS[0], TRUCE):
        assert newsdesk_online("ask", question).returncode == 0
    assert room(desk, service, 0) > 1500
    assert room(desk, service, 1) <= 500


def test_what_is_left_of_passages_is_verbatim(desk: Desk, service: Service) -> None:
    service.script = [reads(20)]
    _, answer = ask_all(desk, OTHERS[0], TRUCE)
    assert_exact(desk, answer)
    shown = re.findall(r"<passage [^>]*>\n(.*?)\n</passage>", service.asked(), re.S)
    bodies = [match.passage.text for match in answer.matches]
    for text in shown:
        assert all(any(run in body for body in bodies) for run in text.split(" … "))
    assert not set(shown) <= set(bodies), "not all of them are whole"


def test_the_time_until_the_first_word_tells_of_other_servers(
    desk: Desk, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "SECONDS", 1e-6)
    ask_all(desk, OTHERS[0], TRUCE)
    assert room(desk, service, 0) > 1500
    assert room(desk, service, 1) <= 500


def test_a_server_that_was_not_done_in_time_is_sent_less(
    make_desk: Make, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "SECONDS", 0.1)
    service.script = [lambda exchange: exchange.wait(), says(f"{SAID} [1]")]
    _, quoted = ask(make_desk(NEWSDESK_TIMEOUT="2"), OTHERS[0])
    assert "quoted" in quoted.notice
    desk = make_desk(NEWSDESK_TIMEOUT="60")
    assert_exact(desk, ask(desk, TRUCE)[1])
    assert room(desk, service, 0) > 1500
    assert room(desk, service, 1) <= 500


@pytest.mark.parametrize(("told", "least", "most"), [("900", 750, 900), ("4000", 1500, 4000)])
def test_the_setting_decides_whatever_the_pace(
    make_desk: Make, service: Service, told: str, least: int, most: int
) -> None:
    desk = make_desk(NEWSDESK_CONTEXT_TOKENS=told)
    service.script = [reads(20)]
    _, answer = ask_all(desk, OTHERS[0], TRUCE)
    assert [least < room(desk, service, number) <= most for number in (0, 1)] == [True, True]
    assert_exact(desk, answer)


def test_a_conversation_takes_a_quarter_of_the_setting_at_most(
    make_desk: Make, service: Service
) -> None:
    desk = make_desk(NEWSDESK_CONTEXT_TOKENS="800")
    service.script = [says(f"{SAID} [1]")]
    turns = [(f"Question {n} on the war?", f"Answer {n}. " + "word " * 60) for n in range(9)]
    ask(desk, TRUCE, *turns)
    messages = service.requests[0]["messages"]
    told = "\n".join(message["content"] for message in messages[1:-1])
    assert 50 < desk.chat.count(told) <= 200
    assert 400 < room(desk, service) <= 800 - desk.chat.count(told)


def test_the_setting_is_halved_where_a_window_is_smaller_still(
    make_desk: Make, service: Service
) -> None:
    desk = make_desk(NEWSDESK_CONTEXT_TOKENS="1200")
    service.script = [fails(400, code="context_length_exceeded"), says(f"{SAID} [1]")]
    _, answer = ask(desk, TRUCE)
    assert room(desk, service, 1) <= 600 < room(desk, service, 0)
    assert_exact(desk, answer)


def test_a_window_that_was_too_small_is_remembered(desk: Desk, service: Service) -> None:
    def act(exchange: Exchange) -> None:
        long = desk.chat.count(service.asked()) > 1700
        (fails(400, code="context_length_exceeded") if long else says(f"{SAID} [1]"))(exchange)

    service.script = [act]
    *_, answer = ask_all(desk, *OTHERS, TRUCE)
    assert len(service.requests) == 4, "one was refused, and none after it"
    assert_exact(desk, answer)


def test_a_setting_that_is_no_number(empty: Newsdesk) -> None:
    done = empty.told(NEWSDESK_CONTEXT_TOKENS="12")("status")
    assert (done.returncode, done.stdout) == (1, "")
    assert "NEWSDESK_CONTEXT_TOKENS cannot be used: it takes a whole number, 100" in done.stderr


def test_what_is_the_same_for_all_questions_comes_first(desk: Desk, service: Service) -> None:
    ask_all(desk, TRUCE, *OTHERS)
    first = [request["messages"][0] for request in service.requests]
    assert [message["role"] for message in first] == ["system"] * 3
    assert first[0] == first[1] == first[2]
    for request, question in zip(service.requests, (TRUCE, *OTHERS), strict=True):
        asked = request["messages"][-1]["content"]
        assert asked.startswith("<passages>\n")
        assert asked.endswith(f"</passages>\n\nQuestion: {question}")


def chunk(text: str = "", thought: str = "", **usage: Any) -> AIMessageChunk:
    told = {"input_tokens": 1000, "output_tokens": 9, "total_tokens": 1009} | usage
    return AIMessageChunk(
        text,
        additional_kwargs={"reasoning_content": thought} if thought else {},
        usage_metadata=told if usage else None,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("chunks", "told"),
    [
        ([chunk("It"), chunk(" is.")], (800, 4.0)),
        ([chunk(thought="Hm."), chunk(thought="Yes."), chunk("It")], (800, 4.0)),
        ([chunk(), chunk("It"), chunk(" is.")], (800, 5.0)),
        ([chunk("It"), chunk(" is."), chunk(input_token_details={"cache_read": 750})], (200, 4.0)),
        ([chunk("It is.")], None),
        ([chunk("It"), chunk(" is."), chunk(output_token_details={"reasoning": 90})], None),
    ],
    ids=[
        "words",
        "thoughts shown",
        "a role first",
        "a kept prefix",
        "all at once",
        "thoughts kept",
    ],
)
def test_what_chunks_tell_of_the_reading(
    chunks: list[AIMessageChunk], told: tuple[float, float] | None
) -> None:
    reading = Reading()
    for seconds, part in enumerate(chunks, start=4):
        reading.see(part, float(seconds))
    assert reading.of(800, 60.0) == told


@pytest.mark.parametrize("timings", [{}, {"prompt_n": "many", "prompt_ms": 1}, 7, None, {"a": 1}])
def test_timings_that_tell_nothing(timings: object) -> None:
    reading = Reading()
    reading.see(AIMessageChunk("It is.", additional_kwargs={"timings": [timings]}), 1.0)
    assert reading.of(800, 60.0) is None


def test_few_tokens_do_not_tell_the_pace() -> None:
    speed = Pace()
    assert speed.fit(3000) == 3000
    speed.note(13, 0.33)
    speed.note(1000, 0.0)
    assert speed.fit(3000) == 3000
    speed.note(1000, 10.0)
    assert [speed.fit(3000), speed.fit(800), speed.fit(400)] == [1000, 800, 400]
    speed.note(1000, 500.0)
    assert [speed.fit(3000), speed.fit(400)] == [500, 400]
