"""Every way in which a model service fails, over real HTTP: the answer is quoted, and says why."""

from __future__ import annotations

import logging
import shutil
import subprocess
import traceback
from email.utils import formatdate
from pathlib import Path

import pytest

from bot.wiring import Desk
from retrieval.answers import Answer
from tests.openai_server.conftest import KEY, Make, ask
from tests.openai_server.server import (
    Act,
    Exchange,
    Service,
    after,
    fails,
    says,
    says_whole,
    serving,
)

TRUCE = "When did the third truce take effect?"
TRUE = "The third truce took effect at eight in the morning on Monday, 26 October. [1]"
SAID = TRUE.removesuffix(" [1]")


def hang_up(exchange: Exchange) -> None:
    exchange.hang_up()


def wait(exchange: Exchange) -> None:
    exchange.wait()


def garbage(exchange: Exchange) -> None:
    exchange.raw(b'data: {"choices": [{"delta": \n\n')
    exchange.end_stream()


def not_even_http(exchange: Exchange) -> None:
    exchange.send(200, b"<html>Sign in to the hotel's network</html>", content_type="text/html")


def says_nothing(exchange: Exchange) -> None:
    says("")(exchange)


def error_in_the_stream(exchange: Exchange) -> None:
    exchange.raw(b'data: {"error": {"message": "overloaded", "type": "server_error"}}\n\n')
    exchange.end_stream()


FAULTS: dict[str, tuple[Act, str, int]] = {
    "401": (fails(401, "invalid_api_key"), "refused the key", 1),
    "403": (fails(403), "refused the key", 1),
    "404 model": (fails(404, "model_not_found"), "does not know that model", 1),
    "400": (fails(400, message="no such thing"), "did not accept", 1),
    "400 whatever is left out": (fails(400, message="temperature? seed?"), "did not accept", 2),
    "429": (fails(429, "rate_limit_exceeded", retry_after="0"), "no room", 5),
    "429 for an hour": (fails(429, retry_after="3600"), "no room", 1),
    "429 until a date": (fails(429, retry_after=formatdate(1e10, usegmt=True)), "no room", 1),
    "503 until a date gone by": (fails(503, retry_after=formatdate(0, usegmt=True)), "503", 5),
    "quota": (fails(429, "insufficient_quota"), "no quota left", 1),
    "500": (fails(500, retry_after="0"), "HTTP 500", 5),
    "malformed": (after("", garbage), "not OpenAI's protocol", 1),
    "a captive portal": (not_even_http, "not OpenAI's protocol", 2),
    "an error in the stream": (after("", error_in_the_stream), "failed while it was answering", 1),
    "empty": (says_nothing, "empty answer", 1),
    "filtered": (says("It is", finish="content_filter"), "content filter", 1),
    "filtered request": (fails(400, "content_filter"), "content filter", 1),
    "context": (fails(400, "context_length_exceeded"), "more than its model can read", 2),
    "cut before a sentence": (after("The third truce", hang_up), "broke off", 1),
}


def assert_quoted(answer: Answer, says_why: str) -> None:
    """The extractive answer, with one line that says why."""
    assert answer.engine == "extractive"
    assert not answer.refused
    assert answer.citations
    assert answer.notice.startswith("This answer is quoted and not written: ")
    assert says_why in answer.notice
    assert "\n" not in answer.notice
    assert KEY not in repr(answer)


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_ends_in_a_quoted_answer_and_one_line(
    desk: Desk, service: Service, name: str
) -> None:
    act, why, calls = FAULTS[name]
    service.script = [act]
    drafts, answer = ask(desk, TRUCE)
    assert_quoted(answer, why)
    assert drafts == []
    assert len(service.requests) == calls


def test_a_passing_fault_is_tried_again(desk: Desk, service: Service, waits: list[float]) -> None:
    service.script = [fails(500), fails(503), hang_up, says(TRUE)]
    _, answer = ask(desk, TRUCE)
    assert len(waits) == 3
    assert all(0 <= seconds <= most for seconds, most in zip(waits, (0.5, 1, 2), strict=True))
    assert (answer.text, answer.notice) == (f"{SAID} [1]", "")
    assert len(service.requests) == 4


def test_it_waits_as_long_as_it_is_asked_to(
    desk: Desk, service: Service, waits: list[float]
) -> None:
    service.script = [fails(429, retry_after="7"), says(TRUE)]
    _, answer = ask(desk, TRUCE)
    assert answer.text.startswith(SAID)
    assert waits == [7]


def test_a_slow_first_word(make_desk: Make, service: Service) -> None:
    service.script = [wait]
    _, answer = ask(make_desk(NEWSDESK_TIMEOUT="1"), TRUCE)
    assert_quoted(answer, "did not answer in time")
    assert service.left.wait(10), "the request is given up, not left open"


