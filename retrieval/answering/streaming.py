"""Text as a model streams it -> complete sentences, each with its `[n]` markers."""

from __future__ import annotations

import re
from itertools import pairwise

from sentencex import segment

from retrieval.text.citation_markers import (
    CITATION,
    MARKER_OF_SEVERAL,
    RUN_OF_CITATIONS,
    plain_markers,
)

_LANGUAGE = "en"

MARKERS = re.compile(rf"\s*(?:{MARKER_OF_SEVERAL.pattern}\s*)+")
"""A run of markers such as `[1]`, `[1][2]` or `[1, 2]`, with the white space around it."""

_FIRST_WORD = re.compile(
    r"[^\w\[［【(（<]*"
    r"(?:\w[\w.'’-]*\s|[(（][^)）]*[)）].|[\[［【][^\]］】]*[\]］】]+[^\]］】(]|<[^<>]*>[^<]*<[^<>]*>)"
)
"""The next sentence's first word, or a bracket that is closed: one that is open may yet cite."""

_LIST_MARK = re.compile(r"\s*(?:[-*+•]\s+|#{1,6}\s+|>\s+|\d{1,2}[.)]\s+)+")
_EMPHASIS = re.compile(r"\*\*|__|`+|(?<!\w)\*(?=\w)|(?<=[\w.,!?])\*(?!\w)")
_LISTED = r"(?:sources?|references?|citations?|footnotes?|works cited|sources? (?:cited|used))"
_LIST_HEADING = re.compile(
    rf"\W*{_LISTED}\W*(?:\Z|(?<=:)\W*(?={CITATION.pattern}))|\s*{CITATION.pattern}:", re.I
)
"""The start of a line that lists sources, and says nothing itself."""

_MAYBE_LIST = re.compile(rf"\W*{_LISTED}\W*(?::|\Z)|\s*{CITATION.pattern}\s*(?::|\Z)", re.I)
_LISTED_SOURCE = re.compile(
    rf"\s*(?:[-*+•]\s+|\d{{1,2}}[.)]\s+|(?:[-*+•]\s+)?{CITATION.pattern})", re.I
)
_HIGH_SURROGATE = re.compile("[\ud800-\udbff]\\Z")
_ENDED = re.compile(rf"(?:[.!?…:][\"”’')]*|{CITATION.pattern})\Z", re.IGNORECASE)


class SentenceStream:
    """Collects pieces of text, cut anywhere, and gives back sentences as they are complete.

    However a text is cut into pieces, the same sentences come out. A line's end ends a sentence;
    Markdown's marks of lists, headings and emphasis are left out, and so is a list of sources.
    """

    def __init__(self) -> None:
        self._pending = ""
        self._listing = False

    def feed(self, piece: str) -> list[str]:
        """Take in a piece of the stream and return the sentences that it completes."""
        self._pending += piece
        held = _HIGH_SURROGATE.search(self._pending)
        text = _paired(self._pending[: held.start()] if held else self._pending)
        *lines, rest = text.split("\n")
        found = [s for line in lines for s in self._line(line)]
        pieces = [rest]
        # The segmenter looks at the word after a full stop to tell an end from an abbreviation,
        # and a marker may yet follow: a sentence is over when the next one's first word is.
        if not self._listing and not _MAYBE_LIST.match(rest):
            pieces = _sentences(rest)
            while len(pieces) > 1 and _FIRST_WORD.match("".join(pieces[1:])):
                found.append(pieces.pop(0))
        self._pending = "".join(pieces) + (held.group() if held else "")
        return _said(found)

    def finish(self, *, cut: bool = False) -> list[str]:
        """Return the sentences left at the end; if the text was `cut`, not an unfinished one."""
        pieces, self._pending = self._line(_paired(self._pending)), ""
        if cut and pieces and not _ENDED.search(pieces[-1].rstrip()):
            pieces.pop()
        return _said(pieces)

    def _line(self, line: str) -> list[str]:
        """Return the sentences of a whole line; one of a list of sources has none."""
        heading = _LIST_HEADING.match(line)
        self._listing = bool(heading) or (
            self._listing and (not line.strip() or bool(_LISTED_SOURCE.match(line)))
        )
        return [] if self._listing else _sentences(line)


def _paired(text: str) -> str:
    """Return a text in which pairs of surrogates are joined into the characters they encode."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _sentences(line: str) -> list[str]:
    """Split a line into sentences; a marker stays with the one before it.

    The segmenter is shown the line without its list marks and markers, which would confuse it.
    """
    head = _LIST_MARK.match(line)
    start = head.end() if head else 0
    shown, origins = _unmarked(line, start)
    cuts, at = [0], 0
    for piece in segment(_LANGUAGE, shown) if shown.strip() else []:
        at += len(piece)
        after = at + len(shown[at:]) - len(shown[at:].lstrip())
        if cuts[-1] < (origin := origins[after] if after < len(origins) else len(line)):
            cuts.append(origin)
    if cuts[-1] < len(line):
        cuts.append(len(line))
    return [line[a:b] for a, b in pairwise(cuts)]


def _unmarked(line: str, start: int) -> tuple[str, list[int]]:
    """Blank the markers of a line; return it with the place of each character."""
    text, at = "", start
    origins: list[int] = []
    for run in RUN_OF_CITATIONS.finditer(line, start):
        text += line[at : run.start()]
        origins += range(at, run.start())
        if line[run.end() : run.end() + 1] not in set(".,;:!?"):
            text += " "
            origins.append(run.start())
        at = run.end()
    return text + line[at:], [*origins, *range(at, len(line))]


def _said(pieces: list[str]) -> list[str]:
    """Pieces as plain sentences; those that are nothing but marks are left out."""
    sentences = map(_plain, pieces)
    return [s for s in sentences if re.search(r"\w", MARKERS.sub(" ", s))]


def _plain(sentence: str) -> str:
    """Return a sentence without Markdown's marks, its markers written `[n]`."""
    sentence = plain_markers(sentence)
    sentence = _EMPHASIS.sub("", re.sub(rf"\A{_LIST_MARK.pattern}", "", sentence))
    return " ".join(sentence.split())
