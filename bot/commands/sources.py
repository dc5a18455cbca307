"""`newsdesk sources`: list, show and remove the articles of the archive."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import (
    AsJson,
    EnvFile,
    Home,
    examples,
    open_archive,
    print_json,
    print_message,
    screen,
)
from retrieval.errors import ArticleNotFound, NewsdeskError

if TYPE_CHECKING:
    from bot.wiring import Desk
    from corpus.article import Article

SHORTEST_ID = 4
"""Length of the shortest prefix of an article's id that is accepted."""


def _completed(context: typer.Context, incomplete: str) -> list[str]:
    """Return the ids that the shell offers; their titles, which a shell might run, are left out."""
    from bot.settings import load_settings
    from bot.wiring import Desk

    given = context.params
    try:
        settings = load_settings(
            given.get("home"), env_file=given.get("env_file"), notice=lambda _: None
        )
        with closing(Desk(settings)) as desk:
            starts = incomplete.lower()
            return desk.catalog.ids_beginning(starts) if desk.has_catalog else []
    except NewsdeskError:
        return []  # the command says what is the matter


Id = Annotated[
    str,
    typer.Argument(
        metavar="ID", help="The article's id, or how it begins.", autocompletion=_completed
    ),
]
Ids = Annotated[
    list[str],
    typer.Argument(
        metavar="ID", help="The articles' ids, or how they begin.", autocompletion=_completed
    ),
]

app = typer.Typer(
    invoke_without_command=True,
    rich_markup_mode=None,
    epilog=examples(
        "newsdesk sources",
        "newsdesk sources show 3f9a2c1d",
        "newsdesk sources remove 3f9a2c1d 77b0e4a5",
    ),
)


@app.callback()
def sources(
    context: typer.Context, as_json: AsJson = False, home: Home = None, env_file: EnvFile = None
) -> None:
    """List, show or remove the articles of the archive.

    By itself it lists them.
    """
    if context.invoked_subcommand is None:
        show_list(as_json, home, env_file)


@app.command("list", epilog=examples("newsdesk sources list", "newsdesk sources list --json"))
def show_list(as_json: AsJson = False, home: Home = None, env_file: EnvFile = None) -> None:
    """List the articles, newest first: id, date, outlet, title."""
    from bot.rendering.articles import article_object, show_articles

    desk = open_archive(home, env_file)
    if as_json:
        gone = desk.sources.gone()
        print_json([article_object(article, gone) for article in desk.catalog.every_article()])
        return
    articles = list(desk.catalog.every_article())
    if articles:
        show_articles(screen(), articles, desk.sources.gone())
    else:
        print_message("The archive is empty: add articles with `newsdesk ingest FOLDER`.")


@app.command(epilog=examples("newsdesk sources show 3f9a2c1d", "newsdesk sources show 3f9a --json"))
def show(
    article_id: Id, as_json: AsJson = False, home: Home = None, env_file: EnvFile = None
) -> None:
    """Show a whole article. A citation's offsets count characters of its "body"."""
    from bot.rendering.articles import article_object, show_article

    desk = open_archive(home, env_file)
    [article] = _find(desk, [article_id])
    gone = desk.sources.gone()
    if as_json:
        print_json(article_object(article, gone) | {"body": article.body})
    else:
        show_article(screen(), article, gone)


@app.command(epilog=examples("newsdesk sources remove 3f9a2c1d"))
def remove(article_ids: Ids, home: Home = None, env_file: EnvFile = None) -> None:
    """Take articles out of the archive.

    Their files stay, and ingesting these, or their web addresses, brings them back. What is
    followed does not.
    """
    from bot.rendering.terminal import printable

    desk = open_archive(home, env_file)
    articles = _find(desk, article_ids)
    with desk.indexer(
        lambda: print_message("An ingest is running; waiting for it to finish…")
    ) as index:
        desk.sources.keep_away(articles)  # first: a removal that is cut short can be repeated
        index.remove([article.id for article in articles])
    for article in articles:
        print(printable(f"Removed {article.title} ({article.uri})"))


def _find(desk: Desk, starts: Iterable[str]) -> list[Article]:
    wanted = [full_id(start, desk.catalog.ids_beginning(start.strip().lower())) for start in starts]
    return list(desk.catalog.articles(wanted).values())


def full_id(start: str, ids: Collection[str]) -> str:
    """Return the only id that starts with `start`, such as "3f9a" for "3f9a2c1d00b7e1a4".

    Raises:
        ArticleNotFound: no id starts so, or several do.
    """
    start = start.strip().lower()
    if not re.fullmatch(rf"[0-9a-f]{{{SHORTEST_ID},}}", start):
        raise ArticleNotFound(
            f"{start!r} is not an article's id, which is {SHORTEST_ID} to 16 of 0-9 and a-f: "
            "`newsdesk sources` lists them."
        )
    found = [known for known in ids if known.startswith(start)]
    if not found:
        raise ArticleNotFound(f"No article has the id {start}: `newsdesk sources` lists them.")
    if len(found) > 1:
        raise ArticleNotFound(
            f"{len(found)} articles have an id that begins with {start}: "
            f"{', '.join(sorted(found)[:5])}{'…' if len(found) > 5 else ''}."
        )
    return found[0]
