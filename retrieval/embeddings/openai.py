"""OpenAI's embeddings, or those of any server that speaks its protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import openai
from langchain_core.embeddings import Embeddings
from langchain_openai import OpenAIEmbeddings
from pydantic import SecretStr

from retrieval.errors import ServiceError
from retrieval.models.breaker import Breaker
from retrieval.models.faults import as_service_error
from retrieval.models.model_names import OPENAI_URL
from retrieval.text.tokens import count_tokens

_TOKENS_A_REQUEST = 100_000
TEXTS_A_REQUEST = 512
"""Limits of a request, well below OpenAI's (300,000 tokens, 2,048 texts)."""

_TOO_MANY = ("batch", "too many", "too large", "maximum", "tokens per request")
_NO_BASE64 = ("base64", "encoding_format")


class OpenAIEncoder(Embeddings):
    """Embeds texts through langchain-openai, in requests of bounded size.

    A server that refuses that many texts at once, or vectors in base64, is asked for fewer, or for
    plain numbers, from then on.

    Args:
        model: the service's name of the model.
        api_key: needed by OpenAI itself; other servers often take none.
        base_url: another server's address; OpenAI's when None.
        timeout: seconds a request may take.
        batch: the most texts of a request.
        http: more options of the HTTP client.
        breaker: leaves a service alone that keeps failing; one of its own when None.

    Raises:
        ServiceError: from every method, when the service refuses, fails, is too slow, or sends
            something that is not a vector for each text.
    """

    def __init__(
        self,
        model: str,
        *,
        api_key: SecretStr | None = None,
        base_url: str | None = None,
        timeout: float = 60.0,
        batch: int = TEXTS_A_REQUEST,
        http: Mapping[str, Any] | None = None,
        breaker: Breaker | None = None,
    ) -> None:
        self._breaker = breaker or Breaker()
        self._texts_a_request = batch
        self._options: dict[str, str] = {}
        self._dimensions = 0
        server = hashlib.sha256(base_url.encode()).hexdigest()[:8] if base_url else ""
        self._name = "-".join(filter(None, ("openai", model, server)))
        self._http = openai.DefaultHttpxClient(**(http or {}))
        self._client = OpenAIEmbeddings(
            model=model,
            api_key=api_key or SecretStr("none"),
            base_url=base_url or OPENAI_URL,
            timeout=timeout,
            max_retries=3,
            http_client=self._http,
            # Texts are sent as they are: counting tokens for OpenAI's own models would
            # fetch a vocabulary, and other servers take no token numbers.
            check_embedding_ctx_length=False,
        )

    @property
    def name(self) -> str:
        """Return the model's name and a digest of its server, as an index's name has it."""
        return self._name

    def close(self) -> None:
        """Close the connections to the service; the encoder cannot be used afterwards."""
        self._http.close()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed some texts and return one vector for each."""
        vectors: list[list[float]] = []
        while left := texts[len(vectors) :]:
            batch = _first(left, self._texts_a_request)
            try:
                found = self._client.embed_documents(batch, chunk_size=len(batch), **self._options)
            except Exception as error:  # a server's reply may be anything
                if not self._adapts(error, len(batch)):
                    raise as_service_error(error) from error
            else:
                vectors += self._sound(found, len(batch))
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question; a service that keeps failing is asked seldom."""
        with self._breaker.guard():
            return self.embed_documents([text])[0]

    def _adapts(self, error: Exception, texts: int) -> bool:
        """Change what is asked for, if a request of some texts was refused for what it asked."""
        if not isinstance(error, openai.APIStatusError) or error.status_code not in (400, 413, 422):
            return False
        said = str(error).lower()
        if not self._options and any(word in said for word in _NO_BASE64):
            self._options = {"encoding_format": "float"}
            return True
        if texts == 1 or (error.status_code == 400 and not any(w in said for w in _TOO_MANY)):
            return False
        self._texts_a_request = texts // 2
        return True

    def _sound(self, vectors: list[list[float]], texts: int) -> list[list[float]]:
        """Return the vectors of a reply, or raise an error that says what is wrong with them."""
        if len(vectors) != texts:
            raise _unusable(f"sent {len(vectors)} vectors for {texts} texts")
        self._dimensions = self._dimensions or len(vectors[0])
        if odd := [vector for vector in vectors if len(vector) != self._dimensions]:
            raise _unusable(
                f"sent a vector of {len(odd[0])} numbers among those of {self._dimensions}"
            )
        if not np.isfinite(np.asarray(vectors, dtype=np.float64)).all():
            raise _unusable("sent a vector with something in it that is not a number (NaN)")
        return vectors


def _unusable(what: str) -> ServiceError:
    return ServiceError(
        f"The embeddings service {what}. What was stored before is untouched; check the service "
        "and NEWSDESK_EMBEDDING_MODEL."
    )


def _first(texts: Sequence[str], most: int) -> list[str]:
    """Return the first texts that one request may hold."""
    tokens = count_tokens(texts[0])
    for number, text in enumerate(texts[1:most], start=1):
        tokens += count_tokens(text)
        if tokens > _TOKENS_A_REQUEST:
            return list(texts[:number])
    return list(texts[:most])
