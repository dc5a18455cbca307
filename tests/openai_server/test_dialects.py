"""Servers that speak OpenAI's protocol in their own ways, over real HTTP: each is answered from."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.wiring import Desk
from retrieval.answers import Answer
from tests.conftest import Newsdesk
from tests.openai_server.conftest import IN_DOUBT, NOT_STATED, Make, ask
from tests.openai_server.server import Act, Exchange, Service, fails, says, says_whole

TRUCE = "When did the third truce take effect?"
SAID = "The third truce took effect at eight in the morning on Monday, 26 October."
TRUE = f"{SAID} [1]"
THOUGHT = f"Okay, they ask for a time. Passage 2 says it failed. So: {SAID} Or was it noon?"


@pytest.fixture
def desk(make_desk: Make) -> Desk:
    """Its model is none of OpenAI's."""
    return make_desk(NEWSDESK_MODEL="qwen3:8b")


def roles(request: dict[str, Any]) -> set[str]:
    return {message["role"] for message in request["messages"]}


def refuses(*named: str, status: int = 400) -> Act:
    """A server that takes no request with one of these parameters, or with such a role."""

    def act(exchange: Exchange) -> None:
        for name in named:
            if name in exchange.body:
                fails(status, message=f"{name}: Extra inputs are not permitted")(exchange)
                return
            if name in roles(exchange.body):
                fails(status, message="System role not supported")(exchange)
                return
        says(TRUE)(exchange)

    return act


def assert_written(answer: Answer) -> None:
    assert (answer.text, answer.notice, answer.removed) == (f"{SAID} [1]", "", ())
    assert answer.engine.startswith("openai:")


@pytest.mark.parametrize("status", [400, 422, 500])
@pytest.mark.parametrize(
    "name",
    ["max_completion_tokens", "system", "stream_options", "temperature", "seed"],
)
def test_what_a_server_refuses_is_left_out_from_then_on(
    desk: Desk, service: Service, name: str, status: int
) -> None:
    service.script = [refuses(name, status=status)]
    assert_written(ask(desk, TRUCE)[1])
    ask(desk, "Who brokered the second truce?")
    sent = [name in request or name in roles(request) for request in service.requests]
    assert sent[:2] == [True, False]
    assert not any(sent[2:]), "it is remembered"


@pytest.mark.parametrize(
    "words",
    [
        "Developer instruction is not enabled for models/gemma-3-27b-it",
        "messages.0.role: Input should be 'user' or 'assistant'",
        "Error rendering prompt: Only user, assistant and tool roles are supported, got system.",
        "Conversation roles must alternate user/assistant/user/assistant/...",
        "Unexpected role 'system' after role 'user'",
        "invalid role: system",
    ],
)
def test_the_systems_role_is_refused_in_many_words(
    desk: Desk, service: Service, words: str
) -> None:
    def act(exchange: Exchange) -> None:
        (fails(400, message=words) if "system" in roles(exchange.body) else says(TRUE))(exchange)

    service.script = [act]
    assert_written(ask(desk, TRUCE)[1])


def test_the_limit_and_the_rules_are_sent_in_their_older_forms(
    desk: Desk, service: Service
) -> None:
    service.script = [refuses("max_completion_tokens", "system", "temperature", status=422)]
    assert_written(ask(desk, TRUCE)[1])
    first, last = service.requests[0], service.requests[-1]
    assert len(service.requests) == 4
    assert last["max_tokens"] == first["max_completion_tokens"]
    assert [message["role"] for message in last["messages"]] == ["user"]
    told = [message["content"] for message in first["messages"]]
    assert last["messages"][0]["content"] == "\n\n".join(told)


THINKING: dict[str, str] = {
    "in tags": f"<think>\n{THOUGHT}\n</think>\n\n{TRUE}",
    "in brackets": f"[THINK]{THOUGHT}[/THINK]{TRUE}",
    "without the opening tag": f"{THOUGHT}\n</think>\n\n{TRUE}",
    "nothing thought": f"<think>\n\n</think>\n\n{TRUE}",
}


