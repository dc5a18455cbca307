"""Renders answers as Telegram messages: plain text with entities, never a parse mode.

An entity marks a range of the text as bold, a link and so on, so no text of a model, an article
or a user can be taken for markup. Telegram counts offsets in UTF-16 code units; here they are
code points until the last step. See "MessageEntity" in the Bot API.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate

import regex
from telegram import MessageEntity
from telegram.constants import MessageEntityType, MessageLimit

from bot.rendering.links import marked
from bot.rendering.terminal import (
    also_in,
    by_article,
    link,
    paragraph_around,
    printable,
    whereabouts,
)
from corpus.dates import in_words
from retrieval.answers import Answer, Citation, Draft
from retrieval.text.citation_markers import MARKER

LONGEST = int(MessageLimit.MAX_TEXT_LENGTH)
MOST_ENTITIES = int(MessageLimit.MESSAGE_ENTITIES)
_CONTEXT = 700
"""The most code points of context before a quote, and after it; a screen or two."""

_ADDRESS = re.compile(r"https?://\S+", re.I)
_GRAPHEME = regex.compile(r"\X")
_BREAKS = (
    re.compile(r"\n\s*\n\s*"),
    re.compile(r"\n\s*"),
    re.compile(r"(?<=[.!?…\]”\"])\s+"),
    re.compile(r"\s+"),
)
# Telegram drops or refuses control characters and lone surrogates; direction marks would turn
# the rest of a line round.
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Mark:
    """Formatting of a range of text, in code points; `kind` is a MessageEntity type."""

    start: int
    end: int
    kind: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """One message: text within Telegram's limits, and its entities (UTF-16 offsets)."""

    text: str
    entities: tuple[MessageEntity, ...] = ()


@dataclass(slots=True)
class Page:
    """Collects text and its formatting."""

    text: str = ""
    marks: list[Mark] = field(default_factory=list)

    def add(self, text: str, kind: str = "", url: str | None = None) -> None:
        """Add text, as an entity of a kind if one is given."""
        start = len(self.text)
        self.text += text
        if kind and text:
            self.marks.append(Mark(start, len(self.text), kind, url))

    @contextmanager
    def within(self, kind: str) -> Iterator[None]:
        """Make one entity of all that is added in the context."""
        start = len(self.text)
        yield
        self.marks.append(Mark(start, len(self.text), kind))

    def add_cited(self, text: str, urls: dict[str, str]) -> None:
        """Add text; each `[n]` becomes a link if `urls` has an address for "n"."""
        at = 0
        for match in MARKER.finditer(text):
            if url := urls.get(match[1]):
                self.add(text[at : match.start()])
                self.add(match[0], MessageEntityType.TEXT_LINK, url)
                at = match.end()
        self.add(text[at:])


def answer_messages(answer: Answer, me: str) -> list[Shown]:
    """Render an answer with its sources, or a refusal with the nearest articles.

    `me` is the bot's username. A source without a public address gets a link that opens the bot,
    which then shows the quote.
    """
    page = Page()
    urls = _urls(answer.citations, me)
    start, end = answer.answer_span or (len(answer.text), len(answer.text))
    page.add_cited(sendable(answer.text[:start]), urls)
    page.add(sendable(answer.text[start:end]), MessageEntityType.BOLD)
    page.add_cited(sendable(answer.text[end:]), urls)
    if answer.citations:
        page.add("\n\n")
        page.add("Sources", MessageEntityType.BOLD)
    for citations in by_article(answer.citations):
        _add_source(page, citations, me)
    if answer.nearest:
        page.add("\n\n")
        page.add("Nearest articles", MessageEntityType.BOLD)
        for title in answer.nearest:
            page.add(f"\n• {one_line(title)}")
    if answer.notice:
        page.add("\n\n")
        page.add(one_line(answer.notice), MessageEntityType.ITALIC)
    return split(page.text, page.marks)


def draft_message(draft: Draft, me: str) -> Shown:
    """Render a draft as one message; of a longer draft, only the end is shown."""
    page = Page()
    page.add_cited(sendable(draft.text), _urls(draft.citations, me))
    return split(page.text, page.marks)[-1]


def quote_message(citation: Citation, body: str) -> list[Shown]:
    """Render a source, with its quote in bold inside its paragraph, as an expandable block quote.

    `body` is the article's current text. If the quote is no longer in it, the quote is shown
    without its paragraph.
    """
    before, after = paragraph_around(citation, body)
    page = Page()
    if citation.number:
        page.add(f"[{citation.number}] ")
    url = public_url(citation)
    kind = MessageEntityType.TEXT_LINK if url else MessageEntityType.BOLD
    page.add(one_line(citation.title) or "Untitled", kind, url or None)
    if about := whereabouts(citation):
        page.add(f"\n{one_line(about)}")
    page.add("\n")
    with page.within(MessageEntityType.EXPANDABLE_BLOCKQUOTE):
        page.add(("…" if len(before) > _CONTEXT else "") + sendable(before[-_CONTEXT:]))
        page.add(sendable(citation.quote), MessageEntityType.BOLD)
        page.add(sendable(after[:_CONTEXT]) + ("…" if len(after) > _CONTEXT else ""))
    return split(page.text, page.marks)


