"""Answers what is asked of a name alone, or of an office, from the sentences that tell of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from retrieval.answering.context import needs_context
from retrieval.answering.evidence import Evidence, EvidenceReader
from retrieval.answering.name_questions import OFF_IT, Wish, resolved, wish
from retrieval.answering.offices import Office, office_asked
from retrieval.answering.read import Read
from retrieval.archive.filters import Filters
from retrieval.archive.passages import titled
from retrieval.search.condense import Query
from retrieval.search.searcher import merged

_SURE = 0.8
"""How probable an answer is that stands, where its best sentence has the name that is asked of."""

_TELLS_OF_IT = 0.9
"""How surely a sentence that introduces somebody says who it is."""

_UNLIKELY = 0.1
"""How likely at most an answer is about a name that is not in the archive, or what its bearer said
on a matter where nothing that they said is near it."""


class Names:
    """Looks again for what tells of a name, in the passages that have it.

    Args:
        reader: compares sentences with a matter.
        within: reads a question once more, in passages that pass some filters.
    """

    def __init__(self, reader: EvidenceReader, within: Callable[[Read, Filters], Read]) -> None:
        self._reader = reader
        self._within = within

    @staticmethod
    def asks_what_was_said(query: Query) -> bool:
        """Return whether a question asks what somebody said, whatever else it looks like."""
        asked = wish(_asked(query))
        return asked is not None and asked.said

    def told(self, read: Read) -> Read:
        """Return what was read for a question.

        If it asks of a name alone, what tells of that takes the place of the rest, and where
        nothing does an answer is unlikely.
        """
        text = _asked(read.query)
        if office := office_asked(text):
            return self._of_an_office(read, office)
        asked = wish(text)
        return self._of_a_name(read, asked) if asked else read

    def _of_an_office(self, read: Read, office: Office) -> Read:
        there = self._within(read, Filters(phrases=(office.role,)))
        held = [e for e in there.evidence if office.is_held(e.text)]
        if held:
            return _with(read, there, held)
        return _unlikely(read) if office.is_another(_best(read)) else read

    def _of_a_name(self, read: Read, asked: Wish) -> Read:
        if self._stands(read, asked):
            return read
        there = self._within(read, Filters(phrases=(asked.name,)))
        telling = [e for e in there.evidence if asked.is_met_by(e.article, e.sentence)]
        if not telling:
            passages = (titled(m.article.title, m.passage.text) for m in read.found.matches)
            return _unlikely(read) if asked.is_in_vain(_best(read), passages) else read
        if asked.matter:
            telling, nearest = self._on_matter(telling, asked)
            if not telling:
                return _unlikely(read) if nearest < OFF_IT else read
        return _with(read, there, telling)

    def _stands(self, read: Read, asked: Wish) -> bool:
        """Return whether what was read for a question surely tells of the name that it asks of."""
        if read.chance < _SURE or not asked.is_told_by(_best(read)):
            return False
        return not asked.matter or bool(self._on_matter(read.evidence[:1], asked)[0])

    def _on_matter(self, told: Sequence[Evidence], asked: Wish) -> tuple[list[Evidence], float]:
        """Return what is on the matter that is asked for, and how near to it the nearest is."""
        near = self._reader.likenesses(asked.matter, [e.text for e in told])
        on_it = [
            e
            for e, likeness in zip(told, near, strict=True)
            if asked.is_on_its_matter(titled(e.article.title, e.text), likeness)
        ]
        return on_it, max(near)


def _asked(query: Query) -> str:
    """Return what is asked, with the name that it leaves to what was asked before."""
    return resolved(query.text[query.focus :], query.text[: query.focus])


def _best(read: Read) -> str:
    return read.evidence[0].text if read.evidence else ""


def _unlikely(read: Read) -> Read:
    return replace(read, chance=min(read.chance, _UNLIKELY))


def _with(read: Read, there: Read, telling: Sequence[Evidence]) -> Read:
    """Return a question read once more, with what tells of a name: the clear sentences first."""
    return replace(
        there,
        found=merged(there.found, [read.found]),
        evidence=sorted(telling, key=lambda e: needs_context(e.text)),
        chance=max(read.chance, there.chance, _TELLS_OF_IT),
    )
