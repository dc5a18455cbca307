"""Renders answers for a terminal, or as plain text where there is none.

Articles, questions and file names may hold anything. `printable` removes what a terminal would
obey, and `Text` keeps rich from reading markup in them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import PurePath
from urllib.parse import quote

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.text import Text

from bot.rendering.links import marked
from corpus.article import Article
from corpus.cleaning import clean_lines
from corpus.dates import in_words
from corpus.formats.documents import files_of
from retrieval.answers import Answer, Citation
from retrieval.search.marking import Marks
from retrieval.text.citation_markers import MARKER

_WITHOUT_LINKS = ("", "dumb", "linux", "unknown")
_MOST_OUTLETS = 5
"""The most outlets with one text that are named; the others are counted."""

_NARROWEST = 20


def printable(text: str) -> str:
    """Remove what a terminal would obey: control characters, escapes, direction marks."""
    return "\n".join(clean_lines(text))


def dateline(source: str, published: date | None) -> str:
    """Return outlet and date, as far as known: "The Bugle, 26 October 2020"."""
    return ", ".join(filter(None, (source, in_words(published) if published else "")))


def moment(at: datetime) -> str:
    """Return a time as it is where this machine is: "28 November 2026, 21:40"."""
    local = at.astimezone()
    return f"{in_words(local.date())}, {local:%H:%M}"


def whereabouts(*citations: Citation) -> str:
    """Return outlet, date and pages of an article's citations: "The Bugle, 26 May 2020, p. 3".

    Where only its feed was read, or it is gone from the web, that is said too.
    """
    first = citations[0]
    pages = [str(page) for page in sorted({c.page for c in citations if c.page})]
    numbers = f"{'p.' if len(pages) == 1 else 'pp.'} {', '.join(pages)}" if pages else ""
    excerpt = "as the feed has it" if first.excerpt else ""
    parts = (dateline(first.source, first.published), numbers, excerpt, gone_since(first.gone))
    return ", ".join(filter(None, parts))


def gone_since(day: date | None) -> str:
    """Say since when an article is gone: "gone from the web since 3 May 2021", or ""."""
    return f"gone from the web since {in_words(day)}" if day else ""


def also_in(citations: Sequence[Citation]) -> str:
    """Name the other outlets that carry an article's quotes: "also in The Bugle and The Star"."""
    names = list(
        dict.fromkeys(carrier.outlet for c in citations for carrier in c.also if carrier.outlet)
    )
    if not names:
        return ""
    if len(names) > _MOST_OUTLETS:
        names = [*names[:_MOST_OUTLETS], f"{len(names) - _MOST_OUTLETS} more"]
    return "also in " + " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def link(url: str, uri: str) -> str:
    """Return the address that a click opens: the web address, else the file's, else ""."""
    address = url or uri
    if re.match(r"(?i)https?://", address):
        return quote(printable(address).replace("\n", ""), safe=":/?#[]@!$&'()*+,;=%~")
    path = PurePath(files_of(address)[-1])
    return path.as_uri() if path.is_absolute() else ""


def can_link(console: Console) -> bool:
    """Return whether the terminal may be sent links. Most that cannot show a link ignore it."""
    return console.is_terminal and os.environ.get("TERM", "") not in _WITHOUT_LINKS


def show(console: Console, renderable: RenderableType = "") -> None:
    """Print text wrapped to the terminal's width; elsewhere a paragraph stays one line."""
    console.print(renderable, soft_wrap=not console.is_terminal, crop=False)


def page(console: Console, renderable: RenderableType) -> None:
    """Show it; where it is longer than the terminal, in the pager: that of PAGER, or less."""
    if not console.is_terminal or len(console.render_lines(renderable)) < console.height:
        show(console, renderable)
        return
    with console.pager():
        show(console, renderable)


@dataclass(frozen=True, slots=True)
class Hanging:
    """A mark and a text with a hanging indent: further lines start under the text's first word."""

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
    """Render an answer with its sources, or a refusal with the nearest articles."""
    parts: list[RenderableType] = [sentences(answer.text, answer.answer_span)]
    if answer.citations:
        parts.append("")
    for citations in by_article(answer.citations):
        parts += source_view(citations, answer.text, linked=linked)
    if answer.nearest:
        parts += ["", Text("Nearest articles:", style="dim")]
        parts += [Hanging(Text("  "), Text(printable(title))) for title in answer.nearest]
    return Group(*parts)


