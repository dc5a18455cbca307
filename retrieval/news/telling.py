"""What is told of a story: two or three sentences, quoted or written by a model."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing

import numpy as np

from corpus.article import Article
from retrieval.answering.citing import cite, without_marks
from retrieval.answering.context import needs_context
from retrieval.answering.extractive import Composed
from retrieval.answering.generative import Writer, Written
from retrieval.answering.salient import Candidate, most_salient
from retrieval.answers import Question
from retrieval.archive.history import beginnings
from retrieval.archive.passages import Match, titled
from retrieval.models.request_budget import RequestBudget
from retrieval.news.stories import Story
from retrieval.search.condense import Query
from retrieval.search.searcher import Searcher
from retrieval.text.orders import gives_orders
from retrieval.text.sentences import Kind, sentences_within

_ARTICLES = 8
"""Articles of a story that are read."""

_NAMES = r"(?:[A-Z][\w'’.-]*,? ?|and )+"
_BYLINE = re.compile(
    rf"\W*(?:[Bb]y|BY|[Ff]rom) (?:(?:(?:our|an?|the|staff)(?: [\w-]+){{0,3}}? "
    r"(?:reporter|correspondent|writer|editor|staff|desk|agencie|bureau)s?|staff)"
    rf"(?: (?:(?:in|at|and|for) )?{_NAMES})?|{_NAMES})\W*"
)
"""A line that says who wrote: "By our own reporter.", "By Jane Smith and Mary Jones"."""

_PASSAGES = 2
"""Passages from its beginning that are read of an article."""


def _beginnings(searcher: Searcher, story: Story) -> list[Match]:
    """Return how a story's articles begin, that of the headline first."""
    articles = story.voices[:_ARTICLES]
    first = beginnings(searcher.catalog, [a.id for a in articles], _PASSAGES)
    return [Match(passage, a, 1.0) for a in articles for passage in first.get(a.id, ())]


def quoted(searcher: Searcher, story: Story) -> Composed:
    """Return a story in its articles' own sentences.

    The first is what the article of the headline begins with; the others are those most like what
    the rest tells, of other articles where there are some.
    """
    matches = _beginnings(searcher, story)
    candidates = [
        Candidate(match.article, match.passage, sentence)
        for match in matches
        for sentence in sentences_within(match.article.body, match.passage.start, match.passage.end)
        if sentence.kind is Kind.SENTENCE
    ]
    candidates = [
        one for one in candidates if not (gives_orders(one.text) or _BYLINE.fullmatch(one.text))
    ]
    if not candidates:
        return Composed("", ())
    texts = [titled(one.article.title, one.text) for one in candidates]
    vectors = searcher.embedded.encode(texts)
    near = np.clip(vectors @ story.middle, 0, None)
    head = story.texts[0][0]
    most = 3 if len({match.article.id for match in matches}) > 1 else 2
    chosen = most_salient(candidates, vectors, near, most, _lead(candidates, head))
    chosen.sort(key=lambda one: one.article.id != head.id)
    citations = tuple(
        cite(n, one.article, one.passage, one.sentence.start, one.sentence.end)
        for n, one in enumerate(chosen, start=1)
    )
    told = (f"{without_marks(c.quote)} [{c.number}]" for c in citations)
    return Composed(" ".join(told), citations)


async def written(
    searcher: Searcher, writer: Writer, story: Story, budget: RequestBudget
) -> Composed | None:
    """Return a story as a model writes it, or None where nothing of that is borne out.

    Raises:
        ServiceError, BudgetSpent: the model cannot be asked.
    """
    matches = await asyncio.to_thread(_beginnings, searcher, story)
    matches.sort(key=lambda match: match.passage.ordinal)  # some of each, where there is no room
    asked = f"What happened? In two or three sentences: {story.texts[0][0].title}"
    draft = None
    async with aclosing(writer.write(Question(asked), Query(asked), matches, budget)) as parts:
        async for part in parts:
            if isinstance(part, Written):
                draft = part.draft
    return Composed(draft.text, draft.citations) if draft and draft.text else None


def _lead(candidates: Sequence[Candidate], article: Article) -> int | None:
    """Return which sentence begins an article, if one can be quoted: it tells the news."""
    leads = (
        n
        for n, one in enumerate(candidates)
        if one.article.id == article.id
        and (one.leads or _BYLINE.fullmatch(article.body, 0, one.sentence.start))
    )
    found = next(leads, None)
    return None if found is None or needs_context(candidates[found].text) else found
