"""Reads newsletters and other mail: EML files, and MBOX files one message at a time."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from email import policy
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime
from typing import IO

from corpus.article import Article, Item, Rejection
from corpus.cleaning import clean_line, clean_lines, paragraphs
from corpus.dates import parse_date
from corpus.decoding import decode
from corpus.errors import NotAnArticle
from corpus.formats.documents import SIZE_LIMIT, Document, Read, printable
from corpus.formats.letters import letter_of, own_markup
from corpus.limits import bounded, bounded_text
from corpus.readers import join_body, readable

_PREFIX = re.compile(r"(?i)\A(?:\s*(?:re|fwd?|wg|aw|tr|rv)\s*:)+\s*")
_FORWARD = re.compile(r"(?i)\A\s*(?:fwd?|wg|tr|rv)\s*:")
_QUOTED_FROM = re.compile(rb"\A>(>*From )")
_MOST_PARTS = 300
_LONG_HEADER = re.compile(
    rb"(?im)^(?:content-[a-z-]+[ \t]*:(?:[^\n]|\n[ \t]){1000}"
    rb"|(?:from|subject|message-id|date)[ \t]*:(?:[^\n]|\n[ \t]){4000})"
)
"""Fields that are taken apart, which takes the library minutes where they are very long."""


def read_mail(document: Document, read: Read) -> Iterator[Item]:
    """Yield the article in a message, and what those of its attachments hold that are read.

    A message is known by its Message-ID, else by its file. Raises NotAnArticle.
    """
    yield from _read_message(document, document.content(), "", read)


def read_mbox(document: Document, read: Read) -> Iterator[Item]:
    """Yield the article in each message of a mailbox and its attachments (RFC 4155; mboxrd).

    A message is known by its Message-ID, else by its number. Raises NotAnArticle.
    """
    document.require_shallow()
    with document.open() as file:
        for number, data in enumerate(_messages(file), start=1):
            document.allowance.take_member()
            place = f"{document.uri}#{number}"
            try:
                if data is None:
                    raise NotAnArticle(f"larger than {SIZE_LIMIT >> 20} MB")
                yield from _read_message(document, data, str(number), read)
            except NotAnArticle as error:
                yield Rejection(place, str(error))


def _messages(file: IO[bytes]) -> Iterator[bytes | None]:
    """Yield each message without its `From ` line; None for one above the limit."""
    lines: list[bytes] = []
    size, begun, blank = 0, False, True
    while line := file.readline(SIZE_LIMIT):
        if blank and line.startswith(b"From "):
            if begun:
                yield b"".join(lines) if size <= SIZE_LIMIT else None
            lines, size, begun = [], 0, True
        elif not begun and b"\x00" in line:
            raise NotAnArticle("a binary file, not a mailbox")
        elif not begun and line.strip(b"\xef\xbb\xbf \t\r\n"):
            raise NotAnArticle("not a mailbox: it does not begin with a line `From …`")
        else:
            size += len(line)
            if size <= SIZE_LIMIT:
                lines.append(_QUOTED_FROM.sub(rb"\1", line))
            else:
                lines.clear()
        blank = not line.strip()
    if not begun:
        raise NotAnArticle("the file is empty")
    yield b"".join(lines) if size <= SIZE_LIMIT else None


def _read_message(document: Document, data: bytes, key: str, read: Read) -> Iterator[Item]:
    message = _parsed(data)
    identity = _header(message, "Message-ID").strip("<> ")[:500] or key
    uri = f"{document.uri}#{printable(identity)}" if identity else document.uri
    try:
        yield _article(message, uri, document.name.rpartition(".")[0])
    except NotAnArticle as error:
        yield Rejection(uri, str(error))
    yield from _read_attachments(message, replace(document, uri=uri), read)


def _parsed(data: bytes) -> EmailMessage:
    if not data.strip(b"\xef\xbb\xbf \t\r\n"):
        raise NotAnArticle("the file is empty")
    if b"\x00" in data[:1000]:
        raise NotAnArticle("a binary file, not a message")
    if _LONG_HEADER.search(data) or data.count(b"\n--") > 2 * _MOST_PARTS:
        raise NotAnArticle(f"a message with overlong fields or more than {_MOST_PARTS} parts")
    try:
        message = email.message_from_bytes(data, policy=policy.default)
        if not message.keys():
            raise NotAnArticle("not a message: it has no headers")
    except NotAnArticle:
        raise
    except Exception as error:  # whatever malformed mail provokes in the parser
        raise NotAnArticle("a malformed message") from error
    return message


def _header(message: EmailMessage, name: str) -> str:
    try:
        return clean_line(str(message.get(name, "")))
    except Exception:  # as above: headers are parsed when they are asked for
        return ""


def _article(message: EmailMessage, uri: str, stem: str) -> Article:
    """Return the article in a message's text. Raises NotAnArticle."""
    subject = _header(message, "Subject")
    title = _PREFIX.sub("", subject) or readable(stem)
    letter = letter_of(_text_lines(message, uri, stem), is_forward=bool(_FORWARD.match(subject)))
    return bounded(
        Article(
            uri=uri,
            title=title,
            body=join_body(letter.lines, title),
            source=letter.sender or _sender(message),
            published=letter.day or _day(_header(message, "Date")),
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
            is_forward = bool(_FORWARD.match(_header(message, "Subject")))
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
        return _header(message, "From").partition("<")[0].strip('" ')[:200]


def _read_attachments(message: EmailMessage, mail: Document, read: Read) -> Iterator[Item]:
    """Yield what attachments hold; pictures that are part of the text are none."""
    try:
        parts = list(message.iter_attachments())
    except Exception:  # a message that is all one attachment, or malformed
        return
    for part in parts[:_MOST_PARTS]:
        name = _file_name(part)
        if name and part.get_content_disposition() != "inline":
            try:
                mail.require_shallow()
                yield from read(mail.inside(name, lambda part=part: _payload(part)))  # type: ignore[misc]
            except NotAnArticle as error:
                yield Rejection(f"{mail.uri}!/{printable(name)}", str(error))


def _file_name(part: MIMEPart) -> str:
    try:
        name = clean_line(part.get_filename() or "")
        is_message = part.get_content_type() == "message/rfc822"
    except Exception:
        return ""
    return f"{name.removesuffix('.eml') or 'message'}.eml" if is_message else name


def _payload(part: MIMEPart) -> bytes:
    try:
        if part.get_content_type() == "message/rfc822":
            return bytes(part.get_content().as_bytes())
        data = part.get_payload(decode=True)
    except Exception as error:
        raise NotAnArticle("a malformed attachment") from error
    return data if isinstance(data, bytes) else b""
