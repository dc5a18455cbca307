"""The search as a retriever in a chain of LangChain's."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda

from retrieval.langchain import NewsdeskRetriever
from tests.retrieval.archive_kit import Archive, made, nonce

DATED = replace(
    made(2), published=date(2020, 10, 26), url="https://news.example/2", source="The Daily"
)


@pytest.fixture
def retriever(archive: Archive) -> NewsdeskRetriever:
    archive.ingest(made(1), DATED, made(3))
    return NewsdeskRetriever(searcher=archive.searcher(), k=2)


def test_it_stands_in_a_chain(retriever: NewsdeskRetriever) -> None:
    def first(documents: list[Document]) -> str:
        return f"{documents[0].metadata['title']}: {documents[0].page_content}"

    chain = retriever | RunnableLambda(first)
    answer = chain.invoke(f"How many visitors did {nonce(2)} count?")
    assert answer == f"{DATED.title}: {DATED.body}"
    assert asyncio.run(chain.ainvoke(f"visitors of {nonce(3)}")).startswith(made(3).title)


def test_documents_say_where_they_are_from(retriever: NewsdeskRetriever, archive: Archive) -> None:
    assert isinstance(retriever, BaseRetriever)
    question = f"How many visitors did {nonce(2)} count?"
    documents = retriever.invoke(question)
    matches = archive.search(question, limit=2)
    assert [d.id for d in documents] == [m.passage.id for m in matches]
    assert documents[0].metadata == {
        "article_id": DATED.id,
        "passage_id": matches[0].passage.id,
        "uri": DATED.uri,
        "title": DATED.title,
        "source": "The Daily",
        "published": "2020-10-26",
        "url": "https://news.example/2",
        "start": 0,
        "end": len(DATED.body),
        "score": pytest.approx(matches[0].score, abs=0.05),
    }
    assert documents[1].metadata["published"] is None
    assert documents[0].metadata["score"] > documents[1].metadata["score"]


def test_it_gives_ten_unless_told_otherwise(archive: Archive) -> None:
    archive.ingest(*map(made, range(12)))
    assert len(NewsdeskRetriever(searcher=archive.searcher()).invoke("visitors")) == 10
