"""How well a sentence tells of a subject: which are worth a timeline, and which a summary."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice

from corpus.article import Article
from corpus.dates import MONTHS, in_words
from retrieval.answering.context import sentence_before
from retrieval.answering.dating import day_of
from retrieval.answering.salient import Candidate, quotable, stands_alone
from retrieval.answering.statements import same
from retrieval.archive.filters import Filters
from retrieval.archive.passages import Match
from retrieval.logistic import FAR, Logistic, clipped
from retrieval.search.condense import Query
from retrieval.search.searcher import Reading, Searcher, SearchResult
from retrieval.text.words import content_words, names, shares_a_name

_FOUND, _WHOLE, _REST = 12, 5, 24
"""Passages that are found for a subject; so many of the articles that they are of, the first, are
read whole, but for what is more than so many passages further."""

_MONTHS = {month.lower() for month in MONTHS}


@dataclass(frozen=True, slots=True)
class Salience:
    """What is measured of a sentence that may tell of a subject.

    `likely` are the log-odds, by the reader, that it answers, and `likeness` is the cosine of the
    subject's vector with that of the sentence under its article's title. `article` are the best
    log-odds of its article's passages, `behind` how far they are behind the best article's.
    `named` is the share of the subject's words that the article or its date has, and `unnamed`
    whether the subject has a name that those lack. `dated` is whether it names the day of what it
    tells of, `leads` whether it begins its article, `later` the share of the article before it, and
    `length` its words, in scores.
    """

    likely: float
    likeness: float
    article: float
    behind: float
    named: float
    unnamed: float
    dated: float
    leads: float
    later: float
    length: float


@dataclass(frozen=True, slots=True)
class Observed:
    """What was found for a subject: the sentences, and what is measured of each."""

    found: SearchResult
    sentences: Sequence[Candidate]
    measured: Sequence[Salience]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is told: at most so many `sentences` and `words`.

    What is told belongs there with a probability of `belonging`, and `of_best` times that of the
    best one. Some sentence has to reach `worth`, in an article that lacks none of the subject's
    names: else the archive has nothing on the subject.
    """

    sentences: int
    words: int
    worth: float = 0.4
    belonging: float = 0.15
    of_best: float = 0.2


def observe(searcher: Searcher, query: Query, subject: str, scope: Filters) -> Observed:
    """Search for a subject and measure the sentences of the passages found, and of the articles
    that they are of."""
    found = searcher.search(Query(subject), _FOUND, only=scope, read=False)
    matches = [*found.matches, *_rest(searcher, found.matches)]
    readings = searcher.read(query, matches)
    likely = {
        Candidate(reading.match.article, reading.match.passage, sentence): read.evidence
        for reading in readings
        for sentence, read in reading.sentences
        if read
    }
    sentences = quotable(likely)
    measured = _measured(searcher, subject, readings, [(c, likely[c]) for c in sentences])
    best = [reading.match for reading in readings[:_FOUND]]
    return Observed(replace(found, matches=best), sentences, measured)


def chosen(
    observed: Observed, model: Logistic, limits: Limits, among: Collection[int] | None = None
) -> list[Candidate]:
    """Return the sentences to tell, the best first, of all or of those with some numbers.

    One that leans on the sentence before it comes with that, as one quotation, or not at all.
    """
    ranked = sorted(
        ((model.probability(asdict(m)), at) for at, m in enumerate(observed.measured)), reverse=True
    )
    worth = [at for belongs, at in ranked if belongs >= limits.worth]
    if all(observed.measured[at].unnamed for at in worth):  # or there is none
        return []
    ranked = [(belongs, at) for belongs, at in ranked if among is None or at in among]
    least = max(limits.belonging, limits.of_best * ranked[0][0]) if ranked else 0.0
    worth_it = (observed.sentences[at] for belongs, at in ranked if belongs >= least)
    return fitting(worth_it, limits)


def fitting(ranked: Iterable[Candidate], limits: Limits) -> list[Candidate]:
    """Return those of some sentences, the best first, for which there is room, each clear."""
    told: list[Candidate] = []
    for candidate in ranked:
        quoted = _made_clear(candidate)
        if not quoted or any(_repeats(quoted, other) for other in told):
            continue
        words = sum(len(other.text.split()) for other in (quoted, *told))
        if len(told) < limits.sentences and (not told or words <= limits.words):
            told.append(quoted)
    return told


def _rest(searcher: Searcher, matches: Sequence[Match]) -> list[Match]:
    """Return the passages that were not found of the first articles that were."""
    found = {match.passage.id for match in matches}
    articles = {match.article.id: match.article for match in matches}
    whole = list(articles)[:_WHOLE]
    passages = searcher.catalog.passages(searcher.catalog.passage_ids_of(whole))
    rest = [p for p in passages.values() if p.id not in found]
    rest.sort(key=lambda p: (p.ordinal, whole.index(p.article_id)))
    return [Match(p, articles[p.article_id], 0.0) for p in islice(rest, _REST)]


def _measured(
    searcher: Searcher,
    subject: str,
    readings: Sequence[Reading],
    read: Sequence[tuple[Candidate, float]],
) -> list[Salience]:
    if not read:
        return []
    asked, *vectors = searcher.embedded.encode([subject, *(c.titled for c, _ in read)])
    answers: dict[str, float] = {}
    for reading in readings:
        article = reading.match.article.id
        answers[article] = max(clipped(reading.answers), answers.get(article, -FAR))
    best = max(answers.values())
    articles = {candidate.article.id: candidate.article for candidate, _ in read}
    wanted = set(content_words(subject))
    proper = {name for name in names(f"x {subject}") if name.isalpha()} - _MONTHS
    named = {i: _share_named(wanted, article) for i, article in articles.items()}
    unnamed = {i: bool(proper) and _share_named(proper, a) < 1 for i, a in articles.items()}
    return [
        Salience(
            likely=clipped(likely),
            likeness=float(vector @ asked),
            article=answers[candidate.article.id],
            behind=answers[candidate.article.id] - best,
            named=named[candidate.article.id],
            unnamed=float(unnamed[candidate.article.id]),
            dated=float(bool(day_of(candidate.text, candidate.article.published))),
            leads=float(candidate.leads),
            later=candidate.sentence.start / len(candidate.article.body),
            length=len(candidate.text.split()) / 20,
        )
        for (candidate, likely), vector in zip(read, vectors, strict=True)
    ]


def _share_named(wanted: Collection[str], article: Article) -> float:
    """Return the share of some words that are in an article or its date."""
    day = in_words(article.published) if article.published else ""
    text = f"{article.title} {article.body} {day}"
    return sum(shares_a_name({word}, text) for word in wanted) / max(1, len(wanted))


def _made_clear(candidate: Candidate) -> Candidate | None:
    """Return a sentence, with the one before it if it leans on that, or None if that leans too."""
    if stands_alone(candidate.text):
        return candidate
    if candidate.text.endswith((":", ";", ",")):
        return None
    before = sentence_before(candidate.article, candidate.sentence)
    if not before or not stands_alone(candidate.article.body[before.start : before.end]):
        return None
    return replace(candidate, sentence=replace(candidate.sentence, start=before.start))


def _repeats(one: Candidate, other: Candidate) -> bool:
    """Return whether two quotations say the same, or have a sentence in common."""
    a, b = one.sentence, other.sentence
    together = one.article.id == other.article.id and a.start < b.end and b.start < a.end
    return together or same(one.text, other.text)
