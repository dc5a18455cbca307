"""OpenAI's embeddings over real HTTP: requests, faults, and the change to and from them."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from pydantic import SecretStr

from retrieval.embeddings import openai as module
from retrieval.embeddings.openai import OpenAIEncoder
from retrieval.errors import ServiceError
from tests.conftest import Newsdesk
from tests.embeddings.conftest import Service, vector


def encoder(service: Service) -> OpenAIEncoder:
    return OpenAIEncoder("small", api_key=SecretStr("sk-secret"), base_url=service.url)


def test_texts_come_back_as_vectors_in_order(service: Service) -> None:
    texts = ["the truce held", "the truce failed", ""]
    assert encoder(service).embed_documents(texts) == [vector(text) for text in texts]
    assert encoder(service).embed_query("who?") == vector("who?")
    assert service.requests[0]["model"] == "small"
    assert service.requests[0]["path"] == "/v1/embeddings"


def test_requests_are_bounded_by_tokens_and_by_texts(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TOKENS_A_REQUEST", 10)
    texts = ["one two three four five six"] * 2 + ["seven"] * 4
    small = OpenAIEncoder("small", base_url=service.url, batch=3)
    assert len(small.embed_documents(texts)) == len(texts)
    assert [len(request["input"]) for request in service.requests] == [1, 3, 2]


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_server_that_takes_fewer_texts_is_sent_fewer_from_then_on(
    service: Service, status: int
) -> None:
    service.most, service.too_many = 2, status
    texts = ["one", "two", "three", "four", "five"]
    remote = encoder(service)
    assert remote.embed_documents(texts) == [vector(text) for text in texts]
    assert remote.embed_documents(texts[:3]) == [vector(text) for text in texts[:3]]
    assert [len(request["input"]) for request in service.requests] == [5, 2, 2, 1, 2, 1]


def test_a_text_that_is_too_long_by_itself_is_an_error(service: Service) -> None:
    service.most = 0
    with pytest.raises(ServiceError, match="more than its model can read"):
        encoder(service).embed_query("who?")
    assert len(service.requests) == 1


def test_a_server_without_base64_is_asked_for_numbers(service: Service) -> None:
    service.floats_only = True
    remote = encoder(service)
    assert remote.embed_query("who?") == vector("who?")
    assert remote.embed_query("what?") == vector("what?")
    formats = [request.get("encoding_format") for request in service.requests]
    assert formats == ["base64", "float", "float"]


SPOILED: dict[str, Callable[[list[list[float]]], list[list[float]]]] = {
    "not a number": lambda vectors: [*vectors[:-1], [math.nan, *vectors[-1][1:]]],
    "31 numbers": lambda vectors: [*vectors[:-1], vectors[-1][1:]],
    "1 vectors for 2": lambda vectors: vectors[:-1],
    "not OpenAI's protocol": lambda vectors: [],
}


@pytest.mark.parametrize("says", SPOILED)
def test_what_is_no_vector_is_the_services_fault_and_the_old_index_stays(
    newsdesk: Newsdesk, service: Service, says: str
) -> None:
    for name in ("one", "two"):
        text = f"Truce {name}\n\nThe truce number {name} was signed on 4 May 2021 in the valley.\n"
        (newsdesk.folder / f"{name}.txt").write_text(text)
    assert newsdesk("ingest", newsdesk.folder).returncode == 0
    service.spoil = SPOILED[says]
    remote = newsdesk.told(NEWSDESK_EMBEDDINGS="openai", OPENAI_BASE_URL=service.url)
    failed = remote("ingest", newsdesk.folder)
    assert failed.returncode == 1
    assert says in failed.stderr
    assert "vector store" not in failed.stderr
    assert "4 May 2021" in newsdesk("ask", "When was the truce number two signed?").stdout


def test_a_model_of_another_length_is_named(newsdesk: Newsdesk, service: Service) -> None:
    article = newsdesk.folder / "a.txt"
    article.write_text("Truce\n\nThe truce was signed on 4 May 2021 in the valley by ministers.\n")
    remote = newsdesk.told(
        NEWSDESK_ENGINE="extractive", NEWSDESK_EMBEDDINGS="openai", OPENAI_BASE_URL=service.url
    )
    assert remote("ingest", article).returncode == 0
    service.spoil = lambda vectors: [numbers[:8] for numbers in vectors]
    asked = remote("ask", "When was the truce signed?")
    assert asked.returncode == 1
    assert "vectors of another length" in asked.stderr


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenAI's client waits no half second before it tries again."""
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.001)


@pytest.mark.usefixtures("hurried")
def test_a_passing_fault_is_tried_again(service: Service) -> None:
    soon = {"retry-after-ms": "1"}
    service.faults += [(500, soon), (429, soon), (0, {})]
    assert encoder(service).embed_query("who?") == vector("who?")
    assert len(service.requests) == 4


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "OPENAI_API_KEY"), (403, "OPENAI_API_KEY"), (404, "does not know that model")],
)
def test_a_refusal_is_one_line_without_the_key(service: Service, status: int, says: str) -> None:
    service.faults += [(status, {})] * 5
    with pytest.raises(ServiceError, match=says) as caught:
        encoder(service).embed_query("who?")
    assert "secret" not in str(caught.value)
    assert len(service.requests) == 1


@pytest.mark.usefixtures("hurried")
def test_a_service_that_is_not_there_is_said_to_be_out_of_reach() -> None:
    gone = OpenAIEncoder("small", base_url="http://127.0.0.1:9/v1", timeout=2)
    with pytest.raises(ServiceError, match="cannot be reached"):
        gone.embed_query("who?")


def test_changing_the_encoder_calls_for_a_new_index(newsdesk: Newsdesk, service: Service) -> None:
    article = newsdesk.folder / "a.txt"
    article.write_text(
        "Truce holds\n\nThe truce in the valley was signed on 4 May 2021 by both ministers.\n"
    )
    remote = newsdesk.told(
        NEWSDESK_ENGINE="extractive",
        NEWSDESK_EMBEDDINGS="openai",
        OPENAI_API_KEY="sk-secret",
        OPENAI_BASE_URL=service.url,
    )
    question = "When was the truce in the valley signed?"
    assert newsdesk("ingest", article).returncode == 0
    before = remote("ask", question)
    assert before.returncode == 1
    assert "newsdesk ingest" in before.stderr
    assert before.stderr.count("\n") == 1
    again = remote("ingest", article)
    assert again.returncode == 0
    assert "index" in again.stderr
    after = remote("ask", question)
    assert "4 May 2021" in after.stdout
    assert "sk-secret" not in before.stderr + again.stderr + after.stderr
