"""Finds the passages for some words and answers nothing: what a search shows."""

from __future__ import annotations

from dataclasses import dataclass

from prompts import line
from retrieval.answering.citing import cite
from retrieval.answering.outlets import carried
from retrieval.answers import Citation, Question
from retrieval.archive.filters import Filters
from retrieval.archive.passages import Match
from retrieval.search.condense import Query
from retrieval.search.marking import Marks, looked_for, marks
from retrieval.search.searcher import Searcher
from retrieval.search.spelling import Speller
from retrieval.search.syntax import written


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, and the source that it is: with its page and its other outlets.

    `marks` are where the words looked for stand in the passage's text, `title_marks` in the title.
    """

    match: Match
    source: Citation
    marks: Marks
    title_marks: Marks = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, best first; `query` is its words as they were read.

    `notice` is a line for the reader: what misspelt words were taken for, say, or why there is
    nothing.
    """

    query: str
    filters: Filters
    hits: tuple[Hit, ...] = ()
    notice: str = ""


class Finder:
    """Finds passages of one archive. Thread-safe."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._speller = Speller(searcher.catalog, searcher.embedded.knows)

    def find(self, question: Question, limit: int = 10) -> Found:
        """Return the passages that match the words of a question best, within its filters.

        Raises:
            ArchiveError: the archive cannot be used; says what to do.
        """
        catalog = self._searcher.catalog
        if catalog.is_empty():
            return Found(question.text, question.filters, notice=line("empty_archive"))
        spelt = self._speller.read(question.text, question.filters.phrases)
        found = self._searcher.search(Query(spelt.text), limit, only=question.scope)
        terms = looked_for(found.terms, question.filters)
        sources = [
            cite(number, m.article, m.passage, m.passage.start, m.passage.end)
            for number, m in enumerate(found.matches, 1)
        ]
        hits = tuple(
            Hit(match, source, marks(source.quote, terms), marks(source.title, terms))
            for match, source in zip(
                found.matches, carried(sources, catalog, question.as_of), strict=True
            )
        )
        notices = [spelt.taken_as, line(found.words_only) if found.words_only else ""]
        if not hits:
            notices.append(line("nothing_found"))
            if question.scope:
                notices.append(" ".join((line("nothing_passes"), written(question.scope))))
        elif not any(hit.marks or hit.title_marks for hit in hits):
            notices.append(line("nearest_in_meaning"))
        return Found(spelt.text, question.filters, hits, " ".join(filter(None, notices)))
