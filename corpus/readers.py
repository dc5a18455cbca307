"""Reads articles from plain text and Markdown files."""

from __future__ import annotations

import re
from datetime import date

from corpus.article import Article
from corpus.cleaning import clean_line, clean_lines, clean_url, has_words, paragraphs
from corpus.dates import first_date
from corpus.decoding import decode
from corpus.errors import NotAnArticle
from corpus.limits import bounded_text
from corpus.markdown import article_blocks, draft_blocks

_ITEM = re.compile(r"[-#] |\d+[.)] ")
_SOURCE_LINE = re.compile(r"source\s*:\s*(.{1,80})", re.IGNORECASE)
_DATE_LABEL = re.compile(r"\A(?:published|date)(?: on)?\s*:?\s*", re.IGNORECASE)
_FRONT_MATTER = re.compile(
    r"(?:---[ \t]*\n(?P<yaml>.*?\n)?(?:---|\.\.\.)|\+{3}[ \t]*\n(?P<toml>.*?\n)?\+{3})"
    r"[ \t]*(?:\n|\Z)",
    re.DOTALL,
)
_LONGEST_FRONT_MATTER = 50_000
_UNCLOSED_FRONT_MATTER = re.compile(r"(---|\+{3})[ \t]*(?:\n|\Z)")


def read_plain(uri: str, stem: str, data: bytes) -> Article:
    """Return the article in a plain text file.

    Its title is the first line where that reads like one, else `stem` made readable; a closing
    `Source:` line and a date among the first three lines become fields. Raises NotAnArticle.
    """
    lines, source = take_source(_strip(clean_lines(bounded_text(decode(data)))))
    lines, published, ambiguous = take_date(lines)
    title, lines = split_title(lines)
    return Article(
        uri=uri,
        title=title or readable(stem),
        body=join_body(paragraphs(lines), title),
        source=source,
        published=published,
        ambiguous_date=ambiguous,
    )


def read_markdown(uri: str, stem: str, data: bytes, *, as_draft: bool = False) -> Article:
    """Return the article in a Markdown file, its body as plain text.

    Its title is the front matter's, else the first heading, else found as in a plain text file.
    `as_draft` has the blocks as they are checked: see `draft_blocks`. Raises NotAnArticle, for a
    front matter that cannot be read too.
    """
    text = bounded_text(decode(data)).replace("\r\n", "\n").replace("\r", "\n")
    fields, markdown = _split_front_matter(text)
    published, ambiguous = first_date([fields.get("published"), fields.get("date")])
    blocks, heading = (draft_blocks if as_draft else article_blocks)(markdown)
    title = fields.get("title") or heading
    lines = clean_lines("\n\n".join(blocks))
    if not (title or (as_draft and _ITEM.match(lines[0]))):
        title, lines = split_title(_strip(lines))
    return Article(
        uri=uri,
        title=title or readable(stem),
        body=join_body(paragraphs(lines), title),
        source=fields.get("source", ""),
        published=published,
        url=clean_url(fields.get("url")),
        ambiguous_date=ambiguous,
    )


def readable(stem: str) -> str:
    """Return a file name's stem as a title: "storm-hits_coast" gives "storm hits coast"."""
    return clean_line(re.sub(r"[-_]+", " ", stem)) or "Untitled"


def join_body(found: list[str], title: str) -> str:
    """Return paragraphs as a body, without a first one that only repeats `title`.

    Raises NotAnArticle where no words are left.
    """
    if found and found[0].casefold() == title.casefold():
        found = found[1:]
    body = "\n\n".join(found)
    if not has_words(body):
        raise NotAnArticle("no article text in this file")
    return body


def split_title(lines: list[str]) -> tuple[str, list[str]]:
    """Return the title that clean `lines` open with, or an empty one, and the lines after it."""
    first, rest = (lines[0], lines[1:]) if lines else ("", [])
    reads_like_title = (
        len(first) <= 150
        and not first.endswith((".", ";", ":", ",", "。"))
        and any(character.isalpha() for character in first)
    )
    if reads_like_title and has_words("".join(rest)) and _stands_alone(first, rest):
        return first, rest
    return "", lines