def sentences(text: str, answer: tuple[int, int] | None = None) -> Text:
    """Render an answer's text with its `[n]` in colour and the words that answer in bold."""
    shown = Text(printable(text))
    if answer and shown.plain == text:  # else the offsets are of other characters
        shown.stylize("bold", *answer)
    shown.highlight_regex(MARKER, "cyan")
    return shown


def with_marks(shown: Text, text: str, marks: Marks) -> Text:
    """Mark words of a text that is shown, unless some of its characters were left out."""
    for span in marks if shown.plain == text else ():
        shown.stylize("bold yellow", *span)
    return shown


def by_article(citations: Iterable[Citation]) -> list[list[Citation]]:
    """Group citations by article, in the order of their first numbers."""
    groups: dict[str, list[Citation]] = {}
    for citation in citations:
        groups.setdefault(citation.article_id, []).append(citation)
    return list(groups.values())


def source_view(
    citations: Sequence[Citation], answer: str, *, linked: bool, marks: Marks = ()
) -> list[RenderableType]:
    """Render a cited article, with the quotes that `answer` does not repeat word for word.

    `marks` are the words of its title that were looked for.
    """
    first = citations[0]
    mark = Text("".join(f"[{citation.number}]" for citation in citations) + " ", style="cyan")
    indent = Text(" " * mark.cell_len)
    address = marked(link(first.url, first.uri), first.quote) if linked else ""
    title = Text(printable(first.title), style=f"link {address}" if address else "")
    title = with_marks(title, first.title, marks)
    if about := whereabouts(*citations):
        title = Text.assemble(title, (f" — {printable(about)}", "dim"))
    view: list[RenderableType] = [Hanging(mark, title)]
    if not address:
        view.append(place_view(first.url or nearby(first.uri), indent))
    if also := also_in(citations):
        view.append(Hanging(indent, Text(printable(also), style="dim")))
    for citation in citations:
        if not all(line in answer for line in citation.quote.splitlines()):
            number = f"[{citation.number}] " if len(citations) > 1 else ""
            quoted = Text(f"{number}“{printable(citation.quote)}”", style="italic")
            view.append(Hanging(indent, quoted))
    return view


def more_view(articles: Sequence[Article], *, linked: bool) -> Group:
    """Render how other outlets tell of the same, or nothing where none does."""
    parts: list[RenderableType] = ["", Text("More on this:", style="dim")] if articles else []
    for article in articles:
        address = link(article.url, article.uri) if linked else ""
        title = Text(printable(article.title), style=f"link {address}" if address else "")
        about = printable(dateline(article.source, article.published))
        parts.append(Hanging(Text("  "), Text.assemble(title, (f" — {about}", "dim"))))
    return Group(*parts)


def context_view(citation: Citation, body: str) -> Group:
    """Render a quote, highlighted, inside its paragraph.

    `body` is the article's current text. If the quote is no longer in it, the quote is shown
    without its paragraph.
    """
    mark = Text(f"[{citation.number}] ", style="cyan")
    about = whereabouts(citation)
    title = Text(printable(" — ".join(filter(None, (citation.title, about)))), style="bold")
    before, after = paragraph_around(citation, body)
    text = Text.assemble(
        (printable(before) + " " if before else "", "dim"),
        (printable(citation.quote), "reverse"),
        (" " + printable(after) if after else "", "dim"),
    )
    return Group(Hanging(mark, title), Hanging(Text(" " * mark.cell_len), text))


def paragraph_around(citation: Citation, body: str) -> tuple[str, str]:
    """Return the text before and after a quote in its paragraph.

    Both are empty if the article no longer has the quote at the citation's offsets.
    """
    if body[citation.start : citation.end] != citation.quote:
        return "", ""
    start = body.rfind("\n\n", 0, citation.start)
    end = body.find("\n\n", citation.end)
    before = body[0 if start < 0 else start + 2 : citation.start]
    after = body[citation.end : len(body) if end < 0 else end]
    return before, after


def nearby(uri: str) -> str:
    """Shorten a path below the current folder to a relative one; leave others unchanged."""
    here = os.path.join(os.getcwd(), "")
    return uri.removeprefix(here) if os.path.isabs(uri) else uri


def place_view(place: str, indent: Text) -> Text:
    """Render an address or path on one line, however long, so that it can be copied."""
    line = indent + Text(printable(place), style="dim")
    line.no_wrap, line.overflow = True, "ignore"
    return line
