"""Reads articles from JSON and JSON Lines files, one for each record."""

from __future__ import annotations

import io
import json
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePath
from typing import IO, TypeVar

from corpus.article import Article, Item, Rejection
from corpus.cleaning import clean_line, clean_text, clean_url, has_words
from corpus.dates import first_date
from corpus.decoding import decode, marked_encoding
from corpus.errors import NotAnArticle
from corpus.formats.ninjs import is_ninjs, read_ninjs
from corpus.limits import bounded, bounded_text

_DATES = ("published", "date", "published_at", "publishedAt")
_KINDS = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}

T = TypeVar("T")


def read_json(uri: str, data: bytes) -> Iterator[Item]:
    """Yield the article of a JSON object, or one for each object of a JSON array; some are ninjs.

    `uri` names the file. A record that is no article gives a Rejection, placed by its 1-based
    position. Raises NotAnArticle where the file as a whole cannot be read.
    """
    content = _parse(decode(data))
    if isinstance(content, list):
        yield from _read_each(uri, enumerate(content, start=1), lambda record: record)
    elif is_ninjs(content):
        yield from read_ninjs(content, PurePath(uri).stem)
    else:
        yield _read_record(content, uri, key="")


def read_json_lines(uri: str, opened: Callable[[], IO[bytes]], limit: int) -> Iterator[Item]:
    """Yield the article of each line of a file, holding one line in memory at a time.

    `uri` names the file. A line that is no article, or is longer than `limit` characters, gives
    a Rejection placed by its 1-based number. Raises OSError, and NotAnArticle for a binary file.
    """

    def load(line: str) -> object:
        if len(line.rstrip("\n")) > limit:
            raise NotAnArticle(f"the line is longer than {limit >> 20} MB")
        return _parse(_repair(line))

    yield from _read_each(uri, _numbered_lines(opened, limit), load)


def _read_each(
    uri: str, items: Iterable[tuple[int, T]], load: Callable[[T], object]
) -> Iterator[Item]:
    places: dict[str, int] = {}
    for place, item in items:
        try:
            record = load(item)
            if is_ninjs(record):
                yield from read_ninjs(record, PurePath(uri).stem)
                continue
            article = _read_record(record, uri, key=str(place))
            if article.uri in places:
                same = "URL" if article.uri == article.url else "id"
                raise NotAnArticle(f"same {same} as record {places[article.uri]}: {article.uri}")
        except NotAnArticle as error:
            yield Rejection(f"{uri}:{place}", str(error))
        else:
            places[article.uri] = place
            yield article


def _numbered_lines(opened: Callable[[], IO[bytes]], limit: int) -> Iterator[tuple[int, str]]:
    """Yield the lines that are not blank; bytes that are not UTF-8 come as surrogates."""
    with opened() as file:
        head = file.read(1 << 13)
        file.seek(0)
        marked = marked_encoding(head)
        if not marked and b"\x00" in head:
            raise NotAnArticle("a binary file, not text")
        errors = "replace" if marked else "surrogateescape"
        text = io.TextIOWrapper(file, marked or "utf-8", errors, newline="\n")
        number = 0
        while line := text.readline(limit + 1):
            number += 1
            if line.strip():
                yield number, line
            while len(line) > limit and not line.endswith("\n"):
                line = text.readline(limit + 1)


def _repair(line: str) -> str:
    """Decode again a line that turned out not to be UTF-8."""
    try:
        line.encode()
    except UnicodeEncodeError:
        return decode(line.encode("utf-8", "surrogateescape"))
    return line


def _parse(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise NotAnArticle(f"not valid JSON: {error.msg} ({place})") from error
    except RecursionError as error:
        raise NotAnArticle("not readable JSON: nested too deeply") from error
    except ValueError as error:  # Python refuses integers of thousands of digits
        raise NotAnArticle("not readable JSON: a number is too long") from error


def _read_record(record: object, file_uri: str, key: str) -> Article:
    """Return the article in one record; without a URL it is known by its id, else by `key`."""
    if not isinstance(record, dict):
        raise NotAnArticle(f"{_kind(record)} where an object was expected")
    body = clean_text(bounded_text(_text(record, "text", "body", "content")))
    if not has_words(body):
        raise NotAnArticle("no text: expected one of text, body, content")
    url = clean_url(record.get("url"))
    published, ambiguous = first_date(map(record.get, _DATES))
    fragment = key and (_identifier(record) or key)
    article = Article(
        uri=url or (f"{file_uri}#{fragment}" if fragment else file_uri),
        title=clean_line(_text(record, "title", "headline")) or _opening(body),
        body=body,
        source=_source(record),
        published=published,
        url=url,
        ambiguous_date=ambiguous,
    )
    return bounded(article)


def _text(record: Mapping[str, object], *names: str) -> str:
    """Return the first field of these names that is filled in, or an empty string."""
    for name in names:
        value = record.get(name)
        if isinstance(value, str) and value.strip():
            return value
        if value is not None and not isinstance(value, str):
            raise NotAnArticle(f"{name} is {_kind(value)}, not text")
    return ""


def _source(record: Mapping[str, object]) -> str:
    named = {
        name: value.get("name") if isinstance(value, dict) else value
        for name in ("source", "outlet", "publisher")
        if (value := record.get(name)) is not None
    }
    return clean_line(_text(named, "source", "outlet", "publisher"))


def _identifier(record: Mapping[str, object]) -> str:
    value = record.get("id")
    if isinstance(value, str | int) and not isinstance(value, bool):
        return clean_line(str(value))
    if value is None:
        return ""
    raise NotAnArticle(f"id is {_kind(value)}, not text or a whole number")


def _opening(body: str) -> str:
    """Return the first sentence of `body` as a title, cut at a word to at most 80 characters."""
    first = body.split("\n", 1)[0][:500]
    # A sentence of under 20 characters is more likely an abbreviation: "U.S. troops ..."
    match = re.match(r".{20,}?[.!?…](?=\s)", first)
    sentence = match[0] if match else first
    title = textwrap.shorten(sentence, 80, placeholder="…")
    return title if has_words(title) else f"{sentence[:79]}…"


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "a number")
