"""Renders kept conversations: as Markdown with footnotes, as a list, and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.conversations import Kept
from bot.rendering.as_json import citations_in
from bot.rendering.markdown import escaped
from bot.rendering.terminal import also_in, link, page, printable, whereabouts
from corpus.dates import in_words
from retrieval.answers import Citation
from retrieval.text.lines import ITEM

_MARK = re.compile(r"\\\[(\d+)\\\]")
"""A citation's mark in an answer, escaped."""


def conversation_markdown(conversation: Sequence[Kept]) -> str:
    """Render questions and answers as Markdown, with a footnote for each citation.

    A footnote has the quote as it was given, title, outlet, date and address. What others wrote is
    escaped: it makes no markup.
    """
    lines: list[str] = []
    notes: list[str] = []
    for kept in conversation:
        numbers: dict[str, int] = {}
        for citation in citations_in(kept.answer):
            numbers[str(citation.number)] = len(notes) + 1
            notes.append(f"[^{len(notes) + 1}]: {_note(citation)}")
        lines += [f"## {escaped(kept.answer['question'])}", ""]
        lines += [*_answer(kept.answer["answer"], numbers), ""]
        if notice := kept.answer.get("notice"):
            lines += [escaped(notice), ""]
    begun = in_words(conversation[0].at.date()) if conversation else ""
    return "\n".join([f"# Conversation of {begun}", "", *lines, *notes]).rstrip() + "\n"


def _answer(text: str, numbers: dict[str, int]) -> Iterator[str]:
    """Yield the lines of an answer's text, whose marks are those of footnotes."""

    def mark(found: re.Match[str]) -> str:
        return f"[^{numbers[found[1]]}]" if found[1] in numbers else found[0]

    in_list = True
    for number, line in enumerate(text.splitlines()):
        item = line.startswith(ITEM)
        if number and not (item and in_list):
            yield ""
        yield ("- " if item else "") + _MARK.sub(mark, escaped(line.removeprefix(ITEM)))
        in_list = item


def _note(citation: Citation) -> str:
    parts = (citation.title, whereabouts(citation), also_in([citation]))
    address = link(citation.url, citation.uri)
    place = f"<{address}>" if address.startswith("http") else escaped(citation.uri)
    return " — ".join((f"“{escaped(citation.quote)}”", *map(escaped, filter(None, parts)), place))


def kept_object(kept: Kept) -> dict[str, Any]:
    """Return the JSON object of a question in `newsdesk log --json`; its keys are a contract."""
    return {
        "id": kept.id,
        "conversation": str(kept.conversation),
        "at": kept.at.isoformat(timespec="seconds"),
        "question": kept.answer["question"],
        "answer": kept.answer["answer"],
        "refused": kept.answer["refused"],
    }


def show_log(console: Console, questions: Sequence[Kept]) -> None:
    """Print questions as a table on a terminal, or as whole fields between tabs elsewhere."""
    rows = [
        (kept.id, f"{kept.at:%Y-%m-%d %H:%M}", _line(kept.answer["question"]), _said(kept))
        for kept in questions
    ]
    if not console.is_terminal:
        for row in rows:
            print("\t".join(row))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("Id", style="cyan", no_wrap=True)
    table.add_column("Asked", style="dim", no_wrap=True)
    table.add_column("Question", no_wrap=True, ratio=1)
    table.add_column("Answer", style="dim", no_wrap=True, ratio=1)
    for row in rows:
        table.add_row(*map(Text, row))
    page(console, table)


def _said(kept: Kept) -> str:
    return _line(kept.answer["answer"])


def _line(text: str) -> str:
    return " ".join(printable(text).split())
