"""Leaves out what a model thinks before it answers, where the server sends it as text."""

from __future__ import annotations

import re

from retrieval.text.citation_markers import CITATION

_NAMES = r"(?:think(?:ing)?|thoughts?|reason(?:ing)?|reflection)"
_OPENING = re.compile(rf"\s*(?:<{_NAMES}>|\[{_NAMES}\])", re.I)
_CLOSING = re.compile(rf"(?:</{_NAMES}>|\[/{_NAMES}\])\s*", re.I)
_LONGEST_TAG = 14
_FIRST_SENTENCE = 600
"""Code points within which the first sentence of an answer cites its source."""

_SENTENCE_END = re.compile(r"(?<=[a-z\d)\]][a-z\d)\]])[.!?…][\"”’)]*\s+(?=\S)|(?<!:)\n")


class Thoughts:
    """Separates a streamed reply from the thoughts before it, as `<think>…</think>` marks them.

    Some servers leave out the opening tag. So the text is held back until its first sentence cites
    a passage, as an answer does and a thought hardly ever; where it cites none, to the end.
    """

    def __init__(self) -> None:
        self._held = ""
        self._answering = False
        self.found = False
        """Whether the reply had thoughts."""

    def feed(self, piece: str) -> str:
        """Take in a piece of the reply; return what can be shown of it and of what was held."""
        if self._answering:
            return piece
        self._held += piece
        tail = max(0, len(self._held) - len(piece) - _LONGEST_TAG)
        if closing := _CLOSING.search(self._held, tail):
            self.found = self._answering = True
            self._held = self._held[closing.end() :]
        elif _OPENING.match(self._held):
            self.found = True
        elif len(self._held) <= _FIRST_SENTENCE:
            self._answering = _cites_at_once(self._held)
        return self._take() if self._answering else ""

    def finish(self, *, cut: bool = False) -> str:
        """Return what was held back at the end of a reply; a thought without an end is none.

        A long reply that was `cut` at its limit and cites nothing may be a thought too.
        """
        unended = self.found or (cut and len(self._held) > _FIRST_SENTENCE)
        return "" if unended and not self._answering else self._take()

    def _take(self) -> str:
        shown, self._held = self._held, ""
        return shown


def _cites_at_once(text: str) -> bool:
    """Return whether the first sentence of a text cites a passage, and the citation is over."""
    cited = CITATION.search(text)
    if cited is None or cited.end() == len(text):
        return False
    return not _SENTENCE_END.search(text[: cited.start()].rstrip())
