"""Reads newsletters and other mail: EML files, and MBOX files one message at a time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage, MIMEPart
from typing import IO

from corpus.article import Article, Item, Rejection, Withdrawal
from corpus.cleaning import clean_line, host_of
from corpus.errors import NotAnArticle
from corpus.formats.documents import SIZE_LIMIT, Document, Read, printable
from corpus.formats.messages import MOST_PARTS, article_of, header, parsed

_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")
_QUOTED_FROM = re.compile(rb"\A>(>*From )")


def read_mail(document: Document, read: Read) -> Iterator[Item]:
    """Yield the article in a message, and what those of its attachments hold that are read.

    A message is known by its Message-ID, else by its file. Raises NotAnArticle.
    """
    yield from _read_message(document, document.content(), read)


def read_mbox(document: Document, read: Read) -> Iterator[Item]:
    """Yield the article in each message of a mailbox and its attachments (RFC 4155; mboxrd).

    A message is known by its Message-ID, else by what it says: its number changes when another is
    deleted. Raises NotAnArticle.
    """
    document.require_shallow()
    with document.open() as file:
        for number, data in enumerate(_messages(file), start=1):
            document.allowance.take_member()
            place = f"{document.uri}#{number}"
            try:
                if data is None:
                    raise NotAnArticle(f"larger than {SIZE_LIMIT >> 20} MB")
                yield from _read_message(document, data, read, place)
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


def _read_message(document: Document, data: bytes, read: Read, place: str = "") -> Iterator[Item]:
    """Yield what a message holds; `place` is where it lies in a mailbox, for people."""
    message = parsed(data)
    stated = header(message, "Message-ID").strip("<> ")[:500]
    identity = stated or (_digest(message, data) if place else "")
    uri = f"{document.uri}#{printable(identity)}" if identity else document.uri
    try:
        yield article_of(message, uri, document.name.rpartition(".")[0])
    except NotAnArticle as error:
        yield Rejection(uri if stated else place or uri, str(error))
    yield from _read_attachments(message, replace(document, uri=uri), read)


def _digest(message: EmailMessage, data: bytes) -> str:
    """Return 16 hexadecimal digits of what a message says, when, and by whom."""
    fields = "\n".join(header(message, name) for name in ("Date", "From", "Subject"))
    body = b" ".join(_HEAD_ENDS.split(data, 1)[-1].split())
    return hashlib.sha256(fields.encode("utf-8", "replace") + b"\n" + body).hexdigest()[:16]


def _read_attachments(message: EmailMessage, mail: Document, read: Read) -> Iterator[Item]:
    """Yield what attachments hold; pictures that are part of the text are none."""
    try:
        parts = list(message.iter_attachments())
    except Exception:  # a message that is all one attachment, or malformed
        return
    for part in parts[:MOST_PARTS]:
        name = _file_name(part)
        if name and part.get_content_disposition() != "inline":
            try:
                mail.require_shallow()
                attached = mail.inside(name, lambda part=part: _payload(part))  # type: ignore[misc]
                yield from (_as_attached(item, attached.uri) for item in read(attached))
            except NotAnArticle as error:
                yield Rejection(f"{mail.uri}!/{printable(name)}", str(error))


def _as_attached(item: Item, place: str) -> Item:
    """Return what an attachment holds as the letter's own: anybody can send one.

    It never stands for an agency's item or a web page, whatever it says it is, and is no order:
    an address that it gives is left out, and with it an outlet that is but that address's host.
    """
    if isinstance(item, Withdrawal):
        return Rejection(
            f"{place}#{item.uri}", "a withdrawal in a letter is not obeyed: anybody can send one"
        )
    if isinstance(item, Article):
        uri = item.uri if item.uri.startswith(place) else f"{place}#{item.uri}"
        outlet = "" if item.source == host_of(item.url) else item.source
        return replace(item, uri=uri, url="", source=outlet, version=0)
    return item


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
