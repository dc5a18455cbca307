"""What a model is shown, within its budget of tokens.

Whole passages go in where all of them fit. Where they do not, those that were read for the question
are cut to the sentences around the evidence. They are put in reading order, article by article.
What gives a model orders is left out of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from retrieval.answering.citing import without_marks
from retrieval.archive.passages import Clue, Match, Passage
from retrieval.checking.verdicts import Source
from retrieval.models.token_budget import Count
from retrieval.text.orders import gives_orders, without_orders
from retrieval.text.sentences import Sentence, sentences_within

_TAG = re.compile(r"<(?=/?\s*passages?\b)", re.I)
_GAP = " … "


@dataclass(frozen=True, slots=True)
class Excerpt:
    """What a model is shown of a source: its passage, or whole sentences of it, verbatim."""

    source: Source
    text: str


def pack(matches: Sequence[Match], tokens: int, count: Count) -> tuple[Excerpt, ...]:
    """Return what fits of some passages, numbered from 1 in the order they are to be read.

    `matches` come best first. What does not fit is passed over, and the next is tried.
    """
    texts = [match.passage.text for match in matches]
    costs = [_cost(match, text, count) for match, text in zip(matches, texts, strict=True)]
    if sum(costs) > tokens:
        texts = _cut(matches, tokens, count)
        tokens -= sum(_cost(m, text, count) for m, text in zip(matches, texts, strict=True) if text)
        for at, match in enumerate(matches):
            if not match.clues and costs[at] <= tokens:
                texts[at] = match.passage.text
                tokens -= costs[at]
    fitting = [(match, text) for match, text in zip(matches, texts, strict=True) if text]
    articles = list(dict.fromkeys(match.article.id for match, _ in fitting))
    fitting.sort(key=lambda it: (articles.index(it[0].article.id), it[0].passage.start))
    return tuple(
        Excerpt(Source(number, match), text)
        for number, (match, text) in enumerate(fitting, start=1)
    )


def show(excerpt: Excerpt) -> str:
    """Return a passage as the model reads it: data between tags, which its text cannot close."""
    article, text = excerpt.source.match.article, without_orders(excerpt.text)
    about = {
        "number": str(excerpt.source.number),
        "title": article.title,
        "outlet": article.source,
        "date": article.published.isoformat() if article.published else "",
    }
    attributes = " ".join(
        f'{name}="{_attribute(value)}"'
        for name, value in about.items()
        if value and not gives_orders(value)
    )
    return f"<passage {attributes}>\n{_TAG.sub('‹', without_marks(text))}\n</passage>"


def _cut(matches: Sequence[Match], tokens: int, count: Count) -> list[str]:
    """Return what is shown of each passage: its most probable sentences, each with its neighbours.

    A sentence that two passages share is shown once.
    """
    taken: list[list[Sentence]] = [[] for _ in matches]
    shown: set[tuple[str, int]] = set()
    clues = [(clue, at) for at, match in enumerate(matches) for clue in match.clues]
    for clue, at in sorted(clues, key=lambda it: -it[0].probability):
        match = matches[at]
        around = _with_neighbours(clue, match.passage, match.article.body)
        new = [s for s in around if (match.article.id, s.start) not in shown]
        cost = sum(count(match.article.body[s.start : s.end]) + count(_GAP) for s in new)
        cost += 0 if taken[at] else _cost(match, "", count)
        if new and cost <= tokens:
            tokens -= cost
            taken[at] += new
            shown |= {(match.article.id, s.start) for s in new}
    return [_joined(m.article.body, found) for m, found in zip(matches, taken, strict=True)]


def _with_neighbours(clue: Clue, passage: Passage, body: str) -> list[Sentence]:
    sentences = sentences_within(body, passage.start, passage.end)
    at = [sentence.start for sentence in sentences].index(clue.start)
    return sentences[max(0, at - 1) : at + 2]


def _joined(body: str, sentences: Sequence[Sentence]) -> str:
    """Return sentences as they stand in a body, with a sign where something is left out."""
    runs: list[tuple[int, int]] = []
    for sentence in sorted(sentences, key=lambda s: s.start):
        if runs and not body[runs[-1][1] : sentence.start].strip():
            runs[-1] = runs[-1][0], sentence.end
        else:
            runs.append((sentence.start, sentence.end))
    return _GAP.join(body[start:end] for start, end in runs)


def _cost(match: Match, text: str, count: Count) -> int:
    return count(show(Excerpt(Source(99, match), text))) + 1


def _attribute(value: str) -> str:
    return without_marks(value).replace('"', "'").replace("<", "‹").replace(">", "›")
