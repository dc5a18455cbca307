"""Answer -> what a terminal shows, or plain text where there is none.

Articles, questions and file names are written by anybody: `printable` stands between them and
the terminal, and they become `Text`, in which rich reads no markup.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from urllib.parse import quote

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.text import Text

from corpus.cleaning import clean_lines
from retrieval.answers import Answer, Citation

_MARK = re.compile(r"\[\d+\]")
_RECORD = re.compile(r"(?i)(?P<file>.*?\.jsonl?)#.*", re.DOTALL)
_WITHOUT_LINKS = ("", "dumb", "linux", "unknown")
_NARROWEST = 20
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def printable(text: str) -> str:
    """A text without anything that a terminal would obey: controls, escapes, direction marks."""
    return "\n".join(clean_lines(text))


def day(published: date) -> str:
    """A date as people write it, in any locale: 26 October 2020."""
    return f"{published.day} {_MONTHS[published.month - 1]} {published.year}"


def dateline(source: str, published: date | None) -> str:
    """Outlet and date, as far as they are known."""
    return ", ".join(filter(None, (source, day(published) if published else "")))


def link(url: str, uri: str) -> str:
    """The address that a click opens: the public one, else that of the file."""
    address = url or uri
    if re.match(r"(?i)https?://", address):
        return quote(printable(address).replace("\n", ""), safe=":/?#[]@!$&'()*+,;=%~")
    record = _RECORD.fullmatch(address)
    path = PurePath(record["file"] if record else address)
    return path.as_uri() if path.is_absolute() else ""


def can_link(console: Console) -> bool:
    """Whether a link may be sent to this terminal; most that cannot show one ignore it."""
    return console.is_terminal and os.environ.get("TERM", "") not in _WITHOUT_LINKS


def show(console: Console, renderable: RenderableType = "") -> None:
    """Print wrapped to a terminal's width; elsewhere a paragraph stays one line."""
    console.print(renderable, soft_wrap=not console.is_terminal, crop=False)


@dataclass(frozen=True, slots=True)
class Hanging:
    """A text whose further lines stand under its first word, not under the mark before it."""

    mark: Text
    text: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        if options.no_wrap:
            yield self.mark + self.text
            return
        width = max(_NARROWEST, options.max_width - self.mark.cell_len)
        before = self.mark
        for line in self.text.wrap(console, width):
            line.rstrip()
            yield before + line
            before = Text(" " * self.mark.cell_len)


def answer_view(answer: Answer, *, linked: bool) -> Group:
    """An answer and its sources, or a refusal and the nearest articles."""
    parts: list[RenderableType] = [sentences(answer.text)]
    if answer.citations:
        parts.append("")
    for citations in by_article(answer.citations):
        parts += source_view(citations, answer.text, linked=linked)
    if answer.nearest:
        parts += ["", Text("Nearest articles:", style="dim")]
        parts += [Hanging(Text("  "), Text(printable(title))) for title in answer.nearest]
    return Group(*parts)


def sentences(text: str) -> Text:
    """An answer's text, its `[n]` marked."""
    shown = Text(printable(text))
    shown.highlight_regex(_MARK, "cyan")
    return shown


def by_article(citations: Iterable[Citation]) -> list[list[Citation]]:
    """Citations of the same article together, in the order of their first numbers."""
    groups: dict[str, list[Citation]] = {}
    for citation in citations:
        groups.setdefault(citation.article_id, []).append(citation)
    return list(groups.values())


def source_view(
    citations: Sequence[Citation], answer: str, *, linked: bool
) -> list[RenderableType]:
    """An article that is cited, and the quotes that the answer does not say word for word."""
    first = citations[0]
    mark = Text("".join(f"[{citation.number}]" for citation in citations) + " ", style="cyan")
    indent = Text(" " * mark.cell_len)
    address = link(first.url, first.uri) if linked else ""
    title = Text(printable(first.title), style=f"link {address}" if address else "")
    if about := dateline(first.source, first.published):
        title = Text.assemble(title, (f" — {printable(about)}", "dim"))
    view: list[RenderableType] = [Hanging(mark, title)]
    if not address:
        view.append(place_view(first.url or nearby(first.uri), indent))
    for citation in citations:
        if citation.quote not in answer:
            number = f"[{citation.number}] " if len(citations) > 1 else ""
            quoted = Text(f"{number}“{printable(citation.quote)}”", style="italic")
            view.append(Hanging(indent, quoted))
    return view


def context_view(citation: Citation, body: str) -> Group:
    """A quote, marked, in the paragraph that it stands in.

    `body` is the article's as it is now; where it does not have the quote any more, the quote
    stands alone.
    """
    mark = Text(f"[{citation.number}] ", style="cyan")
    about = dateline(citation.source, citation.published)
    title = Text(printable(" — ".join(filter(None, (citation.title, about)))), style="bold")
    before, after = paragraph_around(citation, body)
    text = Text.assemble(
        (printable(before) + " " if before else "", "dim"),
        (printable(citation.quote), "reverse"),
        (" " + printable(after) if after else "", "dim"),
    )
    return Group(Hanging(mark, title), Hanging(Text(" " * mark.cell_len), text))


def paragraph_around(citation: Citation, body: str) -> tuple[str, str]:
    """What stands before and after a quote in its paragraph, if it still stands there."""
    if body[citation.start : citation.end] != citation.quote:
        return "", ""
    start = body.rfind("\n\n", 0, citation.start)
    end = body.find("\n\n", citation.end)
    before = body[0 if start < 0 else start + 2 : citation.start]
    after = body[citation.end : len(body) if end < 0 else end]
    return before, after


def nearby(uri: str) -> str:
    """A path as one would type it here, where it lies below this folder; else as it is."""
    here = os.path.join(os.getcwd(), "")
    return uri.removeprefix(here) if os.path.isabs(uri) else uri


def place_view(place: str, indent: Text) -> Text:
    """An address or a path, never broken into lines: it is there to be copied."""
    line = indent + Text(printable(place), style="dim")
    line.no_wrap, line.overflow = True, "ignore"
    return line
