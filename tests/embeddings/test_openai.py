"""OpenAI's embeddings over real HTTP: requests, faults, and the change to and from them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from retrieval.embeddings import openai as module
from retrieval.embeddings.openai import OpenAIEncoder
from retrieval.errors import ServiceError
from tests.embeddings.conftest import Service, vector

ROOT = Path(__file__).resolve().parent.parent.parent


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
    monkeypatch.setattr(module, "_TEXTS_A_REQUEST", 3)
    texts = ["one two three four five six"] * 2 + ["seven"] * 4
    assert len(encoder(service).embed_documents(texts)) == len(texts)
    assert [len(request["input"]) for request in service.requests] == [1, 3, 2]


def test_a_passing_fault_is_tried_again(service: Service) -> None:
    service.faults += [(500, {}), (429, {"retry-after": "0"}), (0, {})]
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


def test_a_service_that_is_not_there_is_said_to_be_out_of_reach() -> None:
    gone = OpenAIEncoder("small", base_url="http://127.0.0.1:9/v1", timeout=2)
    with pytest.raises(ServiceError, match="cannot be reached"):
        gone.embed_query("who?")


def test_changing_the_encoder_calls_for_a_new_index(service: Service, tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "a.txt").write_text(
        "Truce holds\n\nThe truce in the valley was signed on 4 May 2021 by both ministers.\n"
    )
    local = {**os.environ, "NEWSDESK_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    local.pop("OPENAI_API_KEY", None)
    remote = local | {
        "NEWSDESK_EMBEDDINGS": "openai",
        "OPENAI_API_KEY": "sk-secret",
        "OPENAI_BASE_URL": service.url,
    }

    def newsdesk(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", *words],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )

    question = "When was the truce in the valley signed?"
    assert newsdesk(local, "ingest", str(articles)).returncode == 0
    before = newsdesk(remote, "ask", question)
    assert before.returncode == 1
    assert "newsdesk ingest" in before.stderr
    assert before.stderr.count("\n") == 1
    again = newsdesk(remote, "ingest", str(articles))
    assert again.returncode == 0
    assert "index" in again.stderr
    after = newsdesk(remote, "ask", question)
    assert "4 May 2021" in after.stdout
    assert "sk-secret" not in before.stderr + again.stderr + after.stderr
