"""OpenAI itself is asked by its Responses API, any other server by Chat Completions."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

import pytest

from bot.wiring import Desk
from retrieval.answers import Question
from retrieval.models.model_names import is_openai
from tests.openai_server.conftest import IN_DOUBT, KEY, NOT_STATED, Make, ask
from tests.openai_server.responses import (
    begin,
    breaks,
    refuses_to_answer,
    responds,
    response,
    words,
)
from tests.openai_server.server import Act, Exchange, Service, fails, says
from tests.openai_server.test_faults import assert_quoted, hang_up

TRUCE = "When did the third truce take effect?"
SAID = "The third truce took effect at eight in the morning on Monday, 26 October."
TRUE = f"{SAID} [1]"

MakeOwn = Make


@pytest.fixture
def make_own(make_desk: Make) -> MakeOwn:
    """Builds a desk for which the scripted service is OpenAI itself."""
    return partial(make_desk, own=True)


@pytest.fixture
def own(make_own: MakeOwn) -> Desk:
    return make_own()


def test_an_answer_comes_and_openai_keeps_nothing_of_it(own: Desk, service: Service) -> None:
    service.script = [responds(TRUE)]
    drafts, answer = ask(own, TRUCE)
    assert (answer.text, answer.notice, answer.removed) == (TRUE, "", ())
    assert drafts
    [request] = service.requests
    assert request["path"] == "/v1/responses"
    assert request["store"] is False
    assert request["stream"] is True
    assert request["reasoning"] == {"effort": "low"}
    assert request["max_output_tokens"] > 4000, "with room for its reasoning"
    assert request.keys().isdisjoint({"temperature", "seed", "messages", "stream_options"})
    assert [item["role"] for item in request["input"]] == ["system", "user"]
    assert service.keys == [KEY]


def test_what_it_took_is_booked(own: Desk, service: Service) -> None:
    service.script = [responds(TRUE)]
    _, answer = ask(own, TRUCE)
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (1000, 100)
    [entry] = own.stores.ledger.entries()
    assert (entry.calls, entry.prompt_tokens, entry.completion_tokens) == (1, 1000, 100)
    assert entry.cost_usd == pytest.approx((1000 * 0.75 + 100 * 4.5) / 1e6)


@pytest.mark.parametrize("openai", [True, False])
def test_the_effort_is_a_setting(make_desk: Make, service: Service, openai: bool) -> None:
    def sent(model: str, **settings: str) -> tuple[str | None, bool, bool]:
        """The effort, whether the temperature was sent, and whether there was room to reason."""
        service.script = [responds(TRUE) if openai else says(TRUE)]
        ask(make_desk(own=openai, NEWSDESK_MODEL=model, **settings), TRUCE)
        request = service.requests[-1]
        limit = request["max_output_tokens" if openai else "max_completion_tokens"]
        effort = (request.get("reasoning") or {}).get("effort")
        return effort or request.get("reasoning_effort"), "temperature" in request, limit > 4000

    assert sent("gpt-6-luna") == ("low", False, True)
    assert sent("gpt-4.1") == (None, True, False)
    assert sent("gpt-6-luna", NEWSDESK_REASONING_EFFORT="high") == ("high", False, True)
    assert sent("gpt-6-luna", NEWSDESK_REASONING_EFFORT="none") == ("none", True, False)
    assert len(service.requests) == 4, "another effort is another request"


def test_an_effort_that_the_model_does_not_know_is_left_out_from_then_on(
    own: Desk, service: Service
) -> None:
    def act(exchange: Exchange) -> None:
        if "reasoning" in exchange.body:
            fails(400, message="Unsupported value: 'reasoning.effort' does not support 'low'.")(
                exchange
            )
        else:
            responds(TRUE)(exchange)

    service.script = [act]
    assert ask(own, TRUCE)[1].text == TRUE
    ask(own, "Who brokered the second truce?")
    first, *others = ("reasoning" in request for request in service.requests)
    assert first
    assert len(others) >= 2
    assert not any(others), "it is remembered"
    assert all(request["store"] is False for request in service.requests)


def test_a_response_cut_at_its_limit_loses_the_sentence_that_is_not_finished(
    make_own: MakeOwn, service: Service
) -> None:
    service.script = [responds(f"{TRUE} It had been brokered by the United", "max_output_tokens")]
    for calls in (1, 2):
        _, answer = ask(make_own(), TRUCE)
        assert (answer.text, answer.removed) == (TRUE, ())
        assert len(service.requests) == calls, "what was cut is not kept for the next time"


def test_a_ruling_is_a_response_too(make_own: MakeOwn, service: Service) -> None:
    service.script = [responds(f"{IN_DOUBT} [1]"), responds(NOT_STATED)]
    _, answer = ask(make_own(NEWSDESK_VERIFY="model"), TRUCE)
    assert [one.reason for one in answer.removed] == ["not stated"]
    ruling = service.requests[1]
    assert (ruling["path"], ruling["store"]) == ("/v1/responses", False)
    assert ruling["text"]["format"]["type"] == "json_schema"
    assert ruling["max_output_tokens"] == 160 + 4000, "as much as was booked for it"
    assert answer.usage.prompt_tokens == 2000


FAULTS: dict[str, tuple[Act, str, int]] = {
    "401": (fails(401, "invalid_api_key"), "refused the key", 1),
    "429": (fails(429, "rate_limit_exceeded", retry_after="0"), "no room", 5),
    "failed": (
        breaks("response.failed", code="server_error", message=KEY),
        "failed while it was answering",
        5,
    ),
    "an error": (
        breaks("error", code="ERR_SOMETHING", message=KEY, param=None),
        "failed while it was answering",
        5,
    ),
    "an error in an envelope": (
        breaks("error", error={"code": "server_error", "message": KEY}),
        "failed while it was answering",
        5,
    ),
    "filtered request": (
        breaks("response.failed", code="invalid_prompt", message=KEY),
        "content filter",
        1,
    ),
    "context": (
        breaks("response.failed", code="context_length_exceeded", message="too much"),
        "more than its model can read",
        2,
    ),
    "no quota": (
        breaks("error", code="insufficient_quota", message="pay"),
        "no quota left",
        1,
    ),
    "filtered": (responds("It is", "content_filter"), "content filter", 1),
    "refused": (refuses_to_answer, "declined to answer", 1),
    "empty": (responds(""), "empty answer", 1),
    "no room": (responds("", "max_output_tokens"), "NEWSDESK_REASONING_TOKENS", 1),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_ends_in_a_quoted_answer_and_one_line(
    own: Desk, service: Service, name: str
) -> None:
    act, why, calls = FAULTS[name]
    service.script = [act]
    drafts, answer = ask(own, TRUCE)
    assert_quoted(answer, why)
    assert drafts == []
    assert len(service.requests) == calls


def test_a_failure_before_the_first_word_is_tried_again(own: Desk, service: Service) -> None:
    service.script = [breaks("response.failed", code="server_error", message=""), responds(TRUE)]
    _, answer = ask(own, TRUCE)
    assert (answer.text, answer.notice) == (TRUE, "")
    assert own.stores.ledger.entries()[0].calls == 1


def test_a_failure_of_a_second_ruling_leaves_the_gates(make_own: MakeOwn, service: Service) -> None:
    def failed(exchange: Exchange) -> None:
        error = {"code": "server_error", "message": KEY}
        exchange.send_json(200, response(exchange, "failed", error=error))

    service.script = [responds(TRUE), failed]
    _, answer = ask(make_own(NEWSDESK_VERIFY="model"), TRUCE)
    assert answer.text == TRUE
    assert len(service.requests) > 2, "a failure is tried again"


def stops(exchange: Exchange) -> None:
    """The end of what a proxy got, without the response's last event."""
    begin(exchange)
    words(exchange, f"{TRUE} It had been brokered")
    exchange.handler.wfile.write(b"0\r\n\r\n")


