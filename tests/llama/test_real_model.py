"""The whole chain over a real llama.cpp server, through the real command.

The model is small and often wrong. What comes out is cited, verbatim and supported, or it is a
refusal: that is all that is asked of it here.
"""

from __future__ import annotations

import asyncio
import json
import re
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage

from bot.settings import load_settings
from bot.wiring import Desk
from tests.conftest import Newsdesk
from tests.llama.server import running

pytestmark = pytest.mark.process

ARTICLES = {
    "ferry.txt": "Last ferry leaves Stromness\n\nPublished: 2021-03-04\n\nThe last night ferry to "
    "Orkney carried 212 passengers on Thursday. Its captain, Ingrid Moar, said that the "
    "route had lost money for six years.\n",
    "bridge.txt": "Bridge over the Tarn reopens\n\nPublished: 2021-05-10\n\nThe bridge over the "
    "Tarn at Montauban reopened on Monday after repairs that cost 4.2 million euros.\n",
}
FERRY = "How many passengers did the last night ferry to Orkney carry?"
BRIDGE = "How much did the repairs of the bridge over the Tarn cost?"
SECONDS = 240


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The address of a running server."""
    with running() as address:
        yield address


@pytest.fixture(scope="module")
def desk(url: str, tmp_path_factory: pytest.TempPathFactory) -> Newsdesk:
    """The command, with a small archive and the real model."""
    folder = tmp_path_factory.mktemp("llama")
    for name, text in ARTICLES.items():
        (folder / name).write_text(text)
    plain = Newsdesk(tmp_path_factory.mktemp("llama-home"), folder)
    done = plain("ingest", folder)
    assert done.returncode == 0, done.stderr
    return plain.told(
        OPENAI_BASE_URL=f"{url}/v1", NEWSDESK_MODEL="smollm2", NEWSDESK_TIMEOUT=str(SECONDS)
    )


def busy(url: str) -> int:
    """How many requests the server is working on."""
    with urllib.request.urlopen(f"{url}/slots", timeout=30) as reply:
        return sum(slot["is_processing"] for slot in json.load(reply))


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def assert_sound(desk: Newsdesk, found: dict[str, Any]) -> None:
    """Cited, verbatim and supported, or refused; written by the model that was asked.

    It is quoted where nothing that the model wrote was supported.
    """
    left_out = bool(found.get("removed")) and not found["refused"]
    quoted = left_out and "nothing that the model wrote" in found["notice"]
    assert found["engine"] == ("extractive" if quoted else "openai:smollm2"), found
    assert ("notice" in found) == left_out, "nothing else went wrong"
    assert found["usage"]["completion_tokens"] > 0
    assert found["usage"]["cost_usd"] is None
    if found["refused"]:
        assert found["citations"] == []
        return
    numbers = [citation["number"] for citation in found["citations"]]
    marks = re.findall(r"\[(\d+)\]", found["answer"])
    assert sorted(set(map(int, marks))) == numbers == list(range(1, len(numbers) + 1))
    bodies = ""
    for citation in found["citations"]:
        shown = json.loads(desk("sources", "show", citation["article_id"], "--json").stdout)
        assert shown["body"][citation["start"] : citation["end"]] == citation["quote"]
        bodies += shown["body"]
    # The question may bring figures of its own; these questions have none.
    said = re.sub(r"\[\d+\]", "", found["answer"])
    assert set(re.findall(r"\d[\d.,]*\d|\d", said)) <= set(re.findall(r"\d[\d.,]*\d|\d", bodies))
    assert "http" not in said


def test_an_answer(desk: Newsdesk) -> None:
    done = desk("ask", "--json", FERRY)
    assert (done.returncode, done.stderr) == (0, "")
    assert_sound(desk, json.loads(done.stdout))


def test_a_follow_up_is_condensed_by_the_model(desk: Newsdesk, tmp_path: Path) -> None:
    history = [{"question": FERRY, "answer": "It carried 212 passengers."}]
    batch = tmp_path / "batch.jsonl"
    batch.write_text(
        json.dumps({"id": 1, "question": "And who was its captain?", "history": history})
    )
    before = sum(entry["calls"] for entry in json.loads(desk("usage", "--json").stdout))
    done = desk("ask", "--json", "--batch", batch)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    after = sum(entry["calls"] for entry in json.loads(desk("usage", "--json").stdout))
    assert found["standalone_question"] != "And who was its captain?"
    assert after - before in (1, 2)
    if after - before == 2:
        assert_sound(desk, found)
    else:
        assert found["refused"], "what the model made of the question was not in the archive"


def test_an_interrupted_question_stops_the_model(desk: Newsdesk, url: str) -> None:
    with desk.start("ask", f"Please tell me: {FERRY}") as process:
        wait_until(lambda: busy(url) > 0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "newsdesk: Interrupted.\n")
    wait_until(lambda: busy(url) == 0)


def test_two_questions_at_once(desk: Newsdesk, url: str) -> None:
    questions = (f"Do you know: {FERRY}", BRIDGE)
    with (
        desk.start("ask", "--json", questions[0]) as one,
        desk.start("ask", "--json", questions[1]) as two,
    ):
        outputs = [process.communicate(timeout=2 * SECONDS) for process in (one, two)]
    for question, (out, err) in zip(questions, outputs, strict=True):
        assert err == ""
        found = json.loads(out)
        assert found["question"] == question
        assert_sound(desk, found)


def test_it_streams(desk: Newsdesk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in desk.settings.items():
        monkeypatch.setenv(name, value)
    chat = Desk(load_settings(desk.home)).chat

    async def pieces() -> list[str]:
        asked = [HumanMessage("Count to five.")]
        return [chunk.text async for chunk in chat.model.astream(asked, max_tokens=12)]

    assert len(asyncio.run(pieces())) > 3
