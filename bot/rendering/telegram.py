"""Answer -> what a Telegram chat shows: texts with entities, never a parse mode. Pure.

Texts of models, articles and users go in as they are written: an entity marks a range of a text,
so nothing in the text can be taken for markup. Telegram counts in UTF-16 code units; here
offsets are code points until the last step.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate

import regex
from telegram import MessageEntity
from telegram.constants import MessageEntityType, MessageLimit

from bot.rendering.terminal import by_article, dateline, day, link, paragraph_around, printable
from retrieval.answers import Answer, Citation, Draft

LONGEST = int(MessageLimit.MAX_TEXT_LENGTH)
MOST_ENTITIES = int(MessageLimit.MESSAGE_ENTITIES)
_CONTEXT = 700
"""Code points shown before and after a quote; a screen or two."""

_CITED = re.compile(r"\[(\d+)\]")
_ADDRESS = re.compile(r"https?://\S+", re.I)
_GRAPHEME = regex.compile(r"\X")
_BREAKS = (
    re.compile(r"\n\s*\n\s*"),
    re.compile(r"\n\s*"),
    re.compile(r"(?<=[.!?…\]”\"])\s+"),
    re.compile(r"\s+"),
)
# What Telegram drops or refuses (controls, lone surrogates), and what turns a line of text round.
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A range of a text, in code points, and how it is shown."""

    start: int
    end: int
    kind: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One message: a text within Telegram's limits, and its entities (UTF-16 offsets)."""

    text: str
    entities: tuple[MessageEntity, ...] = ()


@dataclass(slots=True)
class _Page:
    """A text in the making."""

    text: str = ""
    marks: list[Mark] = field(default_factory=list)

    def add(self, text: str, kind: str = "", url: str | None = None) -> None:
        start = len(self.text)
        self.text += text
        if kind and text:
            self.marks.append(Mark(start, len(self.text), kind, url))

    def add_cited(self, text: str, urls: dict[str, str]) -> None:
        """A text whose `[n]` become links where source n has an address."""
        at = 0
        for match in _CITED.finditer(text):
            if url := urls.get(match[1]):
                self.add(text[at : match.start()])
                self.add(match[0], MessageEntityType.TEXT_LINK, url)
                at = match.end()
        self.add(text[at:])


def answer_messages(answer: Answer, me: str) -> list[Shown]:
    """An answer and its sources with outlet and date, or a refusal and the nearest articles.

    `me` is the bot's username: a source without a public address is shown by the bot itself.
    """
    page = _Page()
    page.add_cited(sendable(answer.text), _urls(answer.citations, me))
    if answer.citations:
        page.add("\n\n")
        page.add("Sources", MessageEntityType.BOLD)
    for citations in by_article(answer.citations):
        _add_source(page, citations, me)
    if answer.nearest:
        page.add("\n\n")
        page.add("Nearest articles", MessageEntityType.BOLD)
        for title in answer.nearest:
            page.add(f"\n• {_line(title)}")
    if answer.notice:
        page.add("\n\n")
        page.add(_line(answer.notice), MessageEntityType.ITALIC)
    return split(page.text, page.marks)


def draft_message(draft: Draft, me: str) -> Shown:
    """The end of an answer in the making: as much as fits into one message."""
    page = _Page()
    page.add_cited(sendable(draft.text), _urls(draft.citations, me))
    return split(page.text, page.marks)[-1]


def quote_message(citation: Citation, body: str) -> list[Shown]:
    """A source, and its quote in the paragraph it stands in, to be unfolded.

    `body` is the article's as it is now; where the quote has gone from it, it stands alone.
    """
    before, after = paragraph_around(citation, body)
    page = _Page()
    if citation.number:
        page.add(f"[{citation.number}] ")
    url = _public_url(citation)
    kind = MessageEntityType.TEXT_LINK if url else MessageEntityType.BOLD
    page.add(_line(citation.title) or "Untitled", kind, url or None)
    if about := dateline(citation.source, citation.published):
        page.add(f"\n{_line(about)}")
    page.add("\n")
    start = len(page.text)
    page.add(("…" if len(before) > _CONTEXT else "") + sendable(before[-_CONTEXT:]))
    page.add(sendable(citation.quote), MessageEntityType.BOLD)
    page.add(sendable(after[:_CONTEXT]) + ("…" if len(after) > _CONTEXT else ""))
    page.marks.append(Mark(start, len(page.text), MessageEntityType.EXPANDABLE_BLOCKQUOTE))
    return split(page.text, page.marks)


