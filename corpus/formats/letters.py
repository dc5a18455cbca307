"""Takes out of a message what is marked as not its own text: quotes, signatures, footers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from corpus.cleaning import clean_line
from corpus.dates import parse_date
from corpus.errors import NotAnArticle
from corpus.limits import bounded_markup, bounded_tree

_QUOTES = (
    "//blockquote[@type='cite']"
    "|//*[contains(concat(' ', @class, ' '), ' gmail_quote ')]"
    "|//*[contains(concat(' ', @class, ' '), ' yahoo_quoted ')]"
    "|//*[contains(concat(' ', @class, ' '), ' moz-cite-prefix ')]"
    "|//*[@id='divRplyFwdMsg' or @id='appendonsend']"
    "|//*[@id='divRplyFwdMsg' or @id='appendonsend']/following-sibling::*"
)
_SIGNATURES = (
    "//*[contains(concat(' ', @class, ' '), ' gmail_signature ')]"
    "|//*[contains(concat(' ', @class, ' '), ' moz-signature ')]"
    "|//*[@id='Signature']"
)
_NOT_OWN = f"{_QUOTES}|{_SIGNATURES}"
_LAYOUT_TABLES = (
    "//table[@role='presentation' or .//p or .//h1 or .//h2 or .//div or .//table or .//img"
    " or not(.//tr[*[2]])]"
)
_ROWS = "./tr|./tbody/tr|./thead/tr"
_PARTS_OF_TABLE = f"./tbody|./thead|{_ROWS}|({_ROWS})/*[self::td or self::th]"

_FORWARDED = re.compile(r"(?i)(?<!-)-{3,} ?forwarded message ?-{3,}|begin forwarded message:")
_FIELD = re.compile(r"(?i)\*{0,2}(from|date|sent|subject|to|cc|reply-to)\*{0,2}: ?\*{0,2} ?(.*)")
_NEXT_FIELD = re.compile(r"(?i) (?=\*{0,2}(?:date|sent|subject|to|cc|reply-to)\*{0,2}: )")
_ATTRIBUTION = re.compile(r"(?i)(?:on|am|le|el) .{6,200} (?:wrote|schrieb|a écrit|escribió) ?:")
_ORIGINAL = re.compile(r"(?i)-{3,} ?original message ?-{3,}|_{10,}")
_FOOTER = re.compile(
    r"(?i)\bunsubscribe\b|\bopt[ -]out\b|\bemail preferences\b"
    r"|\b(?:manage|update) your preferences\b"
    r"|you(?:['’]re| are) receiving this|(?:this|the) e-?mail was sent to"
)
_BROWSER = re.compile(r"(?i).{0,60}\b(?:view|read|open|see) (?:it|this)?.{0,30}\bbrowser\b.{0,20}")
_FOOTER_LINES = 12
_LONGEST_FOOTER = 300  # characters of a line; an article about unsubscribing has longer ones


@dataclass(frozen=True, slots=True)
class Letter:
    """The lines that are a message's own; sender and day of the message that it forwards."""

    lines: list[str]
    sender: str = ""
    day: date | None = None


def letter_of(lines: Sequence[str], *, is_forward: bool) -> Letter:
    """Return what is left of a message's paragraphs without what is marked as not its own."""
    lines = [line for line in lines if line]
    begun = next((n for n, line in enumerate(lines) if _FORWARDED.search(line)), None)
    if is_forward and begun is not None:
        forwarded = _forwarded(lines[begun:])
        return Letter(_own(forwarded.lines), forwarded.sender, forwarded.day)
    return Letter(_own(lines))


def own_markup(page: str, *, is_forward: bool) -> str:
    """Return the HTML of a message without quoted replies, signatures and layout by tables.

    Raises NotAnArticle.
    """
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8")
    try:
        tree = html.document_fromstring(bounded_markup(page).encode("utf-8", "replace"), parser)
        for part in bounded_tree(tree).xpath(_SIGNATURES if is_forward else _NOT_OWN):
            if part.getparent() is not None:
                part.drop_tree()
        for table in tree.xpath(_LAYOUT_TABLES):
            for part in table.xpath(_PARTS_OF_TABLE):
                part.tag = "div"
            table.tag = "div"
        return str(html.tostring(tree, encoding="unicode"))
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise NotAnArticle("no text found in this message: its HTML is malformed") from error


def _forwarded(lines: Sequence[str]) -> Letter:
    """Return the lines of a forwarded message, and what its header says."""
    fields: dict[str, str] = {}
    text = "\n".join(lines)
    head, _, after = _FORWARDED.sub("", text, count=1).lstrip().partition("\n")
    rest = [*_NEXT_FIELD.split(head), *after.split("\n")]  # HTML may have them on one line
    while rest and (match := _FIELD.fullmatch(rest[0].strip())):
        fields.setdefault(match[1].lower(), match[2])
        rest = rest[1:]
    sender = clean_line(re.sub(r"<.*|\[mailto.*", "", fields.get("from", ""))).strip("\"'* ")
    day = parse_date(re.sub(r"(?i) (?:at|um|à) .*", "", fields.get("date", fields.get("sent", ""))))
    return Letter(rest, sender, day)


def _own(lines: Sequence[str]) -> list[str]:
    """Return the lines before a signature or the message that is answered, and no quoted ones."""
    kept: list[str] = []
    for line in lines:
        if line == "--" or _ORIGINAL.fullmatch(line):
            break
        if line.startswith(">"):
            if kept and _ATTRIBUTION.fullmatch(kept[-1]):
                kept.pop()
        elif not _BROWSER.fullmatch(line):
            kept.append(line)
    if kept and _ATTRIBUTION.fullmatch(kept[-1]):
        kept.pop()
    return _without_footer(kept)


def _without_footer(lines: list[str]) -> list[str]:
    """Return the lines before a footer that says why this came and how to make it stop."""
    first = max(len(lines) - _FOOTER_LINES, 1)
    for number in range(first, len(lines)):
        if len(lines[number]) <= _LONGEST_FOOTER and _FOOTER.search(lines[number]):
            return lines[:number]
    return lines