@pytest.mark.parametrize(("act", "why"), [(wait, "did not answer in time"), (hang_up, "broke off")])
def test_trouble_in_mid_stream_keeps_what_was_checked(
    make_desk: Make, service: Service, act: Act, why: str
) -> None:
    service.script = [after(f"{TRUE} It had been brokered", act)]
    drafts, answer = ask(make_desk(NEWSDESK_TIMEOUT="3"), TRUCE)
    assert answer.text == drafts[-1].text == f"{SAID} [1]"
    assert answer.engine.startswith("openai:")
    assert answer.notice.startswith("This answer ends early: ")
    assert why in answer.notice


def test_an_answer_without_room_loses_the_sentence_that_is_not_finished(
    desk: Desk, service: Service
) -> None:
    service.script = [says(f"{TRUE} It had been brokered by the United", finish="length")]
    _, answer = ask(desk, TRUCE)
    assert (answer.text, answer.removed) == (f"{SAID} [1]", ())


def test_a_context_that_is_too_long_is_shrunk_once(desk: Desk, service: Service) -> None:
    service.script = [fails(400, "context_length_exceeded"), says(TRUE)]
    _, answer = ask(desk, TRUCE)
    assert (answer.text, answer.notice) == (f"{SAID} [1]", "")
    first, second = (service.asked(number).count("<passage ") for number in (0, 1))
    assert 0 < second < first


def test_a_server_that_cannot_stream(desk: Desk, service: Service) -> None:
    service.script = [says_whole(TRUE)]
    _, answer = ask(desk, TRUCE)
    assert (answer.text, answer.notice) == (f"{SAID} [1]", "")
    assert [request.get("stream", False) for request in service.requests] == [True, False]
    assert answer.usage.prompt_tokens == 1000


def test_a_server_that_refuses_to_stream(desk: Desk, service: Service) -> None:
    service.script = [fails(400, message="stream is not supported"), says_whole(TRUE)]
    _, answer = ask(desk, TRUCE)
    assert (answer.text, answer.notice) == (f"{SAID} [1]", "")


def test_without_usage_figures_tokens_are_counted_here(desk: Desk, service: Service) -> None:
    service.script = [says(TRUE, usage=False)]
    _, answer = ask(desk, TRUCE)
    assert 500 < answer.usage.prompt_tokens < 4096
    assert 15 < answer.usage.completion_tokens < 40
    assert answer.usage.cost_usd


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate that nobody vouches for, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    files = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-subj", "/CN=127.0.0.1", "-out", str(files[0]), "-keyout", str(files[1])]
    subprocess.run(command, check=True, capture_output=True)
    return files


@pytest.mark.process
def test_a_certificate_that_nobody_vouches_for(
    make_desk: Make, certificate: tuple[Path, Path]
) -> None:
    with serving(certificate) as secure:
        secure.script = [says(TRUE)]
        _, answer = ask(make_desk(secure.url), TRUCE)
        assert_quoted(answer, "is not trusted: its TLS certificate")
        assert secure.requests == []


def test_tls_where_there_is_none(make_desk: Make, service: Service) -> None:
    _, answer = ask(make_desk(service.url.replace("http:", "https:")), TRUCE)
    assert_quoted(answer, "is not trusted: its TLS certificate")


def test_a_server_that_is_not_there(make_desk: Make) -> None:
    _, answer = ask(make_desk("http://127.0.0.1:9/v1", NEWSDESK_TIMEOUT="2"), TRUCE)
    assert_quoted(answer, "cannot be reached")


def test_the_key_is_in_no_message_log_or_exception(
    desk: Desk, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for status in (401, 400, 500):
        service.script = [fails(status, retry_after="0")]
        with pytest.raises(Exception, match="model service") as caught:
            _complete(desk)
        assert service.keys[-1] == KEY, "the server repeats it in its message"
        error: BaseException | None = caught.value
        while error is not None:
            assert KEY not in f"{error!r} {error} {vars(error)}"
            error = error.__cause__ or error.__context__
        assert KEY not in "".join(traceback.format_exception(caught.value))
    service.script = [says(TRUE)]
    ask(desk, TRUCE)
    assert caplog.records
    assert KEY not in caplog.text
    assert KEY not in "".join(repr(vars(record)) for record in caplog.records)


def _complete(desk: Desk) -> None:
    """One call of the model by itself."""
    import asyncio

    from langchain_core.messages import HumanMessage

    async def call() -> None:
        async for _ in desk.chat.stream([HumanMessage("Hello")], desk.chat.request_budget(), 10):
            pass

    asyncio.run(call())