def _stands_alone(first: str, rest: list[str]) -> bool:
    """Say whether `first` is a line of its own rather than the start of the text after it."""
    following = rest[0]
    if not following or following.startswith("By "):
        return True
    # In a text broken at a fixed width, a line ends where the next word no longer fitted.
    block = rest[: rest.index("")] if "" in rest else rest
    width = max(len(line) for line in block)
    return len(following) > len(first) and len(f"{first} {following.split()[0]}") <= width


def take_source(lines: list[str]) -> tuple[list[str], str]:
    """Return `lines` without a last one such as "Source: The Bell", and what it names."""
    match = _SOURCE_LINE.fullmatch(lines[-1]) if lines else None
    if match is None or not has_words(match[1]):
        return lines, ""
    return _strip(lines[:-1]), match[1]


def take_date(lines: list[str]) -> tuple[list[str], date | None, bool]:
    """Return the lines without the first that is a date, that date, and whether it is ambiguous.

    The date is among the first three lines that are not blank.
    """
    for index in [index for index, line in enumerate(lines) if line][:3]:
        published, ambiguous = first_date([_DATE_LABEL.sub("", lines[index], count=1)])
        if published or ambiguous:
            return _strip([*lines[:index], "", *lines[index + 1 :]]), published, ambiguous
    return lines, None, False


def _strip(lines: list[str]) -> list[str]:
    """Return `lines` without blank ones at either end."""
    filled = [index for index, line in enumerate(lines) if line]
    return lines[filled[0] : filled[-1] + 1] if filled else []


def _split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Return the cleaned fields of a YAML or TOML front matter and the Markdown after it."""
    opened = _UNCLOSED_FRONT_MATTER.match(text)
    if opened is None:
        return {}, text
    match = _FRONT_MATTER.match(text)
    if match is None:
        raise NotAnArticle(f"front matter: opened on line 1 and never closed with {opened[1]}")
    if match.end() > _LONGEST_FRONT_MATTER:
        raise NotAnArticle(f"front matter: longer than {_LONGEST_FRONT_MATTER // 1000} kB")
    load = _load_yaml if opened[1] == "---" else _load_toml
    values = load(match["yaml"] or match["toml"] or "")
    names = ("title", "source", "published", "date", "url")
    return {name: _scalar(name, values.get(name, "")) for name in names}, text[match.end() :]


def _load_toml(text: str) -> dict[str, object]:
    import tomllib

    try:
        return tomllib.loads(f"\n{text}")  # below the opening +++, as its lines are counted
    except tomllib.TOMLDecodeError as error:
        raise NotAnArticle(f"front matter: {clean_line(str(error))}") from error
    except RecursionError as error:
        raise NotAnArticle("front matter: nested too deeply") from error


def _load_yaml(text: str) -> dict[object, object]:
    import yaml

    try:
        # Safe as safe_load, and keeps every scalar as it is written: titles such as 1984 or No,
        # and dates that do not exist.
        values = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        # Its lines count from 0 and begin below the opening ---.
        line = f" (line {error.problem_mark.line + 2})" if error.problem_mark else ""
        problem = clean_line(error.problem or error.context or "malformed YAML")
        raise NotAnArticle(f"front matter: {problem}{line}") from error
    except RecursionError as error:
        raise NotAnArticle("front matter: nested too deeply") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise NotAnArticle(f"front matter: {clean_line(str(error))}") from error
    if not isinstance(values or {}, dict):
        raise NotAnArticle("front matter: expected `name: value` lines (line 2)")
    return values or {}


def _scalar(name: str, value: object) -> str:
    if isinstance(value, date | int | float):  # of TOML, which has types
        return str(value)
    if not isinstance(value, str):
        raise NotAnArticle(f"front matter: {name} must be one value, not a list or a mapping")
    return "" if value in ("~", "null") else clean_line(value)
