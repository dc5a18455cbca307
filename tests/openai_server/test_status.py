"""`newsdesk status` tries the service of the model: what is wrong with it is one line."""

from __future__ import annotations

import json

import pytest

from tests.conftest import Newsdesk
from tests.openai_server.conftest import KEY
from tests.openai_server.server import Act, Exchange, Service, fails


def problems(newsdesk: Newsdesk) -> list[str]:
    done = newsdesk("status", "--json")
    found = json.loads(done.stdout)["problems"]
    assert (done.returncode, done.stderr) == (int(bool(found)), "")
    assert KEY not in done.stdout
    assert not any("\n" in problem for problem in found)
    return found  # type: ignore[no-any-return]


def test_one_that_is_well_is_asked_once_for_its_list_alone(
    newsdesk_online: Newsdesk, service: Service
) -> None:
    assert problems(newsdesk_online) == []
    assert (service.keys, service.requests) == ([KEY], [])
    assert problems(newsdesk_online.told(NEWSDESK_ENGINE="extractive")) == []
    assert len(service.keys) == 1


def sign_in(exchange: Exchange) -> None:
    exchange.send(200, b"<html>Sign in to the hotel's network</html>", content_type="text/html")


@pytest.mark.parametrize(
    ("listing", "says"),
    [
        (fails(401, "invalid_api_key"), "refused the key: check OPENAI_API_KEY"),
        (fails(500), "failed (HTTP 500)"),
        (sign_in, "not OpenAI's protocol: check OPENAI_BASE_URL"),
        (lambda exchange: exchange.hang_up(), "broke off"),
    ],
)
def test_what_is_wrong_is_said(
    newsdesk_online: Newsdesk, service: Service, listing: Act, says: str
) -> None:
    service.listing = listing
    [problem] = problems(newsdesk_online)
    assert says in problem


def test_one_that_is_not_there(newsdesk_online: Newsdesk) -> None:
    [problem] = problems(newsdesk_online.told(OPENAI_BASE_URL="http://127.0.0.1:9/v1"))
    assert "cannot be reached: check the network, OPENAI_BASE_URL" in problem
    [problem] = problems(newsdesk_online.told(ALL_PROXY="foo://x", NO_PROXY=""))
    assert "ALL_PROXY names no proxy" in problem


def test_one_that_does_not_answer(newsdesk_online: Newsdesk, service: Service) -> None:
    service.listing = lambda exchange: exchange.wait()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("retrieval.models.listing.SECONDS", 0.2)
        [problem] = problems(newsdesk_online)
    assert "did not answer in time" in problem


@pytest.mark.parametrize("status", [403, 404, 405])
def test_one_that_does_not_tell_its_models_is_no_problem(
    newsdesk_online: Newsdesk, service: Service, status: int
) -> None:
    service.listing = fails(status)
    assert problems(newsdesk_online.told(NEWSDESK_MODEL="mine")) == []


def test_a_model_that_it_does_not_have(newsdesk_online: Newsdesk, service: Service) -> None:
    service.models = [{"id": f"qwen3:{size}b"} for size in range(1, 30)]
    [problem] = problems(newsdesk_online.told(NEWSDESK_MODEL="qwen3:99b"))
    assert "does not have qwen3:99b, which NEWSDESK_MODEL names: it has qwen3:9b, " in problem
    assert problem.endswith("and 24 more.")
    assert problems(newsdesk_online.told(NEWSDESK_MODEL="qwen3:8b")) == []
    service.models = [{"id": "llama3:latest"}]
    assert problems(newsdesk_online.told(NEWSDESK_MODEL="llama3")) == []
    service.models = [{"id": "/models/some.gguf", "owned_by": "llamacpp"}]
    assert problems(newsdesk_online.told(NEWSDESK_MODEL="whatever")) == []


def test_remote_embeddings_are_tried_too(empty: Newsdesk, service: Service) -> None:
    remote = empty.told(
        OPENAI_BASE_URL=service.url, NEWSDESK_ENGINE="extractive", NEWSDESK_EMBEDDINGS="openai"
    )
    [problem] = problems(remote)
    assert "does not have text-embedding-3-small, which NEWSDESK_EMBEDDING_MODEL names" in problem


def test_another_provider_is_not_asked(newsdesk_online: Newsdesk, service: Service) -> None:
    newsdesk_online.told(NEWSDESK_MODEL="anthropic:claude-x")("status")
    assert service.keys == []