def loses_the_line(exchange: Exchange) -> None:
    begin(exchange)
    words(exchange, f"{TRUE} It had been brokered")
    hang_up(exchange)


@pytest.mark.parametrize(
    "act",
    [
        stops,
        loses_the_line,
        breaks("error", f"{TRUE} It had been brokered", code="server_error", message=""),
    ],
)
def test_trouble_in_mid_stream_keeps_what_was_checked(
    own: Desk, service: Service, act: Act
) -> None:
    service.script = [act]
    _, answer = ask(own, TRUCE)
    assert answer.text == TRUE
    assert answer.notice.startswith("This answer ends early: ")
    assert len(service.requests) == 1


def test_a_service_that_keeps_failing_is_left_alone(own: Desk, service: Service) -> None:
    service.script = [breaks("response.failed", code="server_error", message="")]
    for _ in range(3):
        ask(own, TRUCE)
    asked = len(service.requests)
    assert "asked again in" in ask(own, TRUCE)[1].notice
    assert len(service.requests) == asked


def test_a_cancelled_answer_ends_its_request(own: Desk, service: Service) -> None:
    def waits(exchange: Exchange) -> None:
        begin(exchange)
        words(exchange, f"{TRUE} It had been brokered")
        exchange.wait()

    service.script = [waits]
    drafted = asyncio.Event()

    async def follow() -> None:
        async for _ in own.assistant.stream(Question(TRUCE)):
            drafted.set()

    async def give_up() -> None:
        asking = asyncio.create_task(follow())
        await drafted.wait()
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking

    asyncio.run(give_up())
    assert service.left.wait(10)
    [entry] = own.stores.ledger.entries()
    assert entry.prompt_tokens > 500
    assert 20 <= entry.completion_tokens < 40


def test_a_whole_response_where_no_stream_is_to_be_had(own: Desk, service: Service) -> None:
    service.script = [fails(400, message="stream is not supported"), responds(TRUE)]
    _, answer = ask(own, TRUCE)
    assert (answer.text, answer.notice) == (TRUE, "")
    assert service.requests[-1]["store"] is False


def test_any_other_address_is_asked_by_chat_completions(desk: Desk, service: Service) -> None:
    service.script = [says(TRUE)]
    assert ask(desk, TRUCE)[1].text == TRUE
    assert {request["path"] for request in service.requests} == {"/v1/chat/completions"}


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://api.openai.com/v1", True),
        ("https://API.OpenAI.com:443/v1", True),
        ("https://eu.api.openai.com/v1", True),
        ("https://api.openai.com.example.org/v1", False),
        ("https://notapi.openai.com/v1", False),
        ("https://example.org/api.openai.com/v1", False),
        ("https://user@example.org/v1", False),
        ("http://localhost:11434/v1", False),
    ],
)
def test_openais_own_address_is_known_by_its_host(make_desk: Make, url: str, own: bool) -> None:
    assert is_openai(url) is own
    assert getattr(make_desk(url).chat.model, "use_responses_api", None) is own
