"""Invented news: a seeded stream of articles about many events, and questions about them.

Words follow Zipf's law. An article is about one event, which has a name of its own and a few words
that its articles use often; an event is in the news for some days. Some articles are copies of
earlier ones, as agencies' texts are, and a few are as long as a book.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from corpus.article import Article
from retrieval.text.tokens import common_words
from retrieval.text.words import STOP_WORDS

SEED = 20261129

SECTIONS = 40
"""Events belong to sections, such as sport: their vectors are near each other."""

OUTLETS = 60

FIRST_DAY = date(2016, 1, 1)

DAYS = 3_650

_COMMON, _RARE = 30_000, 170_000
"""Words of the language, and invented ones behind them."""

ARTICLES_OF_AN_EVENT = 12

_ONE_IS_A_COPY = 1 / 10

_LAST = 500
"""The last articles, of which copies are made."""

_WORDS = 330
"""Words of an article: the median of a log-normal distribution."""

_LONG = 30_000
"""Words of a very long article."""

LONG_AT = (500, 1_500)
"""Which articles are very long."""

_CONSONANTS, _VOWELS = "bdfgklmnprstvzhj", "aeiou"
_SYLLABLES = [c + v for c in _CONSONANTS for v in _VOWELS]
_NAMES = len(_SYLLABLES) ** 4
_NAME = re.compile(r"\b[A-Z][aeiou](?:[b-z][aeiou]){3}n\b")
_SCATTER = 27_644_437
"""A prime: names of events that follow each other are unlike."""


def name_of(event: int) -> str:
    """Return the name that no other event has."""
    number = event * _SCATTER % _NAMES
    syllables = []
    for _ in range(4):
        number, digit = divmod(number, len(_SYLLABLES))
        syllables.append(_SYLLABLES[digit])
    return "".join(syllables).capitalize() + "n"


def event_of(text: str) -> int | None:
    """Return the event that a text names first."""
    found = _NAME.search(text)
    if not found:
        return None
    number = 0
    letters = found[0].lower()
    for at in (6, 4, 2, 0):
        number = number * len(_SYLLABLES) + _SYLLABLES.index(letters[at : at + 2])
    return number * pow(_SCATTER, -1, _NAMES) % _NAMES


@dataclass(frozen=True)
class Language:
    """The words, from the most frequent on, with the share that all words up to each have."""

    @cached_property
    def words(self) -> list[str]:
        """Return the words."""
        order = np.random.default_rng(SEED)
        known = sorted(common_words() - STOP_WORDS)
        picked = order.choice(len(known), _COMMON, replace=False)
        rare = order.integers(0, len(_SYLLABLES), (_RARE, 4))
        made = dict.fromkeys("".join(_SYLLABLES[i] for i in row) for row in rare)
        return [*sorted(STOP_WORDS), *(known[i] for i in picked), *made]

    @cached_property
    def shares(self) -> np.ndarray:
        """Return the shares, by the law of Zipf and Mandelbrot."""
        weights = 1 / (np.arange(len(self.words)) + 2.7) ** 1.07
        return np.cumsum(weights) / weights.sum()

    @property
    def frequent(self) -> list[str]:
        """Return the 200 most frequent words that are no stop words."""
        return self.words[len(STOP_WORDS) : len(STOP_WORDS) + 200]

    def drawn(self, order: np.random.Generator, count: int) -> list[str]:
        """Return some words, by lot."""
        words = self.words
        return [words[i] for i in np.searchsorted(self.shares, order.random(count))]

    def of_event(self, event: int) -> list[str]:
        """Return the words that an event's articles use often."""
        order = np.random.default_rng((SEED, event))
        return [self.words[i] for i in order.integers(1_000, len(self.words), 20)]


LANGUAGE = Language()


def articles(first: int = 0) -> Iterator[Article]:
    """Yield articles without end, from a number on, as they were published.

    An archive of any size is of all years: events follow each other in no order of days.
    """
    last: list[Article] = []
    number = first
    while True:
        order = np.random.default_rng((SEED, 1, number))
        if last and order.random() < _ONE_IS_A_COPY:
            article = _copy(last[order.integers(len(last))], number, order)
        else:
            article = _article(number, order)
            last = [*last[1 - _LAST :], article]
        yield article
        number += 1


def _outlet(order: np.random.Generator) -> str:
    """Return an outlet: the first have most of the articles."""
    return outlet(min(OUTLETS - 1, int(order.pareto(0.7))))


def outlet(number: int) -> str:
    """Return the name of an outlet."""
    return f"{LANGUAGE.words[2_000 + number].capitalize()} Herald"


def day_of(number: int) -> date:
    """Return the day of an article, which is that of its event."""
    event = number // ARTICLES_OF_AN_EVENT
    return FIRST_DAY + timedelta(days=event * 7_919 % DAYS)


def _article(number: int, order: np.random.Generator) -> Article:
    event = number // ARTICLES_OF_AN_EVENT
    length = int(np.clip(order.lognormal(np.log(_WORDS), 0.6), 60, 2_500))
    if number in LONG_AT:
        length = _LONG
    words = LANGUAGE.drawn(order, length + 8)
    special = LANGUAGE.of_event(event)
    for at in np.flatnonzero(order.random(length) < 0.08):
        words[at] = special[at % len(special)]
    title = f"{name_of(event)} {' '.join(words[length:])}"
    sentences = _sentences(words[:length], name_of(event), order)
    body = "\n\n".join(" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3))
    source = _outlet(order)
    return Article(f"invented-{number}", title, body, source, day_of(number))


def _sentences(words: Sequence[str], name: str, order: np.random.Generator) -> list[str]:
    found, at = [], 0
    while at < len(words):
        some = list(words[at : at + int(order.integers(10, 26))])
        at += len(some)
        if order.random() < 0.3:
            some[len(some) // 2] = name
        if order.random() < 0.2:
            some.append(str(order.integers(2, 5_000)))
        found.append(" ".join(some).capitalize() if name not in some else f"The {' '.join(some)}")
    return [f"{sentence}." for sentence in found]


def _copy(article: Article, number: int, order: np.random.Generator) -> Article:
    """Return an article as another outlet runs it: cut at the end, or with a word changed."""
    paragraphs = article.body.split("\n\n")
    kept = paragraphs[: max(1, len(paragraphs) * int(order.integers(6, 11)) // 10)]
    return Article(
        f"invented-{number}",
        f"{article.title} again",
        "\n\n".join([*kept, f"It was first told elsewhere, in number {number}."]),
        _outlet(order),
        article.published,
    )


def questions(count: int, events: int, seed: int = 7) -> list[str]:
    """Return questions, each about one of the first `events`."""
    order = np.random.default_rng((SEED, seed))
    return [question_about(int(event)) for event in order.integers(0, events, count)]


def question_about(event: int) -> str:
    """Return a question about an event."""
    one, other = LANGUAGE.of_event(event)[:2]
    return f"What did {name_of(event)} say of the {one} and the {other}?"


def frequent_questions(count: int) -> list[str]:
    """Return questions of frequent words alone."""
    order = np.random.default_rng((SEED, 8))
    words = LANGUAGE.frequent
    return [
        f"What is the {' '.join(words[i] for i in order.integers(0, len(words), n))}?"
        for n in order.integers(2, 7, count)
    ]


def events_of(articles_made: int) -> int:
    """Return how many events the first articles are about."""
    return max(1, articles_made // ARTICLES_OF_AN_EVENT)