@pytest.mark.parametrize("how", THINKING)
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_thoughts_are_neither_shown_nor_checked(
    desk: Desk, service: Service, how: str, size: int
) -> None:
    service.script = [says(THINKING[how], size=size)]
    drafts, answer = ask(desk, TRUCE)
    assert_written(answer)
    assert {draft.text for draft in drafts} == {answer.text}


def thinks(text: str, least: int) -> Act:
    """A model that needs so many tokens for its thoughts, and then says a text."""

    def act(exchange: Exchange) -> None:
        if exchange.body["max_completion_tokens"] < least:
            says(text.partition("</think>")[0], finish="length")(exchange)
        else:
            says(text)(exchange)

    return act


@pytest.mark.parametrize("how", ["in tags", "reasoned apart"])
def test_a_model_that_reasons_gets_room_for_it(desk: Desk, service: Service, how: str) -> None:
    text = THINKING["in tags"] if how == "in tags" else f"</think>{TRUE}"
    service.script = [thinks(text, 1000)]
    assert_written(ask(desk, TRUCE)[1])
    ask(desk, "Who brokered the second truce?")
    enough = [request["max_completion_tokens"] > 1000 for request in service.requests]
    assert enough[:2] == [False, True]
    assert all(enough[2:]), "it is remembered"


def test_how_much_room_is_a_setting(make_desk: Make, service: Service) -> None:
    service.script = [thinks(THINKING["in tags"], 100_000)]
    _, answer = ask(make_desk(NEWSDESK_MODEL="qwen3:8b", NEWSDESK_REASONING_TOKENS="7000"), TRUCE)
    assert answer.engine == "extractive"
    assert "NEWSDESK_REASONING_TOKENS" in answer.notice
    first, second = (request["max_completion_tokens"] for request in service.requests)
    assert second == first + 7000


def test_a_reply_that_is_nothing_but_thoughts_is_no_answer(desk: Desk, service: Service) -> None:
    service.script = [says(f"<think>{THOUGHT}", finish="length")]
    drafts, answer = ask(desk, TRUCE)
    assert answer.engine == "extractive"
    assert drafts == []


def test_thoughts_cut_by_the_limit_are_none_without_their_tag_either(
    desk: Desk, service: Service
) -> None:
    service.script = [says(f"{THOUGHT} " * 5 + "But may", finish="length")]
    drafts, answer = ask(desk, TRUCE)
    assert (answer.engine, drafts) == ("extractive", [])
    assert "NEWSDESK_REASONING_TOKENS" in answer.notice
    first, second = (request["max_completion_tokens"] for request in service.requests)
    assert second > first


def test_a_short_reply_that_was_cut_is_no_thought(desk: Desk, service: Service) -> None:
    service.script = [says(f"{SAID} But may", finish="length")]
    _, answer = ask(desk, TRUCE)
    assert answer.text == TRUE
    assert len(service.requests) == 1


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thoughts_that_are_sent_apart_get_room_too(desk: Desk, service: Service, name: str) -> None:
    service.script = [streams({name: THOUGHT}, {"content": TRUE})]
    assert_written(ask(desk, TRUCE)[1])
    ask(desk, "Who brokered the second truce?")
    first, second = (request["max_completion_tokens"] for request in service.requests[:2])
    assert second > first


def test_a_ruling_may_begin_with_thoughts(make_desk: Make, service: Service) -> None:
    service.script = [says(f"{IN_DOUBT} [1]"), says_whole(f"<think>No.</think>{NOT_STATED}")]
    _, answer = ask(make_desk(NEWSDESK_VERIFY="model"), TRUCE)
    assert not answer.written
    assert [one.reason for one in answer.removed] == ["not stated"]


def test_a_ruling_has_a_limit_and_gets_room_for_thoughts(make_desk: Make, service: Service) -> None:
    cut, ruling = says_whole("", finish="length"), says_whole(NOT_STATED)
    service.script = [says(f"{IN_DOUBT} [1]"), cut, ruling]
    _, answer = ask(make_desk(NEWSDESK_MODEL="qwen3:8b", NEWSDESK_VERIFY="model"), TRUCE)
    assert [one.reason for one in answer.removed] == ["not stated"]
    _, first, second = (request["max_completion_tokens"] for request in service.requests)
    assert second == first + 4000
    assert answer.usage.prompt_tokens == 3000


