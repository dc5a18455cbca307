"""Questions and answers: what the assistant takes and what it returns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.archive.passages import Match

EXTRACTIVE = "extractive"
"""The engine that quotes."""


@dataclass(frozen=True, slots=True)
class Carrier:
    """Another outlet with the same text, and where that is.

    Without a name it is called by its site or the text's title there; "" if that is the same.
    """

    outlet: str
    published: date | None
    url: str
    uri: str


@dataclass(frozen=True, slots=True)
class Citation:
    """The source of an `[n]`: `quote` is `body[start:end]` of the article's cleaned body.

    `page` is the page that it begins on, from 1, where the article was read from a paged file.
    `also` are the other outlets that carry the quoted words.
    `excerpt` says that only what a feed says of the article could be read, and `gone` since when
    there is nothing at its address any more.
    """

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
    page: int | None = None
    also: tuple[Carrier, ...] = ()
    excerpt: bool = False
    gone: date | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and answer of a conversation. `cited` are the ids of the articles it cited.

    `citations` are what the marks in the answer stand for, where that is known, and `standalone` is
    the text that was searched for the question, or "".
    """

    question: str
    answer: str
    cited: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = field(default=(), compare=False)
    standalone: str = field(default="", compare=False)

    @property
    def alone(self) -> bool | None:
        """Whether the question was read without the turns before it; None if that is not known.

        What was searched may be another text: the question as it is spelt, or in full.
        """
        if self.standalone == self.question:
            return True
        return False if self.standalone.endswith(f" {self.question}") else None

    @property
    def in_full(self) -> str:
        """The question as it can be understood alone, if it was searched so, or as it was typed."""
        return self.standalone if self.standalone and self.alone is None else self.question


@dataclass(frozen=True, slots=True)
class Question:
    """A person's question, with the turns of the conversation before it.

    With `as_of`, it is answered as on that day: articles published later are left out, and those
    without a date. `filters` narrow it to some articles.
    """

    text: str
    history: tuple[Turn, ...] = ()
    as_of: date | None = None
    filters: Filters = EVERYTHING

    @property
    def scope(self) -> Filters:
        """What is searched for it: what passes its filters and was there on its day."""
        return self.filters.by(self.as_of)

    @property
    def today(self) -> date:
        """The day on which it is asked."""
        return self.as_of or date.today()


@dataclass(frozen=True, slots=True)
class Usage:
    """An answer's tokens and cost in US dollars. The cost is None if the price is unknown."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost_usd: float | None = 0.0


@dataclass(frozen=True, slots=True)
class Removed:
    """A model's sentence that the check removed, for those who run a bot, never for a reader.

    `reason` says why: "number", "date", "name" or "quotation" (`detail` is what stands nowhere),
    "contradicted" or "not stated" (by the model's own ruling on `detail`), "negation", "exchanged",
    "strength", "score" or "marker" (the check without a judge), "far" (nothing is near it),
    "order" or "link". `quote` is what comes nearest, or empty.
    """

    sentence: str
    reason: str
    detail: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Derived:
    """A sentence of an answer with `figures` that no passage states, and how each may follow.

    They are told as "2,874 = 2,783 + 91", "half: 23 of 46" or "four: counted".
    """

    sentence: str
    figures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """A cited answer, or a refusal, which has no citations.

    `text` has an `[n]` after each sentence, of a list that one passage has after the last item.
    `nearest` are the titles of the articles closest to a refused question. `matches` are the
    passages found, best first. `timings_ms` are the milliseconds of each stage, and those from the
    question to a model's `first_sentence` and in `total`. `evidence` is the probability that the
    best sentence answers, on the scale of `AnswerOptions.answerable`, or None if nothing was
    searched or it is a timeline or a summary. `notice` is a line for the reader: what misspelt
    words were taken for, say, that the articles are quoted because the model failed, or that
    sentences were left out. `removed` are those, a model's sentences that no source supports;
    `derived` are those of the answer whose figures follow from what the sources state.
    `degraded` tells whether the model failed, so that the answer is quoted or ends early.
    `answer_span` is where in `text` the very words stand that answer, (start, end) in code points,
    where that is known. `cause` says why it is refused: it is "small_talk", an "aside" on a
    conversation that has nothing to go by, the archive is an "empty_archive", the question is in
    another "language", "no_article" mentions what was asked for, what was found did not make it
    "not_answered", the model "declined", or nothing it wrote was supported ("unsupported").
    """

    question: str
    standalone_question: str
    text: str
    citations: tuple[Citation, ...] = ()
    refused: bool = False
    engine: str = EXTRACTIVE
    nearest: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()
    usage: Usage = field(default_factory=Usage)
    timings_ms: dict[str, float] = field(default_factory=dict)
    evidence: float | None = None
    notice: str = ""
    removed: tuple[Removed, ...] = ()
    derived: tuple[Derived, ...] = ()
    degraded: bool = False
    answer_span: tuple[int, int] | None = None
    cause: str = ""

    @property
    def written(self) -> bool:
        """Whether a model wrote it, or was asked to and found no answer."""
        return self.engine != EXTRACTIVE


@dataclass(frozen=True, slots=True)
class Draft:
    """The beginning of an answer: the sentences checked so far, with their sources.

    Each draft of an answer begins with the text of the draft before.
    """

    text: str
    citations: tuple[Citation, ...] = ()
