"""Answers and refusals as a reader gets them, with the notices beneath."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from prompts import line
from retrieval.answering.read import Read
from retrieval.answers import Answer, Citation, Question
from retrieval.archive.passages import Match
from retrieval.search.condense import Query
from retrieval.search.searcher import SearchResult
from retrieval.search.syntax import written
from retrieval.stopwatch import Stopwatch


def answered(read: Read, text: str, citations: tuple[Citation, ...]) -> Answer:
    """Return an answer to a question that has been read."""
    return Answer(
        question=read.question.text,
        standalone_question=read.query.text,
        text=text,
        citations=citations,
        matches=tuple(read.found.matches),
        timings_ms=read.watch.laps(),
        evidence=read.chance,
        notice=notice_of(read.found),
    )


def notice_of(found: SearchResult) -> str:
    """Return what a reader is told of a search, if that was by words alone."""
    return line(found.words_only) if found.words_only else ""


def left_out(count: int) -> str:
    """Return what a reader is told of the sentences that the check removed."""
    if not count:
        return ""
    return line("left_out_one" if count == 1 else "left_out_some")


def as_typed(answer: Answer, question: Question, taken_as: str) -> Answer:
    """Return the answer to a question as it was typed, with how that was read and narrowed."""
    filtered = ""
    if question.filters:
        said = line("filter_stands" if answer.refused else "filtered")
        filtered = f"{said} {written(question.filters)}"
    notice = joined(taken_as, answer.notice, filtered)
    return replace(answer, question=question.text, notice=notice)


def joined(*notices: str) -> str:
    """Return some notices as one, but for empty ones."""
    return " ".join(filter(None, notices))


def refusal(
    question: Question,
    query: Query,
    text: str,
    watch: Stopwatch,
    cause: str,
    matches: Sequence[Match] = (),
    nearest: int = 0,
) -> Answer:
    """Return no answer: one line, and the titles of the `nearest` articles that were found."""
    titles = dict.fromkeys(match.article.title for match in matches)
    return Answer(
        question=question.text,
        standalone_question=query.text,
        text=text,
        refused=True,
        cause=cause,
        nearest=tuple(titles)[:nearest],
        matches=tuple(matches),
        timings_ms=watch.laps(),
    )
