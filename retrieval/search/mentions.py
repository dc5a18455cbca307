"""Tells which articles mention some words, and how often."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from corpus.article import Article
from retrieval.archive.catalog import Catalog
from retrieval.archive.copies import Copies
from retrieval.archive.filters import Filters, plain
from retrieval.archive.mentioned import mentioning
from retrieval.archive.passages import Passage
from retrieval.errors import BadQuestion
from retrieval.search.marking import marks
from retrieval.text.sentences import Kind, Sentence, split_sentences

MOST_WORDS = 30
"""The most words and phrases, those that are not to be mentioned included."""


@dataclass(frozen=True, slots=True)
class Mention:
    """An article that mentions some words.

    `times` is how often it does, its title included; of several words, the one it has least often
    counts. `sentence` is the first that has most of them, and `passage` the one that it is of, or
    none where only an earlier copy's is indexed.
    """

    article: Article
    times: int
    sentence: Sentence
    passage: Passage | None


@dataclass(frozen=True, slots=True)
class Mentions:
    """The articles that mention some words, the newest first, and how many there are in all.

    Copies of one text are one, the first published of those that pass the filters.
    """

    found: tuple[Mention, ...]
    total: int


def mentions(catalog: Catalog, words: Sequence[str], filters: Filters, limit: int) -> Mentions:
    """Return the newest articles that mention all of some words, in any form, at most `limit`.

    The phrases of the filters are such words too. Without any of both, all that pass the filters
    are returned. Only the articles returned are read.

    Raises:
        BadQuestion: they are more than `MOST_WORDS`.
        ArchiveError: the archive cannot be used; says what to do.
    """
    words = list(dict.fromkeys(words))
    if len(words) + len(filters.phrases) + len(filters.without) > MOST_WORDS:
        raise BadQuestion(f"At most {MOST_WORDS} words and phrases can be looked for at once.")
    dated = mentioning(catalog, words, filters)
    copies = Copies(catalog)
    clusters = copies.clusters(dated)
    texts = _one_of_each_text(dated, clusters)
    stored = catalog.articles(texts[:limit])
    articles = [
        _first(stored[i], copies.cluster(i) if i in clusters else (), dated)
        for i in texts[:limit]
        if i in stored
    ]
    passages = _passages(catalog, [article.id for article in articles])
    found = [
        _mention(article, words, filters.phrases, passages[article.id]) for article in articles
    ]
    return Mentions(tuple(found), len(texts))


def _one_of_each_text(dated: dict[str, date | None], clusters: Mapping[str, str]) -> list[str]:
    """Return the articles without copies of them that came later, in their order."""
    first: dict[str, str] = {}
    for i in reversed(dated):  # those without a date come before all others
        known = first.setdefault(clusters.get(i, i), i)
        if not dated[known] and dated[i]:
            first[clusters[i]] = i
    kept = set(first.values())
    return [i for i in dated if i in kept]


def _first(article: Article, copies: Iterable[Article], passed: Container[str]) -> Article:
    """Return an article, or of its copies that passed the one that comes before all others."""
    return next((copy for copy in copies if copy.id in passed), article)


def _passages(catalog: Catalog, ids: Sequence[str]) -> dict[str, list[Passage]]:
    found: dict[str, list[Passage]] = {i: [] for i in ids}
    for passage in catalog.passages(catalog.passage_ids_of(ids)).values():
        found[passage.article_id].append(passage)
    return found


def _mention(
    article: Article, words: Sequence[str], phrases: Sequence[str], passages: Sequence[Passage]
) -> Mention:
    body = article.body
    spans = [marks(body, [term]) for term in (*words, *phrases)]
    times = [
        len(marks(article.title, [word])) + len(there)
        for word, there in zip(words, spans, strict=False)
    ] + [_count(f"{article.title}\n{body}", phrase) for phrase in phrases]

    def of_most(sentence: Sentence) -> tuple[bool, int]:
        has = sum(any(sentence.start <= at < sentence.end for at, _ in there) for there in spans)
        return sentence.kind is Kind.SENTENCE, has

    whole = Sentence(0, len(body), Kind.SENTENCE)
    sentence = max(split_sentences(body), key=of_most, default=whole)
    passage = next((p for p in passages if p.start <= sentence.start < p.end), None)
    return Mention(article, min(times, default=0), sentence, passage)


def _count(text: str, phrase: str) -> int:
    """Return how often a text has a phrase, in whole words."""
    return len(re.findall(rf"(?= {re.escape(plain(phrase))} )", f" {plain(text)} "))
