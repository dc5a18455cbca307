"""The question sets that the reader learns from, each as articles and questions on them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from corpus.article import Article
from retrieval.text.sentences import split_sentences
from retrieval.text.words import content_words

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class State:
    """An article in which a question has an answer, or the same article without it.

    `answer` is where the answer's words stand in `article.body` and `evidence` where the sentences
    that hold it do; both are empty where the article does not answer.
    """

    article: Article
    answer: Span | None = None
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and the states of its article to compare: answering ones first.

    `article` is the article's URI. `golds` are the answer's wordings: a passage of the same article
    that has none of them does not answer. `stored` is whether the article, as it is in the archive,
    answers. `before` are earlier questions about the same story.
    """

    question: str
    article: str
    states: tuple[State, ...]
    golds: tuple[str, ...]
    stored: bool
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A set of articles, the questions on them, and whether it is kept out of the training."""

    name: str
    kept: bool
    articles: list[Article]
    asked: list[Asked] = field(default_factory=list)


STORIES = Path(__file__).resolve().parent / "stories"
"""The invented stories, a file for each field of news."""

KEPT_SQUAD = ("Construction", "Harvard_University", "Packet_switching", "Teacher", "Warsaw")
"""Articles of SQuAD's development half that the training never sees."""

KEPT_BRIEFS = ("f",)
"""Files of invented briefs that the training never sees."""

KEPT_STORY = 10
"""Of so many stories one is kept out of the training."""


def squad(folder: Path, *, kept: bool) -> Source:
    """SQuAD 1.1 and 2.0 (Rajpurkar et al., 2016 and 2018), the development halves.

    An article's paragraphs stand in the archive as one article. A question is compared with the
    paragraphs around its answer, and with them without the sentence that answers.
    """
    articles: dict[str, Article] = {}
    asked: dict[tuple[str, str], Asked] = {}
    for name in ("squad-1.1.jsonl", "squad-2.0.jsonl"):
        for row in rows(folder / name):
            if (row["article"] in KEPT_SQUAD) != kept:
                continue
            uri, title = f"squad/{row['article']}", row["title"]
            paragraphs = [" ".join(p["text"].split()) for p in row["paragraphs"]]
            articles.setdefault(uri, Article(uri, title, "\n\n".join(paragraphs)))
            for paragraph, entry in zip(paragraphs, row["paragraphs"], strict=True):
                for question in entry["questions"]:
                    key = (row["article"], question["question"])
                    if key not in asked:
                        asked[key] = _squad(Article(uri, title, paragraph), question)
    return Source("squad", kept, list(articles.values()), list(asked.values()))


def _squad(here: Article, question: dict[str, Any]) -> Asked:
    golds = tuple(dict.fromkeys(question["answers"])) if question.get("answerable", True) else ()
    if not golds:
        return Asked(question["question"], here.uri, (State(here),), (), stored=False)
    sentences = [(s.start, s.end) for s in split_sentences(here.body)]
    wanted = set(content_words(question["question"]))

    def shared(span: Span) -> int:
        return len(wanted & set(content_words(here.body[slice(*_around(sentences, span))])))

    places = [(at, at + len(golds[0])) for at in _all(here.body, golds[0])]
    if not places:
        return Asked(question["question"], here.uri, (), golds, stored=True)
    answer = max(places, key=shared)
    evidence = _around(sentences, answer)
    without = (here.body[: evidence[0]] + here.body[evidence[1] :].lstrip()).strip()
    states = [State(here, answer, (evidence,))]
    if without and not any(gold in without for gold in golds):
        states.append(State(Article(here.uri, here.title, without)))
    return Asked(question["question"], here.uri, tuple(states), golds, stored=True)


def written(path: Path, answers: Path | None = None, *, kept: bool = False) -> Source:
    """Invented briefs or stories, a line each, every question with and without its answer.

    Lines are `{"id", "title", "outlet", "published", "sentences", "questions": [{"q",
    "sentences", "answer"}], "unanswerable": [{"q", …}]}`. What would answer the unanswerable ones
    stands there too ("after", "sentence", "answer"), or in `answers`.
    """
    added = {(row["id"], row["k"]): row for row in rows(answers)} if answers else {}
    articles: list[Article] = []
    asked: list[Asked] = []
    stories: dict[str, list[str]] = {}
    for row in rows(path):
        if "story" in row and kept != (_number(row["story"]) % KEPT_STORY == 0):
            continue
        sentences: list[str] = [s.strip() for s in row["sentences"]]
        article = _brief(row, sentences)
        articles.append(article)
        told = stories.setdefault(row.get("story", row["id"]), [])
        fresh: list[str] = []
        for question in row["questions"]:
            gone = [s for i, s in enumerate(sentences) if i not in question["sentences"]]
            states: tuple[State, ...] = (
                _answering(row, sentences, question),
                State(_brief(row, gone)),
            )
            before = tuple((told + fresh)[-4:])
            golds: tuple[str, ...] = (question["answer"],)
            asked.append(Asked(question["q"], article.uri, states, golds, True, before))
            fresh.append(question["q"])
        for k, question in enumerate(row["unanswerable"]):
            extra = question if "sentence" in question else added.get((row["id"], k))
            states = (State(article),)
            if extra:
                at = extra["after"] + 1
                longer = [*sentences[:at], extra["sentence"].strip(), *sentences[at:]]
                told_it = {"sentences": [at], "answer": extra["answer"]}
                states = (_answering(row, longer, told_it), State(article))
            golds = (extra["answer"],) if extra else ()
            before = tuple((told + fresh)[-4:])
            asked.append(Asked(question["q"], article.uri, states, golds, False, before))
        told += fresh
    return Source(path.stem, kept, articles, asked)


def _answering(row: dict[str, Any], sentences: Sequence[str], question: dict[str, Any]) -> State:
    starts = [0]
    for sentence in sentences:
        starts.append(starts[-1] + len(sentence) + 1)
    spans = tuple((starts[i], starts[i] + len(sentences[i])) for i in question["sentences"])
    holder = next(i for i in question["sentences"] if question["answer"] in sentences[i])
    at = starts[holder] + sentences[holder].index(question["answer"])
    return State(_brief(row, sentences), (at, at + len(question["answer"])), spans)


def _brief(row: dict[str, Any], sentences: Sequence[str]) -> Article:
    published = date.fromisoformat(row["published"])
    body = " ".join(sentences)
    return Article(row["id"], row["title"], body, row["outlet"], published)


def _around(sentences: Sequence[Span], span: Span) -> Span:
    """The sentence, or the run of them, in which a span stands."""
    inside = [s for s in sentences if s[0] < span[1] and span[0] < s[1]]
    return (min(s[0] for s in inside), max(s[1] for s in inside)) if inside else span


def _all(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _number(name: str) -> int:
    return int("".join(c for c in name if c.isdigit()) or 0)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())