def coverage_message(
    articles: int, earliest: date | None, latest: date | None, newest: Sequence[tuple[str, str]]
) -> list[Shown]:
    """What the archive covers; `newest` are titles and datelines."""
    if not articles:
        return plain("The archive is empty so far.")
    page = _Page()
    count = "1 article" if articles == 1 else f"{articles:,} articles"
    page.add(f"The archive holds {count}")
    if earliest and latest:
        page.add(f", from {day(earliest)} to {day(latest)}")
    page.add(".\n\n")
    page.add("The newest", MessageEntityType.BOLD)
    for title, about in newest:
        page.add(f"\n• {_line(title)}" + (f" — {_line(about)}" if about else ""))
    return split(page.text, page.marks)


def plain(text: str) -> list[Shown]:
    """A text of our own or somebody's, unmarked, in as many messages as it takes."""
    return split(sendable(text), ())


def sendable(text: str) -> str:
    """A text as written, without what Telegram would drop or refuse."""
    return _UNSENDABLE.sub("", text)


def units(text: str) -> int:
    """The length of a text as Telegram counts it: UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def split(
    text: str, marks: Sequence[Mark], longest: int = LONGEST, most: int = MOST_ENTITIES
) -> list[Shown]:
    """A text in order in as few messages as needed, none of them blank.

    A message ends at a paragraph, line, sentence or word, whichever can be had in its second
    half; never inside a citation, an address, a link or a grapheme (an emoji is one), unless
    that alone is longer than a message.
    """
    whole = _whole(text, marks)
    width = [0, *accumulate(2 if character > "\uffff" else 1 for character in text)]
    shown: list[Shown] = []
    start = 0
    while start < len(text):
        end = _reach(width, start, longest)
        inside = sorted(m.start for m in marks if m.end > start)
        if len(inside) > most and inside[most] < end:
            end = max(inside[most], start + 1)
        if end < len(text):
            end = _best_break(text, start, end, whole)
        if message := _message(text, marks, start, end):
            shown.append(message)
        start = end
    return shown


def _reach(width: list[int], start: int, longest: int) -> int:
    """The furthest offset within so many units of the start."""
    end = start
    while end + 1 < len(width) and width[end + 1] - width[start] <= longest:
        end += 1
    return end


def _whole(text: str, marks: Sequence[Mark]) -> set[int]:
    """The offsets at which a text must not be cut."""
    ranges = [match.span() for match in _GRAPHEME.finditer(text) if len(match[0]) > 1]
    ranges += [match.span() for match in _ADDRESS.finditer(text)]
    ranges += [match.span() for match in re.finditer(r"\s*(?:\[\d+\])+", text)]
    ranges += [(m.start, m.end) for m in marks if m.kind == MessageEntityType.TEXT_LINK]
    return {at for start, end in ranges for at in range(start + 1, end)} | {
        match.start() for match in re.finditer(r"\s*\[\d+\]", text)
    }


def _best_break(text: str, start: int, end: int, whole: set[int]) -> int:
    middle = (start + end) // 2
    for pattern in _BREAKS:
        found = [m.start() for m in pattern.finditer(text, middle, end + 1)]
        usable = [at for at in found if start < at <= end and at not in whole]
        if usable:
            return usable[-1]
    return next((at for at in range(end, start, -1) if at not in whole), end)


def _message(text: str, marks: Sequence[Mark], start: int, end: int) -> Shown | None:
    part = text[start:end]
    start += len(part) - len(part.lstrip())
    part = part.strip()
    if not part:
        return None
    end = start + len(part)
    entities = []
    for mark in sorted(marks, key=lambda m: (m.start, -m.end)):
        first, last = max(mark.start, start), min(mark.end, end)
        if first < last:
            entities.append(
                MessageEntity(
                    mark.kind, units(text[start:first]), units(text[first:last]), url=mark.url
                )
            )
    return Shown(part, tuple(entities))


def _add_source(page: _Page, citations: Sequence[Citation], me: str) -> None:
    """A line: the numbers of the citations of one article, its title, outlet and date."""
    first = citations[0]
    page.add("\n")
    for citation in citations:
        page.add_cited(f"[{citation.number}]", _urls(citations, me))
    page.add(f" {_line(first.title) or 'Untitled'}")
    if about := dateline(first.source, first.published):
        page.add(f" — {_line(about)}", MessageEntityType.ITALIC)


def _urls(citations: Sequence[Citation], me: str) -> dict[str, str]:
    return {str(c.number): _public_url(c) or source_link(c, me) for c in citations}


def _public_url(citation: Citation) -> str:
    """The public address of a source, or nothing: a file of the owner's is nobody's business."""
    for address in (citation.url, citation.uri):
        if re.match(r"(?i)https?://", address):
            return link(address, "")
    return ""


def source_link(citation: Citation, me: str) -> str:
    """A link that has the bot show a quote; it says where in the archive, not who asked what."""
    return f"https://t.me/{me}?start=s_{citation.article_id}_{citation.start}_{citation.end}"


def _line(text: str) -> str:
    return " ".join(printable(text).split())
