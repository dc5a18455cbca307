"""Questions beside passages, as the reader learns them: built once, kept as JSON lines.

    .venv/bin/python -m training.examples BUILD

Every question is searched for in an archive of its own source, as Newsdesk searches; passages
that rank high and do not answer are what the reader must learn to pass over.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from corpus.article import Article
from retrieval.archive.chunking import Chunking, chunk
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.onnx_model import Floats
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher, SearchOptions
from retrieval.text.sentences import split_sentences
from retrieval.text.tokens import count_tokens
from tests.measuring import development
from training.sources import (
    KEPT_BRIEFS,
    STORIES,
    Asked,
    Source,
    Span,
    State,
    asked_later,
    asked_of_kinds,
    squad,
    written,
)
from training.swaps import Near, Swaps

FOUND = 10
NEGATIVES = 4
"""Passages from the search that are kept for a question."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question beside a passage. Spans count in code points of `passage`.

    Examples of one `group` ask the same. `context` is the number of code points of the question
    that come from the conversation. `made` says what it is: "state" for the question's own article
    with or without the answer, "found" for what the search found, "beside" for another question
    that the article does not answer, and "swapped" for the same with one thing exchanged.
    """

    group: str
    question: str
    context: int
    title: str
    passage: str
    answer: Span | None
    evidence: tuple[Span, ...]
    made: str


class Builder:
    """Makes the examples of one source."""

    def __init__(
        self, source: Source, searcher: Searcher, encoder: OnnxEncoder, near: Near
    ) -> None:
        self._source = source
        self._searcher = searcher
        self._encoder = encoder
        self._random = random.Random(source.name)
        self._swaps = Swaps((a.question for a in source.asked), self._random, near)

    def examples(self) -> Iterator[Example]:
        """Yield the examples, those of one question after each other."""
        for number, asked in enumerate(self._source.asked):
            group = f"{self._source.name}:{number}"
            before = ""
            if asked.before and self._random.random() < 0.3:
                before = self._random.choice(asked.before) + " "
            elif not asked.before and self._random.random() < 0.1 and asked.states:
                before = f"What do we know about {asked.states[0].article.title}? "
            text = before + asked.question
            for state in asked.states:
                title = state.article.title
                for passage, answer, evidence in self._cut(state):
                    if bool(answer) != bool(state.answer):
                        continue
                    yield Example(
                        group, text, len(before), title, passage, answer, evidence, "state"
                    )
                    if not answer:
                        continue
                    for other in asked.beside:
                        yield Example(group, other, 0, title, passage, None, (), "beside")
                    if asked.several:  # with one thing exchanged, half of it may be answered
                        continue
                    for other in self._swaps.of(asked.question, passage, passage[slice(*answer)]):
                        whole = before + other
                        yield Example(
                            group, whole, len(before), title, passage, None, (), "swapped"
                        )
            for title, passage in self._found(asked, Query(text, len(before))):
                yield Example(group, text, len(before), title, passage, None, (), "found")

    def _cut(self, state: State) -> Iterator[tuple[str, Span | None, tuple[Span, ...]]]:
        """Yield the passages of an article, with the parts of spans that are whole within each."""
        passages = chunk(state.article, Chunking(), count_tokens, self._encoder.count_pieces)
        for passage in passages:

            def moved(
                span: Span, start: int = passage.start, end: int = passage.end
            ) -> Span | None:
                inside = start <= span[0] and span[1] <= end
                return (span[0] - start, span[1] - start) if inside else None

            answer = moved(state.answer) if state.answer else None
            evidence = tuple(s for span in state.evidence if (s := moved(span))) if answer else ()
            if state.answer is None and len(passages) > 1 and passage is not passages[0]:
                continue
            yield passage.text, answer, evidence

    def _found(self, asked: Asked, query: Query) -> list[tuple[str, str]]:
        own = {state.article.uri for state in asked.states}
        found = self._searcher.search(query, FOUND, read=False)
        kept = [
            (match.article.title, match.passage.text)
            for match in found.matches
            if match.article.uri not in own
            or (len(match.article.body) > 3000 and not _may_answer(match.passage.text, asked))
        ]
        return kept[:NEGATIVES]


def _may_answer(passage: str, asked: Asked) -> bool:
    """Whether a passage of the question's own article may answer it, or is what is asked of."""
    own = asked.states[0].article.body if asked.states else ""
    overlaps = any(passage[s.start : s.end] in own for s in split_sentences(passage))
    return overlaps or any(gold in passage for gold in asked.golds)


def sources(data: Path) -> Iterator[Source]:
    """Yield every source: first what is learned from, then what is kept out."""
    yield from asked_later(data)
    for kept in (False, True):
        yield asked_of_kinds(kept=kept)
        yield squad(data, kept=kept)
        for path in sorted((data / "reading").glob("?.jsonl")):
            if (path.stem in KEPT_BRIEFS) == kept:
                answers = path.with_name(f"{path.stem}-answers.jsonl")
                yield written(path, answers, kept=kept)
        for path in sorted(STORIES.glob("*.jsonl")):
            yield written(path, kept=kept)


def main() -> None:
    """Build, as the command line says."""
    parser = argparse.ArgumentParser(description="Build the examples that the reader learns.")
    parser.add_argument("folder", type=Path, help="where train.jsonl and kept.jsonl are written")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    encoder = OnnxEncoder()
    options = SearchOptions(rerank=False)

    @cache
    def vector(text: str) -> Floats:
        return encoder.encode([text])[0]

    def near(one: str, other: str) -> float:
        return float(vector(one) @ vector(other))

    every = list(sources(development.DATA))
    for kept in (False, True):
        chosen = [source for source in every if source.kept == kept]
        path = arguments.folder / ("kept.jsonl" if kept else "train.jsonl")
        with tempfile.TemporaryDirectory() as home, path.open("w", encoding="utf-8") as out:
            articles: dict[str, Article] = {a.uri: a for s in chosen for a in s.articles}
            searcher = development.build(list(articles.values()), Path(home), encoder, options)
            for source in chosen:
                made = 0
                for example in Builder(source, searcher, encoder, near).examples():
                    out.write(json.dumps(asdict(example), ensure_ascii=False) + "\n")
                    made += 1
                print(f"{source.name}: {len(source.asked)} questions, {made} examples", flush=True)


if __name__ == "__main__":
    main()
