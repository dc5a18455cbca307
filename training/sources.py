"""The question sets that the reader learns from, each as articles and questions on them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import accumulate
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
    answers. `before` are earlier questions about the same story, and `beside` questions on the
    article that it does not answer. Of a question of `several` facts an article may have only one.
    """

    question: str
    article: str
    states: tuple[State, ...]
    golds: tuple[str, ...]
    stored: bool
    before: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    several: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A set of articles, the questions on them, and whether it is kept out of the training."""

    name: str
    kept: bool
    articles: list[Article]
    asked: list[Asked] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Telling:
    """A wish for a timeline or a summary of a story, or of a thread of it.

    `needed` are the sentences that a good one has, and `also` those that may stand in it: the URI
    of the article, and where in its body.
    """

    story: str
    kind: str
    question: str
    needed: tuple[tuple[str, int, int], ...]
    also: tuple[tuple[str, int, int], ...]


STORIES = Path(__file__).resolve().parent / "stories"
"""The invented stories, a file for each field of news."""

ASKED = STORIES.parent / "asked"
"""Questions that were asked later of the stories and of SQuAD's paragraphs, to be hard."""

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
        if "story" in row and kept != (number_in(row["story"]) % KEPT_STORY == 0):
            continue
        sentences: list[str] = [s.strip() for s in row["sentences"]]
        article = article_of(row, sentences)
        articles.append(article)
        told = stories.setdefault(row.get("story", row["id"]), [])
        fresh: list[str] = []
        for question in row["questions"]:
            gone = [s for i, s in enumerate(sentences) if i not in question["sentences"]]
            states: tuple[State, ...] = (
                _answering(article, _spans(sentences), question),
                State(article_of(row, gone)),
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
                states = (
                    _answering(article_of(row, longer), _spans(longer), told_it),
                    State(article),
                )
            golds = (extra["answer"],) if extra else ()
            before = tuple((told + fresh)[-4:])
            asked.append(Asked(question["q"], article.uri, states, golds, False, before))
        told += fresh
    return Source(path.stem, kept, articles, asked)


def asked_later(data: Path) -> Iterator[Source]:
    """Yield what was asked later of the stories, and of SQuAD's paragraphs, which are not repeated.

    Lines are `{"id", "questions": [{"q", "sentences", "answer"}], "unanswerable": [{"q"}]}`. The
    unanswerable ones stand beside those that the same text answers.
    """
    told = _stories()
    news = Source("asked-news", False, [])
    for row in rows(ASKED / "news.jsonl"):
        sentences = [s.strip() for s in told[row["id"]]["sentences"]]
        news.asked.extend(_later(article_of(told[row["id"]], sentences), _spans(sentences), row))
    yield news
    paragraphs = {
        f"{name}/{row['article']}/{number}": (row, " ".join(paragraph["text"].split()))
        for name in ("squad-1.1", "squad-2.0")
        for row in rows(data / f"{name}.jsonl")
        for number, paragraph in enumerate(row["paragraphs"])
    }
    encyclopaedia = Source("asked-encyclopaedia", False, [])
    for row in rows(ASKED / "encyclopaedia.jsonl"):
        page, text = paragraphs[row["id"]]
        here = Article(f"squad/{page['article']}", page["title"], text)
        spans = [(s.start, s.end) for s in split_sentences(text)]
        encyclopaedia.asked.extend(_later(here, spans, row))
    yield encyclopaedia


def asked_of_kinds(*, kept: bool) -> Source:
    """What was asked of whole stories: two facts at once, lists, what changed, why, and so on.

    Lines are `{"story", "questions": [{"kind", "q", "parts": [{"article", "sentences",
    "answer"}]}], "unanswerable": [{"kind", "q"}]}`. An article that has any part of the answer
    is an answering one, and `sentences` are all that are needed of it.
    """
    told = _stories()
    source = Source("kinds", kept, [])
    for row in rows(ASKED / "kinds.jsonl"):
        if kept != (number_in(row["story"]) % KEPT_STORY == 0):
            continue
        questions = row["questions"]
        for number, question in enumerate(questions):
            beside = tuple(other["q"] for other in row["unanswerable"][number :: len(questions)])
            source.asked.append(_of_kind(told, question, beside))
    return source


def asked_to_tell() -> tuple[dict[str, list[Article]], list[Telling]]:
    """The invented stories, each with its articles, and the timelines and summaries wished for.

    Lines are `{"story", "kind", "q", "needed": {article: sentences}, "also": {…}}`.
    """
    told = _stories()
    articles: dict[str, list[Article]] = defaultdict(list)
    spans: dict[str, list[Span]] = {}
    for uri, row in told.items():
        sentences = [s.strip() for s in row["sentences"]]
        articles[row["story"]].append(article_of(row, sentences))
        spans[uri] = _spans(sentences)

    def places(numbers: Mapping[str, Sequence[int]]) -> tuple[tuple[str, int, int], ...]:
        return tuple((uri, *spans[uri][n]) for uri, some in numbers.items() for n in some)

    asked = [
        Telling(row["story"], row["kind"], row["q"], places(row["needed"]), places(row["also"]))
        for row in rows(ASKED / "telling.jsonl")
    ]
    return articles, asked


def _stories() -> dict[str, dict[str, Any]]:
    """The articles of the invented stories, by their ids."""
    return {row["id"]: row for path in sorted(STORIES.glob("*.jsonl")) for row in rows(path)}


def _of_kind(
    told: Mapping[str, dict[str, Any]], question: dict[str, Any], beside: tuple[str, ...]
) -> Asked:
    """A question with the articles that have parts of its answer, and the same without those."""
    answering: list[State] = []
    without: list[State] = []
    needed: dict[str, set[int]] = defaultdict(set)
    first: dict[str, str] = {}
    for part in question["parts"]:
        needed[part["article"]].update(part["sentences"])
        first.setdefault(part["article"], part["answer"])
    golds = tuple(dict.fromkeys(part["answer"] for part in question["parts"]))
    for uri, places in needed.items():
        sentences = [s.strip() for s in told[uri]["sentences"]]
        here = article_of(told[uri], sentences)
        told_it = {"sentences": sorted(places), "answer": first[uri]}
        answering.append(_answering(here, _spans(sentences), told_it))
        left = [s for n, s in enumerate(sentences) if n not in places]
        if left and not any(gold in " ".join(left) for gold in golds):
            without.append(State(article_of(told[uri], left)))
    uri = answering[0].article.uri
    return Asked(
        question["q"], uri, (*answering, *without), golds, True, beside=beside, several=True
    )


def _later(here: Article, spans: Sequence[Span], row: dict[str, Any]) -> Iterator[Asked]:
    """Yield the questions of a line, each with its share of those that have no answer."""
    questions = row["questions"]
    for number, question in enumerate(questions):
        gold = question["answer"]
        left = (here.body[slice(*s)] for n, s in enumerate(spans) if n not in question["sentences"])
        states = [_answering(here, spans, question)]
        if (without := " ".join(left)) and gold not in without:
            states.append(State(replace(here, body=without)))
        beside = tuple(other["q"] for other in row["unanswerable"][number :: len(questions)])
        yield Asked(question["q"], here.uri, tuple(states), (gold,), stored=True, beside=beside)


def _answering(here: Article, spans: Sequence[Span], question: dict[str, Any]) -> State:
    """An article that answers a question; `spans` are where its sentences are."""
    evidence = tuple(spans[i] for i in question["sentences"])
    gold = question["answer"]
    holder = next(span for span in evidence if gold in here.body[slice(*span)])
    at = here.body.index(gold, holder[0])
    return State(here, (at, at + len(gold)), evidence)


def _spans(sentences: Sequence[str]) -> list[Span]:
    """Where sentences are in the text that they make, a space between them."""
    ends = list(accumulate(len(sentence) + 1 for sentence in sentences))
    return [(end - len(s) - 1, end - 1) for end, s in zip(ends, sentences, strict=True)]


def article_of(row: dict[str, Any], sentences: Sequence[str]) -> Article:
    """The article of a line of invented briefs or stories, with these sentences."""
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


def number_in(name: str) -> int:
    """The number in a name such as "g-012"."""
    return int("".join(c for c in name if c.isdigit()) or 0)


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())
