"""The search as a LangChain retriever, and the encoder as LangChain embeddings."""

from __future__ import annotations

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.archive.passages import Match
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher


class NewsdeskRetriever(BaseRetriever):
    """Returns the passages that answer a question, best first.

    A document's `page_content` is the passage, verbatim. Its metadata is `article_id`,
    `passage_id`, `uri`, `title`, `source`, `published` (ISO 8601, or None where unknown), `url`,
    `start` and `end` (the passage's place in the article's body) and `score` (the higher the
    better; comparable within one search).

        retriever = NewsdeskRetriever(searcher=searcher, k=5)
        chain = retriever | RunnableLambda(lambda documents: documents[0].page_content)
        chain.invoke("When did the truce begin?")
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    searcher: Searcher
    k: int = 10
    filters: Filters = EVERYTHING

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002 - LangChain passes it by name
    ) -> list[Document]:
        found = self.searcher.search(Query(query), self.k, only=self.filters)
        return [as_document(match) for match in found.matches]


class _Embeddings(Embeddings):
    def __init__(self, encoder: OnnxEncoder) -> None:
        self._encoder = encoder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return self._encoder.embed_documents(texts)

    def embed_query(self, text: str) -> list[float]:
        return self._encoder.embed_query(text)


def as_embeddings(encoder: OnnxEncoder) -> Embeddings:
    """Return an encoder as LangChain's `Embeddings`, for any of its vector stores."""
    return _Embeddings(encoder)


def as_document(match: Match) -> Document:
    """Return a match as LangChain has it; see `NewsdeskRetriever` for the metadata."""
    passage, article = match.passage, match.article
    return Document(
        id=passage.id,
        page_content=passage.text,
        metadata={
            "article_id": article.id,
            "passage_id": passage.id,
            "uri": article.uri,
            "title": article.title,
            "source": article.source,
            "published": article.published.isoformat() if article.published else None,
            "url": article.url,
            "start": passage.start,
            "end": passage.end,
            "score": match.score,
        },
    )
