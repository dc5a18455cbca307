"""Takes the text out of Markdown, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.cleaning import clean_line, row_line
from corpus.errors import NotAnArticle
from corpus.formats.markup import marked_lines

if TYPE_CHECKING:
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

_MOST_BRACKETS = 20_000  # each may begin a link: they take the longest of all marks
_MOST_TOKENS = 200_000

_MARKS = {"list_item_close": "", "thead_open": "# ", "tbody_open": "- ", "table_close": ""}
"""What is put before the text that follows: a table's head is marked like a heading."""

_FOOTNOTE = re.compile(r"^(?=\[\^[^\]\s]+\]: )", re.MULTILINE)


def article_blocks(markdown: str) -> tuple[list[str], str]:
    """Return the plain text of each block, and the first heading or an empty string."""
    tokens = _parsed(markdown)
    blocks: list[str] = []
    for token in tokens:
        if token.type == "inline":
            blocks.append(_text(token))
        elif token.type in ("fence", "code_block"):
            blocks.append(token.content)
    return blocks, _first_heading(tokens)


def draft_blocks(markdown: str) -> tuple[list[str], str]:
    """Return the same of a text that is to be checked, without its code.

    Items of lists keep their marks: a short one without its mark reads like a heading. A row of a
    table is one block, marked like an item. The text of raw HTML is read.
    """
    tokens = _parsed(_FOOTNOTE.sub("\n", markdown))  # each is a paragraph of its own
    return list(_marked(tokens)), _first_heading(tokens)


def _marked(tokens: Sequence[Token]) -> Iterator[str]:
    """Yield the blocks with their marks; only the first paragraph of an item has one."""
    mark = ""
    row: list[str] | None = None
    for token in tokens:
        if token.type == "list_item_open":
            mark = f"{token.info}{token.markup} " if token.info else "- "
        elif token.type in _MARKS:
            mark = _MARKS[token.type]
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close":
            yield from [mark + row_line(row)] if row and any(row) else []
            row = None
        elif token.type == "html_block":
            yield from marked_lines(token.content)
        elif token.type == "inline" and row is not None:
            row.append(_text(token))
        elif token.type == "inline":
            text = _text(token)
            yield text and mark + text
            mark = ""


def _parsed(markdown: str) -> list[Token]:
    from markdown_it import MarkdownIt

    if markdown.count("[") > _MOST_BRACKETS:
        raise NotAnArticle(f"more than {_MOST_BRACKETS:,} square brackets")
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.block.ruler.before("table", "limit", _refuse_endless_blocks)
    return parser.parse(markdown)


def _first_heading(tokens: Sequence[Token]) -> str:
    headings = (_text(token) for before, token in pairwise(tokens) if before.type == "heading_open")
    return next(filter(None, headings), "")


def _text(token: Token) -> str:
    return clean_line(_inline_text(token.children or []))


def _refuse_endless_blocks(state: StateBlock, *_: object) -> bool:
    """Match no block, but stop a parse of far more blocks than an article has.

    A table's short rows are filled up with cells, so that a small file makes millions.
    """
    if len(state.tokens) > _MOST_TOKENS:
        raise NotAnArticle(f"more than {_MOST_TOKENS:,} marks, table cells and list items")
    return False


def _inline_text(tokens: list[Token]) -> str:
    """Return the words among inline tokens; marks, raw HTML and images leave nothing."""
    words = []
    for token in tokens:
        if token.type in ("text", "code_inline"):
            words.append(token.content)
        elif token.type in ("softbreak", "hardbreak") or token.content.startswith("<br"):
            words.append(" ")
    return "".join(words)
