"""The whole chain in this process, over the sample archive, with a scripted model at its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from tenacity import AsyncRetrying

from bot.settings import load_settings
from bot.wiring import Desk
from retrieval.answers import Answer, Draft, Question, Turn
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.models import retries
from tests.conftest import Newsdesk
from tests.openai_server.server import Service, serving

KEY = "sk-do-not-tell-4711"

IN_DOUBT = "Washington had mediated it, the third of its kind in under three weeks."
"""A sentence about the third truce that the check neither passes nor removes by itself."""

NOT_STATED = '{"rulings": [{"number": 1, "problem": "it", "verdict": "not stated"}]}'
"""What a judge replies to whom one sentence was shown."""


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as running:
        yield running


@pytest.fixture(scope="session")
def shared(sample: Newsdesk, embedded: OnnxEncoder) -> Desk:
    """What takes time to load, once for all tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NEWSDESK_ENGINE", "extractive")
        desk = Desk(load_settings(sample.home))
    vars(desk).update(embedded=embedded)
    assert desk.searcher
    return desk


Make = Callable[..., Desk]


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the chat service waits between its tries; nobody sits them out."""
    waited: list[float] = []

    async def note(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(retries, "AsyncRetrying", partial(AsyncRetrying, sleep=note))
    return waited


@pytest.fixture
def make_desk(
    shared: Desk,
    service: Service,
    waits: list[float],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Make:
    """Builds a desk whose model is the scripted one; settings are given by their names.

    The model judges nothing unless NEWSDESK_VERIFY is given: a script would run out.

    With `own` the scripted service is OpenAI itself.
    """

    def make(url: str = service.url, *, own: bool = False, **settings: str) -> Desk:
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.setenv("OPENAI_BASE_URL", "" if own else url)
        for name, value in ({"NEWSDESK_VERIFY": "off"} | settings).items():
            monkeypatch.setenv(name, value)
        desk = Desk(load_settings(tmp_path / "home"), openai_url=url)
        vars(desk).update(embedded=shared.embedded, searcher=shared.searcher)
        return desk

    return make


@pytest.fixture
def desk(make_desk: Make) -> Desk:
    return make_desk()


@pytest.fixture
def newsdesk_online(own_sample: Newsdesk, service: Service) -> Newsdesk:
    """The real command with a copy of the sample archive and the scripted model."""
    return own_sample.told(OPENAI_API_KEY=KEY, OPENAI_BASE_URL=service.url)


def ask(desk: Desk, text: str, *history: tuple[str, str]) -> tuple[list[Draft], Answer]:
    """The drafts and the answer to a question after some turns."""
    question = Question(text, tuple(Turn(asked, told) for asked, told in history))

    async def follow() -> tuple[list[Draft], Answer]:
        drafts: list[Draft] = []
        async for part in desk.assistant.stream(question):
            if isinstance(part, Answer):
                return drafts, part
            drafts.append(part)
        raise AssertionError("a stream ends with its answer")

    return asyncio.run(follow())
