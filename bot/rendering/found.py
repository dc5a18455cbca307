"""Renders what a search found, with the words that were looked for marked."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Group, RenderableType
from rich.text import Text

from bot.rendering.terminal import Hanging, printable, source_view, with_marks
from retrieval.finding import Hit
from retrieval.search.marking import Marks
from retrieval.text.sentences import sentences_within

_ROOM = 360
"""Code points of a passage that are shown: some four lines of a terminal."""


def found_view(hits: Iterable[Hit], *, linked: bool) -> Group:
    """Render passages that were found: title, outlet and date, where it is, and the words."""
    parts: list[RenderableType] = []
    for hit in hits:
        if parts:
            parts.append("")
        quote = hit.source.quote
        parts += source_view([hit.source], quote, linked=linked, marks=hit.title_marks)
        indent = Text(" " * len(f"[{hit.source.number}] "))
        shown = _excerpt_view(quote, hit.marks)
        parts += [Hanging(indent, line) for line in shown.split("\n") if line]
    return Group(*parts)


def _excerpt_view(text: str, marks: Marks) -> Text:
    start, end = excerpt(text, marks)
    shown = with_marks(Text(printable(text)), text, marks)
    if shown.plain != text:  # else the offsets are of other characters
        return shown
    return Text.assemble("…" if start else "", shown[start:end], "…" if end < len(text) else "")


def excerpt(text: str, marks: Marks, room: int = _ROOM) -> tuple[int, int]:
    """Return where in a passage the part is that shows most of its marks, (start, end).

    A short passage is shown whole; of a long one whole sentences that fit into the room in code
    points. A sentence that does not is cut between words.
    """
    if len(text) <= room:
        return 0, len(text)
    spans = [(s.start, s.end) for s in sentences_within(text, 0, len(text))] or [(0, len(text))]
    windows = []
    for first, (start, _) in enumerate(spans):
        fitting = [end for _, end in spans[first:] if end - start <= room]
        windows.append((start, fitting[-1] if fitting else spans[first][1]))
    best = max(windows, key=lambda window: _worth(text, marks, *window))
    return best if best[1] - best[0] <= room else _cut(text, marks, *best, room)


def _worth(text: str, marks: Marks, start: int, end: int) -> tuple[int, int]:
    """Return how many different words are marked in a part of a text, and how many in all."""
    within = [text[a:b].casefold() for a, b in marks if start <= a and b <= end]
    return len(set(within)), len(within)


def _cut(text: str, marks: Marks, start: int, end: int, room: int) -> tuple[int, int]:
    """Return the part of a long sentence that begins a little before its first mark."""
    first = next((a for a, _ in marks if start <= a < end), start)
    begin = max(start, min(first - room // 4, end - room))
    if begin > start:
        begin = text.find(" ", begin, first) + 1 or begin
    stop = min(begin + room, end)
    if stop < end:
        stop = text.rfind(" ", first + 1, stop) if " " in text[first + 1 : stop] else stop
    return begin, stop
