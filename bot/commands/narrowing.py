"""The words that `ask`, `chat`, `search` and `articles` take, and the options that narrow them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from bot.commands.common import UsageError

if TYPE_CHECKING:
    from datetime import date

    from retrieval.archive.filters import Filters

AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        show_default=False,
        help="Leave out articles of later days, and those without a date.",
    ),
]
FromDay = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="DATE",
        show_default=False,
        help="Only articles of that day or later: 2020-10-27, 2020-10 or 2020.",
    ),
]
UntilDay = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="DATE",
        show_default=False,
        help="Only articles of that day, month or year, or earlier.",
    ),
]
Outlets = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="NAME",
        show_default=False,
        help="Only articles of that outlet, by its name or site; may be given again.",
    ),
]
MOST_PASSAGES = 50
"""The most passages that -k asks for: a search considers about as many."""
Retrieved = Annotated[
    int | None,
    typer.Option(
        "-k",
        metavar="N",
        min=1,
        max=MOST_PASSAGES,
        show_default=False,
        help="How many passages an answer may be made from, instead of 10. Timelines and "
        "summaries take what they need.",
    ),
]


def narrowed(since: str | None, until: str | None, outlets: Sequence[str] | None) -> Filters:
    """Return the filters that the options stand for.

    Raises:
        BadQuestion: a day is none.
        UsageError: an outlet has no name.
    """
    from retrieval.archive.filters import Filters
    from retrieval.search.syntax import days

    sources = tuple(" ".join(name.replace('"', " ").split()) for name in outlets or ())
    if "" in sources:
        raise UsageError("--source takes the name of an outlet, or that of its site.")
    return Filters(
        days("--since ", since)[0] if since is not None else None,
        days("--until ", until)[1] if until is not None else None,
        sources,
    )


def day_of(as_of: str | None) -> date | None:
    """Return the day that --as-of names, of a month or a year the last.

    Raises:
        BadQuestion: it names none.
    """
    from retrieval.search.syntax import days

    return days("--as-of ", as_of)[1] if as_of is not None else None


_UNWANTED = re.compile(r"-[^\W\d_](?!\Z)")
_OPTION = re.compile(r"-(?:[kn]\d*|h)\Z")
_SHIELD = "\0"
"""Stands before a word that begins with a dash: no argument of a command line can have it."""
_UNQUOTED = re.compile(r"(-|source:)([^\"]*\s[^\"]*)", re.IGNORECASE)


class WithWords(TyperCommand):
    """A command whose words may be such as `-oil`, which leaves out what mentions oil.

    Only -h, -k and -n are short options of it. What begins with two dashes is an option.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Keep such words from being taken for options."""
        shielded = [
            f"{_SHIELD}{word}" if _UNWANTED.match(word) and not _OPTION.match(word) else word
            for word in args
        ]
        return super().parse_args(ctx, shielded)


def typed(words: Sequence[str]) -> str:
    """Return the words of a command as one text.

    Quotation marks that the shell took from `source:"Al Jazeera"` or `-"red cross"` are put back.
    """
    given = [word.removeprefix(_SHIELD) for word in words]
    if len(given) > 1:  # one alone is the whole text
        given = [_UNQUOTED.sub(r'\1"\2"', w) if _UNQUOTED.fullmatch(w) else w for w in given]
    return " ".join(given)
