"""A model service that keeps failing: it is left alone, tried now and then, and used again."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

import pytest

from bot.wiring import Desk
from retrieval.answers import Answer, Question
from retrieval.embeddings.openai import OpenAIEncoder
from retrieval.errors import ServiceError, ServiceTimeout
from retrieval.models.breaker import Breaker
from tests.openai_server.conftest import ask
from tests.openai_server.server import Service, fails, says

TRUCE = "When did the third truce take effect?"
WRITTEN = says("The third truce took effect at eight in the morning on Monday, 26 October. [1]")
DOWN = fails(500, retry_after="0")
TRIES = 5


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def patient(desk: Desk, clock: Clock) -> Desk:
    """A desk that waits by the clock of the test; each question has an event loop of its own."""
    patient = Desk(desk.settings, keep_connections=False)
    vars(patient).update(embedded=desk.embedded, searcher=desk.searcher, breaker=Breaker(clock))
    return patient


def crowd(desk: Desk, people: int) -> list[Answer]:
    async def together() -> list[Answer]:
        return await asyncio.gather(*(desk.assistant.ask(Question(TRUCE)) for _ in range(people)))

    return asyncio.run(together())


def test_a_dead_service_is_tried_seldom_and_used_again(
    patient: Desk, service: Service, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "newsdesk.models")
    service.script = [DOWN]
    asked: list[float] = []
    for pause in (0, 0, 0, 29, 1, 59, 1, 119, 1):
        clock.now += pause
        _, answer = ask(patient, TRUCE)
        assert answer.engine == "extractive"
        assert "HTTP 500" in answer.notice
        asked.append(len(service.requests) / TRIES)
    assert asked == [1, 2, 3, 3, 4, 4, 5, 5, 6]
    _, answer = ask(patient, TRUCE)
    assert "It is asked again in 240 s." in answer.notice
    assert len(caplog.messages) == 1, "it is said once"
    service.script = [WRITTEN]
    clock.now += 240
    answers = [ask(patient, question)[1] for question in (TRUCE, "Who brokered the third truce?")]
    assert all(answer.engine.startswith("openai:") for answer in answers)
    assert len(caplog.messages) == 2


def test_the_pause_grows_no_longer_than_ten_minutes(
    patient: Desk, service: Service, clock: Clock
) -> None:
    service.script = [DOWN]
    for number in range(1, 13):
        ask(patient, TRUCE)
        assert len(service.requests) == number * TRIES
        clock.now += 600


def test_many_that_fail_together_are_one_reason_to_pause(
    patient: Desk, service: Service, clock: Clock
) -> None:
    service.script = [DOWN]
    crowd(patient, 10)
    clock.now += 30
    service.requests.clear()
    crowd(patient, 5)
    assert len(service.requests) == TRIES, "one of them tries it for all"


@pytest.mark.parametrize("status", [400, 401])
def test_a_service_that_refuses_is_not_dead(patient: Desk, service: Service, status: int) -> None:
    service.script = [fails(status)]
    for number in range(1, 6):
        ask(patient, TRUCE)
        assert len(service.requests) == number


@pytest.mark.parametrize(("asked", "kept"), [("100", 100), ("3600", 600)])
def test_it_is_left_alone_as_long_as_it_asks_to_be(
    patient: Desk, service: Service, clock: Clock, asked: str, kept: int
) -> None:
    service.script = [fails(429, retry_after=asked)]
    ask(patient, TRUCE)
    _, answer = ask(patient, TRUCE)
    assert f"no room for this request now: try again later. It is asked again in {kept} s." in (
        answer.notice
    )
    assert len(service.requests) == 1
    clock.now += kept
    ask(patient, TRUCE)
    assert len(service.requests) == 2


def test_a_timeout_counts_and_a_cancelled_call_says_nothing(clock: Clock) -> None:
    breaker = Breaker(clock)

    def end(error: type[BaseException]) -> None:
        with pytest.raises(error), breaker.guard():
            raise error("x")

    for error in (ServiceTimeout, asyncio.CancelledError, ServiceTimeout, ServiceTimeout):
        end(error)
    with pytest.raises(ServiceError, match="asked again in 30 s"), breaker.guard():
        raise AssertionError("nobody is let through")


def test_vectors_of_questions_are_asked_for_as_seldom(
    service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # openai's pauses before it tries again
    service.script = [DOWN]
    encoder = OpenAIEncoder("small", base_url=service.url, breaker=Breaker(clock))
    for _ in range(5):
        with pytest.raises(ServiceError, match="HTTP 500"):
            encoder.embed_query("Who?")
    assert len(service.requests) == 3 * 4
    clock.now += 30
    with pytest.raises(ServiceError, match="HTTP 500"):
        encoder.embed_query("Who?")
    assert len(service.requests) == 4 * 4
