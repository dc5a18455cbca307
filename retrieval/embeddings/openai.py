"""OpenAI's embeddings, or those of any server that speaks its protocol."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import openai
from langchain_core.embeddings import Embeddings
from langchain_openai import OpenAIEmbeddings
from pydantic import SecretStr

from retrieval.errors import ServiceError
from retrieval.models.faults import explain
from retrieval.text.tokens import count_tokens

_OPENAI = "https://api.openai.com/v1"
"""Set explicitly, or LangChain reads another address from the environment."""

_TOKENS_A_REQUEST = 100_000
_TEXTS_A_REQUEST = 512
"""Limits of a request, well below OpenAI's (300,000 tokens, 2,048 texts)."""


class OpenAIEncoder(Embeddings):
    """Embeds texts through langchain-openai, in requests of bounded size.

    Args:
        model: the service's name of the model.
        api_key: needed by OpenAI itself; other servers often take none.
        base_url: another server's address; OpenAI's when None.
        timeout: seconds a request may take.

    Raises:
        ServiceError: from every method, when the service refuses, fails or is too slow.
    """

    def __init__(
        self,
        model: str,
        *,
        api_key: SecretStr | None = None,
        base_url: str | None = None,
        timeout: float = 60.0,
    ) -> None:
        server = hashlib.sha256(base_url.encode()).hexdigest()[:8] if base_url else ""
        self._name = "-".join(filter(None, ("openai", model, server)))
        self._http = openai.DefaultHttpxClient()
        self._client = OpenAIEmbeddings(
            model=model,
            api_key=api_key or SecretStr("none"),
            base_url=base_url or _OPENAI,
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
        for batch in _batches(texts):
            try:
                vectors += self._client.embed_documents(batch, chunk_size=_TEXTS_A_REQUEST)
            except openai.OpenAIError as error:
                raise ServiceError(explain(error)) from error
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question."""
        return self.embed_documents([text])[0]


def _batches(texts: list[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    tokens = 0
    for text in texts:
        size = count_tokens(text)
        if batch and (tokens + size > _TOKENS_A_REQUEST or len(batch) == _TEXTS_A_REQUEST):
            yield batch
            batch, tokens = [], 0
        batch.append(text)
        tokens += size
    if batch:
        yield batch