def coverage_message(
    articles: int, earliest: date | None, latest: date | None, newest: Sequence[tuple[str, str]]
) -> list[Shown]:
    """Render a summary of the archive; `newest` holds (title, dateline) pairs."""
    if not articles:
        return plain("The archive is empty so far.")
    page = Page()
    count = "1 article" if articles == 1 else f"{articles:,} articles"
    page.add(f"The archive holds {count}")
    if earliest and latest:
        page.add(f", from {in_words(earliest)} to {in_words(latest)}")
    page.add(".\n\n")
    page.add("The newest", MessageEntityType.BOLD)
    for title, about in newest:
        page.add(f"\n• {one_line(title)}" + (f" — {one_line(about)}" if about else ""))
    return split(page.text, page.marks)


def plain(text: str) -> list[Shown]:
    """Render text without formatting, in as many messages as it takes."""
    return split(sendable(text), ())


def sendable(text: str) -> str:
    """Remove the characters that Telegram drops or refuses."""
    return _UNSENDABLE.sub("", text)


def units(text: str) -> int:
    """Return the length of a text in UTF-16 code units, as Telegram counts it."""
    return len(text) + sum(character > "\uffff" for character in text)


def split(
    text: str, marks: Sequence[Mark], longest: int = LONGEST, most: int = MOST_ENTITIES
) -> list[Shown]:
    """Split a text into messages that are within Telegram's limits and not blank.

    A message ends where a paragraph, else a line, a sentence or a word ends in its second half.
    It never ends inside a citation, an address, a link or a grapheme such as an emoji, unless
    that alone is longer than a message.

    Args:
        text: the whole text.
        marks: its formatting, in code points of `text`.
        longest: the most UTF-16 code units in a message.
        most: the most entities in a message.
    """
    whole, before_marker = _whole(text, marks)
    width = [0, *accumulate(2 if character > "\uffff" else 1 for character in text)]
    shown: list[Shown] = []
    start = 0
    while start < len(text):
        end = _reach(width, start, longest)
        inside = sorted(m.start for m in marks if m.end > start)
        if len(inside) > most and inside[most] < end:
            end = max(inside[most], start + 1)
        if end < len(text):
            end = _best_break(text, start, end, whole, before_marker)
        if message := _message(text, marks, start, end):
            shown.append(message)
        start = end
    return shown


def _reach(width: list[int], start: int, longest: int) -> int:
    """Return the furthest offset that is at most `longest` UTF-16 units after `start`."""
    end = start
    while end + 1 < len(width) and width[end + 1] - width[start] <= longest:
        end += 1
    return end


def _whole(text: str, marks: Sequence[Mark]) -> tuple[set[int], set[int]]:
    """Return the offsets at which the text must not be split, and those before a citation.

    At the latter a text is split where it would else be split inside a citation: markers in a row
    can be longer than a message.
    """
    ranges = [match.span() for match in _GRAPHEME.finditer(text) if len(match[0]) > 1]
    ranges += [match.span() for match in _ADDRESS.finditer(text)]
    ranges += [match.span() for match in re.finditer(rf"\s*(?:{MARKER.pattern})+", text)]
    ranges += [(m.start, m.end) for m in marks if m.kind == MessageEntityType.TEXT_LINK]
    before_marker = {match.start() for match in re.finditer(rf"\s*{MARKER.pattern}", text)}
    inside = {at for start, end in ranges for at in range(start + 1, end)}
    return inside | before_marker, before_marker


def _best_break(text: str, start: int, end: int, whole: set[int], before_marker: set[int]) -> int:
    middle = (start + end) // 2
    for pattern in _BREAKS:
        found = [m.start() for m in pattern.finditer(text, middle, end + 1)]
        usable = [at for at in found if start < at <= end and at not in whole]
        if usable:
            return usable[-1]
    for allowed in (lambda at: at not in whole, lambda at: at in before_marker):
        if (last := next(filter(allowed, range(end, start, -1)), None)) is not None:
            return last
    return end


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


def _add_source(page: Page, citations: Sequence[Citation], me: str) -> None:
    """Add the line of one article: its citations' numbers, title, outlet and date."""
    first = citations[0]
    page.add("\n")
    for citation in citations:
        page.add_cited(f"[{citation.number}]", _urls(citations, me))
    page.add(f" {one_line(first.title) or 'Untitled'}")
    if about := whereabouts(*citations):
        page.add(f" — {one_line(about)}", MessageEntityType.ITALIC)
    if also := also_in(citations):
        page.add(f" ({one_line(also)})")


def _urls(citations: Sequence[Citation], me: str) -> dict[str, str]:
    return {str(c.number): public_url(c) or source_link(c, me) for c in citations}


def public_url(citation: Citation) -> str:
    """Return the web address of a source, its quote marked there, or "".

    Paths of the owner's files stay private.
    """
    for address in (citation.url, citation.uri):
        if re.match(r"(?i)https?://", address):
            return marked(link(address, ""), citation.quote)
    return ""


def source_link(citation: Citation, me: str) -> str:
    """Return a deep link that has the bot `me` show a quote.

    It holds the article's id and the quote's offsets, and nothing about the question. See
    "Deep Linking" in Telegram's Bot Features.
    """
    return f"https://t.me/{me}?start=s_{citation.article_id}_{citation.start}_{citation.end}"


def one_line(text: str) -> str:
    """Return a text on one line, without what Telegram refuses or would obey."""
    return " ".join(printable(text).split())
