"""What goes into the assistant and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from retrieval.archive.passages import Match


@dataclass(frozen=True, slots=True)
class Turn:
    """One exchange of a conversation; `cited` holds the ids of the articles it cited."""

    question: str
    answer: str
    cited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks, after which turns, and as of which day.

    With `as_of`, articles published later do not exist; undated ones do.
    """

    text: str
    history: tuple[Turn, ...] = ()
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """What stands behind an `[n]`: `body[start:end] == quote` in the article's cleaned body."""

    number: int
    article_id: str
    passage_id: str
    title: str
    source: str
    published: date | None
    url: str
    uri: str
    quote: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What an answer cost: tokens sent and received, and US dollars where the price is known."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A cited answer, or a refusal, which has no citations.

    `text` carries `[n]` after each sentence. `nearest` holds the titles of the articles that
    came closest to a question that was refused. `matches` are the passages found, best first;
    `timings_ms` the milliseconds each stage took. `evidence` is the probability of the best
    sentence, on the scale of `AnswerOptions.answerable`; None where nothing was searched.
    `notice` is a line for the reader where the answer is not what was asked for: quoted because
    the model failed, or cut short. `removed` counts the sentences that a model wrote and no
    source supports.
    """

    question: str
    standalone_question: str
    text: str
    citations: tuple[Citation, ...] = ()
    refused: bool = False
    engine: str = "extractive"
    nearest: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()
    usage: Usage = field(default_factory=Usage)
    timings_ms: dict[str, float] = field(default_factory=dict)
    evidence: float | None = None
    notice: str = ""
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer in the making: the sentences that have been checked so far, with their sources.

    A draft only grows: each begins with the text of the one before.
    """

    text: str
    citations: tuple[Citation, ...] = ()
