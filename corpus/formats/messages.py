"""Reads the article in a message of mail: from its HTML as a page, else from its text."""

from __future__ import annotations

import email
import re
from datetime import date
from email import policy
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime

from corpus.article import Article
from corpus.cleaning import clean_line, clean_lines, paragraphs
from corpus.dates import parse_date
from corpus.decoding import decode
from corpus.errors import NotAnArticle
from corpus.formats.letters import letter_of, own_markup
from corpus.limits import bounded, bounded_text
from corpus.readers import join_body, readable

_PREFIX = re.compile(r"(?i)\A(?:\s*(?:re|fwd?|wg|aw|tr|rv)\s*:)+\s*")
_FORWARD = re.compile(r"(?i)\A\s*(?:fwd?|wg|tr|rv)\s*:")
MOST_PARTS = 300
"""The most parts of a message."""

_LONG_HEADER = re.compile(
    rb"(?im)^(?:content-[a-z-]+[ \t]*:(?:[^\n]|\n[ \t]){1000}"
    rb"|(?:from|subject|message-id|date)[ \t]*:(?:[^\n]|\n[ \t]){4000})"
)
"""Fields that are taken apart, which takes the library minutes where they are very long."""


def parsed(data: bytes) -> EmailMessage:
    """Return a message in parts. Raises NotAnArticle."""
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise NotAnArticle("the file is empty")
    if b"\x00" in data[:1000]:
        raise NotAnArticle("a binary file, not a message")
    if _LONG_HEADER.search(data) or data.count(b"\n--") > 2 * MOST_PARTS:
        raise NotAnArticle(f"a message with overlong fields or more than {MOST_PARTS} parts")
    try:
        message = email.message_from_bytes(data, policy=policy.default)
        if not message.keys():
            raise NotAnArticle("not a message: it has no headers")
    except NotAnArticle:
        raise
    except Exception as error:  # whatever malformed mail provokes in the parser
        raise NotAnArticle("a malformed message") from error
    return message


def header(message: EmailMessage, name: str) -> str:
    """Return a field of a message on one line, or nothing."""
    try:
        return clean_line(str(message.get(name, "")))
    except Exception:  # as above: headers are parsed when they are asked for
        return ""


def article_of(message: EmailMessage, uri: str, stem: str) -> Article:
    """Return the article in a message's text. Raises NotAnArticle."""
    subject = header(message, "Subject")
    title = _PREFIX.sub("", subject) or readable(stem)
    letter = letter_of(_text_lines(message, uri, stem), is_forward=bool(_FORWARD.match(subject)))
    return bounded(
        Article(
            uri=uri,
            title=title,
            body=join_body(letter.lines, title),
            source=letter.sender or _sender(message),
            published=letter.day or _day(header(message, "Date")),
        )
    )


def _day(stated: str) -> date | None:
    try:
        return parsedate_to_datetime(stated).date()
    except (ValueError, TypeError, LookupError, OverflowError):
        return parse_date(stated)


def _text_lines(message: EmailMessage, uri: str, stem: str) -> list[str]:
    """Return the paragraphs of a message: of its HTML as a page is read, else of its text."""
    from corpus.pages import read_page

    page, plain = (_body(message, kind) for kind in ("html", "plain"))
    reason = NotAnArticle("no text in this message")
    if page is not None:
        try:
            is_forward = bool(_FORWARD.match(header(message, "Subject")))
            markup = own_markup(_decoded(page), is_forward=is_forward)
            return read_page(uri, stem, markup.encode("utf-8", "replace")).body.split("\n\n")
        except NotAnArticle as error:
            reason = error
    if plain is None:
        raise reason
    text = bounded_text(_decoded(plain))
    if plain.get_param("format", "") == "flowed":
        text = _unflowed(text, joined=plain.get_param("delsp", "") == "yes")
    return paragraphs(clean_lines(text))


def _body(message: EmailMessage, kind: str) -> MIMEPart | None:
    try:
        return message.get_body((kind,))
    except Exception:  # whatever malformed mail provokes in the parser
        return None


def _decoded(part: MIMEPart) -> str:
    try:
        data = part.get_payload(decode=True)
        charset = part.get_content_charset()
    except Exception as error:
        raise NotAnArticle("a malformed message") from error
    return decode(data if isinstance(data, bytes) else b"", charset)


def _unflowed(text: str, *, joined: bool) -> str:
    """Return text of `format=flowed` with its soft line breaks taken out (RFC 3676)."""
    lines: list[str] = []
    open_depth = -1
    for line in text.splitlines():
        depth = len(line) - len(line.lstrip(">"))
        words = line[depth:].removeprefix(" ")
        if depth == open_depth and words != "-- ":
            lines[-1] += words
        else:
            lines.append(">" * depth + words)
        soft = words.endswith(" ") and words != "-- "
        if soft and joined:
            lines[-1] = lines[-1][:-1]
        open_depth = depth if soft else -1
    return "\n".join(line if line.startswith(">") else f"{line}\n" for line in lines)


def _sender(message: EmailMessage) -> str:
    try:
        address = message["From"].addresses[0]
        return clean_line(address.display_name or address.domain)
    except Exception:  # no such header, or a malformed one
        return header(message, "From").partition("<")[0].strip('" ')[:200]