def test_a_ruling_that_a_filter_stopped_is_none(make_desk: Make, service: Service) -> None:
    service.script = [says(f"{TRUE} {IN_DOUBT} [1]"), says_whole("", finish="content_filter")]
    _, answer = ask(make_desk(NEWSDESK_VERIFY="model"), TRUCE)
    assert answer.text.startswith(TRUE)
    assert len(service.requests) == 2


def test_a_stream_that_ends_without_its_last_event_was_cut(desk: Desk, service: Service) -> None:
    def act(exchange: Exchange) -> None:
        exchange.begin_stream()
        exchange.event({"content": f"{TRUE} It had been brokered"})
        exchange.handler.wfile.write(b"0\r\n\r\n")  # a proxy's proper end of what it got

    service.script = [act]
    _, answer = ask(desk, TRUCE)
    assert answer.text == f"{SAID} [1]"
    assert "broke off" in answer.notice


def test_a_stream_that_never_says_why_it_ended_is_complete(desk: Desk, service: Service) -> None:
    def act(exchange: Exchange) -> None:
        exchange.begin_stream()
        exchange.event({"content": TRUE})
        exchange.end_stream()

    service.script = [act]
    assert_written(ask(desk, TRUCE)[1])


def streams(*deltas: dict[str, Any]) -> Act:
    def act(exchange: Exchange) -> None:
        exchange.begin_stream()
        for delta in deltas:
            exchange.event(delta)
        exchange.chunk(choices=[])
        exchange.event({"content": None}, "stop")
        exchange.end_stream()

    return act


PARTS: dict[str, Callable[[], Act]] = {
    "a list": lambda: streams(
        {"content": [{"type": "text", "text": SAID}]},
        {"content": [{"type": "text", "text": " [1]"}]},
    ),
    "with a thought": lambda: streams(
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}]},
        {"content": [{"type": "text", "text": TRUE}]},
    ),
    "null and unknown fields": lambda: streams(
        {"role": "assistant", "content": None, "reasoning_content": THOUGHT},
        {"content": TRUE, "weights": [1, 2], "reasoning": None},
    ),
}


@pytest.mark.parametrize("how", PARTS)
def test_content_in_parts(newsdesk_online: Newsdesk, service: Service, how: str) -> None:
    service.script = [PARTS[how]()]
    asked = newsdesk_online("ask", TRUCE)
    assert SAID in asked.stdout
    assert asked.stderr == ""


def odd_chunks(exchange: Exchange) -> None:
    """Chunks as some gateways send them."""
    exchange.begin_stream()
    exchange.raw(b": keep-alive\n\n")
    exchange.chunk(choices=None, usage=None)
    exchange.chunk(choices=[{"index": 0}])
    exchange.chunk(choices=[{"index": 0, "delta": None}])
    exchange.event({"content": TRUE, "tool_calls": None, "refusal": None}, x_groq={"id": "1"})
    exchange.event({}, "stop")
    zeros = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    exchange.chunk(choices=[], usage=zeros)
    exchange.chunk(choices=[], usage=zeros | {"prompt_tokens": None})
    exchange.end_stream()


def test_chunks_with_parts_missing_and_usage_of_zeros(
    newsdesk_online: Newsdesk, service: Service
) -> None:
    service.script = [odd_chunks]
    asked = newsdesk_online("ask", "--json", TRUCE)
    assert asked.stderr == ""
    found = json.loads(asked.stdout)
    assert found["answer"] == TRUE
    assert "notice" not in found
    assert found["usage"]["prompt_tokens"] > 500, "counted here"


def test_a_whole_reply_in_parts(newsdesk_online: Newsdesk, service: Service) -> None:
    def act(exchange: Exchange) -> None:
        message = {"role": "assistant", "content": [{"type": "text", "text": TRUE}]}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        reply = {"id": "x", "object": "chat.completion", "created": 1, "model": "m"}
        exchange.send_json(200, reply | {"choices": [choice]})

    service.script = [act]
    asked = newsdesk_online("ask", TRUCE)
    assert SAID in asked.stdout
    assert asked.stderr == ""
