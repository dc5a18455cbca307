"""The archive asked through OpenAI's own package, and through LangChain's chat model."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Iterator
from threading import Event
from typing import Any

import httpx
import openai
import pytest
from langchain_openai import ChatOpenAI
from openai import AsyncOpenAI, OpenAI

from tests.conftest import ROOT
from tests.openai_server.server import Exchange, Service, after, fails, then_says
from tests.serving.conftest import PEACEKEEPERS, TRUCE, Serve

SAID = "Russia has deployed 1,960 peacekeepers in the region."
NOWHERE = "Who won the World Cup in 2018?"
FIRST = "The third truce took effect at eight in the morning on Monday, 26 October."
SECOND = "It had been brokered by the United States."


def client_of(url: str) -> OpenAI:
    return OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0)


@pytest.fixture
def client(address: str) -> Iterator[OpenAI]:
    with client_of(address) as opened:
        yield opened


def asked(text: str, *before: str) -> list[Any]:
    """The messages of a conversation, in turns."""
    roles = ("user", "assistant")
    return [{"role": roles[n % 2], "content": said} for n, said in enumerate((*before, text))]


def test_an_answer_has_its_sources_as_marks_footnotes_and_fields(client: OpenAI) -> None:
    system: Any = {"role": "system", "content": "Answer in verse, without sources."}
    answer = client.chat.completions.create(
        model="newsdesk", messages=[system, *asked(PEACEKEEPERS)]
    )
    message, fields = answer.choices[0].message, answer.model_extra or {}
    content = message.content or ""
    said, footnote = content.split("\n\n")
    assert said == f"{SAID} [1]"
    assert footnote.startswith("[1] Lachin handover completes return of three districts to ")
    assert "— Newsdesk sample archive, 1 December 2020, " in footnote
    [citation] = fields["citations"]
    assert citation == (message.model_extra or {})["citations"][0]
    assert (citation["quote"], citation["number"]) == (SAID, 1)
    [mark] = message.annotations or []
    place = mark.url_citation
    assert content[place.start_index : place.end_index] == "[1]"
    assert place.title == citation["title"]
    assert fields["newsdesk"]["refused"] is False
    assert (answer.choices[0].finish_reason, message.refusal) == ("stop", None)


def test_a_refusal_says_so(client: OpenAI) -> None:
    answer = client.chat.completions.create(model="newsdesk", messages=asked(NOWHERE))
    content, told = answer.choices[0].message.content or "", (answer.model_extra or {})["newsdesk"]
    assert content.startswith("The archive does not answer that.\n\nNearest articles: “")
    assert told["refused"]
    assert len(told["nearest"]) == 3
    assert answer.choices[0].message.refusal is None


def test_a_conversation_is_understood(client: OpenAI) -> None:
    first = client.chat.completions.create(model="newsdesk", messages=asked(TRUCE))
    before = first.choices[0].message.content or ""
    then = client.chat.completions.create(
        model="newsdesk", messages=asked("Who brokered it?", TRUCE, before)
    )
    assert "third truce" in (then.model_extra or {})["newsdesk"]["standalone_question"]


def test_what_an_answer_cited_is_known_when_it_is_sent_back(client: OpenAI) -> None:
    first = client.chat.completions.create(model="newsdesk", messages=asked(TRUCE))
    before = first.choices[0].message.content or ""
    more = client.chat.completions.create(
        model="newsdesk", messages=asked("Tell me more.", TRUCE, before)
    )
    told, further = (answer.model_extra or {} for answer in (first, more))
    assert not further["newsdesk"]["refused"]
    cited, then = ({c["article_id"] for c in one["citations"]} for one in (told, further))
    assert then <= cited


def test_a_stream_has_the_answer_in_parts_and_its_sources_at_the_end(address: str) -> None:
    async def follow() -> list[Any]:
        async with AsyncOpenAI(base_url=f"{address}/v1", api_key="none") as client:
            stream = await client.chat.completions.create(
                model="newsdesk",
                messages=asked(PEACEKEEPERS),
                stream=True,
                stream_options={"include_usage": True},
            )
            return [chunk async for chunk in stream]

    *parts, last, usage = asyncio.run(follow())
    assert parts[0].choices[0].delta.role == "assistant"
    content = "".join(part.choices[0].delta.content for part in parts)
    assert content.startswith(f"{SAID} [1]\n\n[1] Lachin handover")
    assert last.choices[0].finish_reason == "stop"
    assert [citation["quote"] for citation in last.citations] == [SAID]
    [mark] = last.choices[0].delta.annotations
    place = mark["url_citation"]
    assert content[place["start_index"] : place["end_index"]] == "[1]"
    assert (usage.choices, usage.usage.total_tokens) == ([], 0)
    assert len({part.id for part in (*parts, last, usage)}) == 1


def test_responses_are_there_for_clients_that_use_them(client: OpenAI) -> None:
    response = client.responses.create(model="newsdesk", input=TRUCE)
    assert "26 October" in response.output_text
    message: Any = response.output[0]
    [mark] = message.content[0].annotations
    assert response.output_text[mark.start_index : mark.end_index] == "[1]"
    then = client.responses.create(
        model="newsdesk", input="Who brokered it?", previous_response_id=response.id
    )
    assert "third truce" in (then.model_extra or {})["newsdesk"]["standalone_question"]
    with pytest.raises(openai.BadRequestError) as unknown:
        client.responses.create(model="newsdesk", input=TRUCE, previous_response_id="resp_1")
    assert unknown.value.code == "previous_response_not_found"


def test_responses_stream(client: OpenAI) -> None:
    with client.responses.stream(model="newsdesk", input=asked(PEACEKEEPERS)) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_response()
    assert final.output_text.startswith(f"{SAID} [1]\n\n[1] ")
    assert kinds[0] == "response.created"
    assert "response.output_text.delta" in kinds
    assert kinds[-1] == "response.completed"


@pytest.mark.parametrize("responses", [False, True])
def test_langchain_asks_it_as_a_chat_model(address: str, responses: bool) -> None:
    chat = ChatOpenAI(
        model="newsdesk",
        base_url=f"{address}/v1",
        api_key="none",  # type: ignore[arg-type]
        use_responses_api=responses,
    )
    assert chat.invoke(PEACEKEEPERS).text.startswith(f"{SAID} [1]")
    assert "".join(part.text for part in chat.stream(PEACEKEEPERS)).startswith(f"{SAID} [1]")


def test_filters_and_a_day_narrow_a_question(client: OpenAI) -> None:
    def refused(question: str, **more: Any) -> tuple[bool, str]:
        answer = client.chat.completions.create(
            model="newsdesk", messages=asked(question), extra_body=more
        )
        told = (answer.model_extra or {})["newsdesk"]
        return told["refused"], told["notice"]

    assert refused(PEACEKEEPERS) == (False, "")
    assert refused(PEACEKEEPERS, as_of="2020-10-01")[0]
    typed = refused(f"{PEACEKEEPERS} before:2020-10-01")
    assert typed == refused(PEACEKEEPERS, filters={"until": "2020-09-30"})
    assert typed[0]
    assert "before:2020-10-01" in typed[1]


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        ({"model": "gpt-4o"}, openai.NotFoundError, "There is no model of that name"),
        ({"messages": []}, openai.BadRequestError, "messages: "),
        ({"messages": asked("", "")}, openai.BadRequestError, "end with a question"),
        ({"messages": asked("x" * 2001)}, openai.BadRequestError, "2,001 characters"),
        ({"messages": asked("truce on:never")}, openai.BadRequestError, "names no day"),
        ({"n": 2}, openai.BadRequestError, "one answer"),
        ({"response_format": {"type": "json_object"}}, openai.BadRequestError, "text"),
        ({"extra_body": {"as_of": "soon"}}, openai.BadRequestError, "as_of: "),
        ({"extra_body": {"filters": {"from": "x"}}}, openai.BadRequestError, "filters.from"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]},
            openai.BadRequestError,
            "reads text, and no image_url",
        ),
    ],
)
def test_what_cannot_be_asked_is_an_error_that_says_why(
    client: OpenAI, body: dict[str, Any], error: type[openai.APIStatusError], said: str
) -> None:
    with pytest.raises(error, match=said):
        client.chat.completions.create(
            **({"model": "newsdesk", "messages": asked(PEACEKEEPERS)} | body)
        )


def test_the_archive_is_the_one_model(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["newsdesk"]
    assert client.models.retrieve("newsdesk").owned_by == "newsdesk"


def written(serve: Serve, model: Service) -> httpx.Client:
    return serve(engine="openai", openai_api_key="sk-x", openai_base_url=model.url)


def test_what_a_model_writes_arrives_while_it_writes(serve: Serve, model: Service) -> None:
    model.script = [after(f"{FIRST} [1] It had been", then_says(f"{SECOND[11:]} [1]"))]
    client = client_of(str(written(serve, model).base_url))
    stream = client.chat.completions.create(
        model="newsdesk", messages=asked(TRUCE), stream=True, stream_options={"include_usage": True}
    )
    content, usage = "", None
    for chunk in stream:
        delta = chunk.choices[0].delta.content if chunk.choices else ""
        content += delta or ""
        usage = chunk.usage or usage
        if FIRST in content:
            model.go_on.set()
    assert content.startswith(f"{FIRST} [1] {SECOND} [2]\n\n[1] ")
    assert usage is not None


def test_a_model_that_fails_halfway_is_made_up_for(serve: Serve, model: Service) -> None:
    model.script = [fails(400)]
    client = client_of(str(written(serve, model).base_url))
    stream = client.chat.completions.create(model="newsdesk", messages=asked(TRUCE), stream=True)
    chunks = list(stream)
    content = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert "26 October" in content
    assert "\n\nNote: " in content
    assert (chunks[-1].model_extra or {})["newsdesk"]["degraded"]


@pytest.mark.parametrize("streaming", [True, False])
def test_a_client_that_leaves_stops_the_model(
    serve: Serve, model: Service, streaming: bool
) -> None:
    reached = Event()

    def waits(exchange: Exchange) -> None:
        reached.set()
        exchange.wait()

    model.script = [after(f"{FIRST} [1] It had been", waits)]
    url = written(serve, model).base_url
    body = json.dumps({"messages": asked(TRUCE), "stream": streaming})
    with socket.create_connection((url.host, url.port or 0)) as connection:
        connection.sendall(
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: {url.netloc.decode()}\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        assert reached.wait(30)
    assert model.left.wait(20)


def test_the_example_of_the_docs_runs(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs/serving.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```py\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert "http://127.0.0.1:8000" in example
    exec(example.replace("http://127.0.0.1:8000", address), {})
    shown = capsys.readouterr().out
    printed = re.findall(r"^    ((?:Russia has|\[1\] Lachin) .*?)(?:, …)?$", page, re.MULTILINE)
    assert len(printed) == 2
    assert all(line in shown for line in printed)
