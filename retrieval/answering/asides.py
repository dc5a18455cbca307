"""Answers messages about the conversation: the last answer again, shorter, more, an item."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from prompts import line
from retrieval.answering.evidence import Evidence, EvidenceReader
from retrieval.answering.extractive import choose, compose
from retrieval.answering.statements import Limits, same
from retrieval.answers import Answer, Citation, Question, Turn
from retrieval.reading.reader import Asked, Told
from retrieval.search.condense import Query, condense, was_asked
from retrieval.search.searcher import Searcher, SearchResult
from retrieval.text.asides import Wish, aside, item_wished
from retrieval.text.citation_markers import MARKER
from retrieval.text.lines import ITEM
from retrieval.text.ordinals import ORDINALS
from retrieval.text.sentences import split_sentences
from retrieval.text.words import words

_STATEMENT = re.compile(r"\s*(.+?)\s*((?:\[\d+\])+)", re.S)

_LISTED = re.compile(rf"^{ITEM}(.+?)[;,.]?\n", re.M)
_NAME = r"(?:the )?[A-Z][\w.’'-]*(?: (?:(?:of|for|de) )?(?:the )?[A-Z][\w’'-]*)*"
_ENUMERATED = re.compile(rf"{_NAME}(?:, {_NAME})+,? (?:and|or) {_NAME}")
_BETWEEN = re.compile(r",? (?:and|or) (?=(?:the )?[A-Z])|, ")

_MORE = Limits(sentences=2, belonging=0.0, of_best=0.0, beside=0.0)
"""How much more is said at a time: the next best, however likely."""

Ask = Callable[[Question], Answer]


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence of an answer, and its sources."""

    text: str
    citations: tuple[Citation, ...]


class Asides:
    """Answers messages about the conversation itself.

    Args:
        searcher: finds what else there is to say.
        reader: weighs it.
    """

    def __init__(self, searcher: Searcher, reader: EvidenceReader) -> None:
        self._searcher = searcher
        self._reader = reader

    def reply(self, question: Question, wish: Wish, ask: Ask) -> Answer | None:
        """Return what a message wishes of the last answer; None if that has no such item.

        `ask` answers a question; it is used where a turn does not hold its citations.
        """
        # An aside whose answer is not known any more is no answer to go by.
        history = question.history
        while history and not history[-1].citations and aside(history[-1].question):
            history = history[:-1]
        while wish == "item" and history and _gave_an_item(history[-1]):
            history = history[:-1]
        question = replace(question, history=history)
        if not question.history:
            return _line(question, "nothing_said")
        last = _again(question, ask)
        if wish == "item":
            return _item(question, last)
        if wish == "repeat" or last.refused:
            return last
        if wish == "shorter":
            return self._shorter(question, last)
        return self._more(question, _query(question.history))

    def _shorter(self, question: Question, last: Answer) -> Answer:
        """Return the sentence of the last answer that answers best by itself."""
        said = _statements(last)
        if len(said) < 2:
            return last
        text = " ".join(one.text for one in said)
        starts = [text.index(one.text) for one in said]
        spans = tuple((at, at + len(one.text)) for at, one in zip(starts, said, strict=True))
        query = _query(question.history)
        told = Told(last.citations[0].title, text, spans)
        (read,) = self._searcher.reader.read(Asked(query.text, query.focus), [told])
        worth = [sentence.evidence if sentence else -99.0 for sentence in read.sentences]
        return _only(last, said[worth.index(max(worth))])

    def _more(self, question: Question, query: Query) -> Answer:
        """Return the next best sentences of the cited articles that were not given yet."""
        found, evidence = self._unsaid(question, query)
        if not evidence:
            return _line(question, "no_more")
        return self._composed(question, found, evidence)

    def _unsaid(self, question: Question, query: Query) -> tuple[SearchResult, list[Evidence]]:
        """Search the articles that the last answers cited, and weigh what they did not quote."""
        cited: set[str] = set()
        for turn in reversed(question.history):
            cited |= set(turn.cited)
            if cited and not aside(turn.question):
                break
        found = self._searcher.search(query, only=question.scope, within=cited)
        answers = MARKER.sub("", " ".join(turn.answer for turn in question.history))
        texts = [answers[s.start : s.end] for s in split_sentences(answers)]
        evidence = [
            e
            for e in self._reader.weigh(found)
            if e.text not in answers and not any(same(e.text, text) for text in texts)
        ]
        return found, evidence

    def _composed(
        self, question: Question, found: SearchResult, evidence: Sequence[Evidence]
    ) -> Answer:
        composed = compose(choose(evidence, _MORE))
        return Answer(
            question=question.text,
            standalone_question=found.query.text,
            text=composed.text,
            citations=composed.citations,
            matches=tuple(found.matches),
        )


def _again(question: Question, ask: Ask) -> Answer:
    """Return the last answer: as its turn holds it, or asked for once more."""
    last = question.history[-1]
    if last.answer == line("not_answered"):
        return Answer(question.text, last.question, last.answer, refused=True, cause="not_answered")
    if last.citations:
        return Answer(question.text, last.question, last.answer, last.citations)
    answer = ask(replace(question, text=last.question, history=question.history[:-1]))
    return replace(answer, question=question.text)


def _query(history: Sequence[Turn]) -> Query:
    """Return the query of the last question that was asked of the archive."""
    at = max((n for n, turn in enumerate(history) if was_asked(turn)), default=0)
    return condense(history[at].in_full, history[:at])


def _statements(answer: Answer) -> list[_Said]:
    """Return the sentences of an answer with their sources."""
    sources = {citation.number: citation for citation in answer.citations}
    return [
        _Said(text, tuple(sources[int(n)] for n in MARKER.findall(marks) if int(n) in sources))
        for text, marks in _STATEMENT.findall(answer.text)
    ]


def _only(answer: Answer, said: _Said) -> Answer:
    """Return an answer of one of its sentences alone."""
    citations = tuple(replace(c, number=n) for n, c in enumerate(said.citations, start=1))
    marks = "".join(f"[{citation.number}]" for citation in citations)
    return replace(
        answer, text=f"{said.text} {marks}", citations=citations, answer_span=None, notice=""
    )


def _gave_an_item(turn: Turn) -> bool:
    return aside(turn.question) == "item" and turn.alone is not False


def _item(question: Question, last: Answer) -> Answer | None:
    """Return the item of the last answer that a message wishes, or None if it has none.

    After "when was the first truce?" the second is a truce, not part of an answer.
    """
    at = item_wished(question.text)
    if at is None or not set(ORDINALS).isdisjoint(words(question.history[-1].question)):
        return None
    items = _items(last)[at:][:1]
    return _only(last, items[0]) if items else None


def _items(answer: Answer) -> list[_Said]:
    """Return the items of a list, the stages of a timeline, or the names that are enumerated."""
    said = _statements(answer)
    lines = [
        _Said(line, one.citations) for one in said for line in _LISTED.findall(f"{one.text}\n")
    ]
    if lines or len(said) == answer.text.count("\n") + 1 > 1:
        return lines or said
    for one in said:
        if names := _ENUMERATED.search(one.text):
            return [_Said(name, one.citations) for name in _BETWEEN.split(names[0])]
    return []


def _line(question: Question, name: str) -> Answer:
    return Answer(question.text, question.text, line(name), refused=True, cause="aside")
