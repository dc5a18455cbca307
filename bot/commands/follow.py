"""`newsdesk follow`, `unfollow`, `following` and `refresh`: news that comes in by itself."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from bot.commands.common import (
    INTERRUPTED,
    AsJson,
    EnvFile,
    Home,
    open_archive,
    open_desk,
    print_json,
    print_message,
    progress,
    screen,
)
from retrieval.errors import CannotFollow, NewsdeskError

if TYPE_CHECKING:
    from collections.abc import Collection

    from bot.wiring import Desk
    from retrieval.following.refresh import Refresher, RefreshReport

_SOON = 0.1
"""What is due in this part of the usual pause is fetched along with what is due."""

_SHORTEST_WAIT = 30.0

Addresses = Annotated[
    list[str],
    typer.Argument(
        metavar="ADDRESS", help="Addresses of feeds, sitemaps, or pages that link to articles."
    ),
]


def follow(addresses: Addresses, home: Home = None, env_file: EnvFile = None) -> None:
    """Have the articles of feeds and sites come in.

    They are fetched now, and at each refresh. Of a page that announces feeds these are followed; of
    another, its links to articles.
    """
    desk = open_desk(home, env_file)
    failed = False
    try:
        with desk.refresher(_say_waiting) as refresher:
            for address in addresses:
                try:
                    _follow(refresher, address)
                except CannotFollow as error:
                    print_message(str(error))
                    failed = True
    except KeyboardInterrupt:
        print_message("Interrupted: `newsdesk refresh` goes on from there.")
        raise typer.Exit(INTERRUPTED) from None
    if failed:
        raise typer.Exit(1)


def _follow(refresher: Refresher, address: str) -> None:
    from bot.rendering.following import followed_line

    followed = refresher.watcher.follow(address)
    _run(refresher, [one.address for one in followed])
    for one in followed:
        print(followed_line(one, refresher.sources.counts(one.address)))


def unfollow(addresses: Addresses, home: Home = None, env_file: EnvFile = None) -> None:
    """Follow addresses no longer. Their articles stay."""
    from bot.rendering.terminal import printable
    from corpus.web.addresses import typed

    desk = open_archive(home, env_file)
    failed = False
    with desk.refresher(_say_waiting) as refresher:
        for address in addresses:
            if found := refresher.sources.find(typed(address)):
                refresher.sources.unfollow(found.address)
                print(printable(f"No longer following {found.title or found.address}"))
            else:
                print_message(f"{address} is not followed: `newsdesk following` lists what is.")
                failed = True
    if failed:
        raise typer.Exit(1)


def following(as_json: AsJson = False, home: Home = None, env_file: EnvFile = None) -> None:
    """List what is followed.

    Address, kind, last fetch, articles that came then, errors, next fetch.
    """
    from bot.rendering.following import followed_object, show_followed

    desk = open_archive(home, env_file)
    followed = desk.sources.followed() if desk.catalog_path.exists() else []
    if as_json:
        print_json([followed_object(one, desk.sources.counts(one.address)) for one in followed])
    elif followed:
        show_followed(screen(), followed, time.time())
    else:
        print_message("Nothing is followed: begin with `newsdesk follow ADDRESS`.")


def refresh(
    watch: Annotated[bool, typer.Option("--watch", help="Go on until Ctrl-C.")] = False,
    now: Annotated[
        bool, typer.Option("--now", help="Also what is not due yet, such as a page just corrected.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Fetch new articles, and corrections of recent ones.

    What is due is fetched: followed addresses, and articles that may have changed.
    """
    desk = open_archive(home, env_file)
    if not (desk.catalog_path.exists() and desk.sources.followed()):
        raise CannotFollow("Nothing is followed: begin with `newsdesk follow ADDRESS`.")
    try:
        report = _refresh(desk, now=now, as_json=as_json)
        while watch:
            time.sleep(_pause(desk))
            try:
                _refresh(desk, now=False, as_json=as_json)
            except NewsdeskError as error:  # the disk may have room again the next time
                print_message(str(error))
    except KeyboardInterrupt:
        print_message("Interrupted: the next refresh goes on from there.")
        raise typer.Exit(INTERRUPTED) from None
    if report.fetched and len(report.faults) == report.fetched:
        raise typer.Exit(1)


def _refresh(desk: Desk, *, now: bool, as_json: bool) -> RefreshReport:
    from bot.rendering.following import refreshed_line

    with desk.refresher(_say_waiting) as refresher:
        if now:
            every = [one.address for one in refresher.sources.followed()]
            refresher.sources.hasten(every, time.time())
        report = _run(refresher)
    for fault in report.faults:
        print_message(f"{fault.address}: {fault.reason}")
    if as_json:
        print_json(asdict(report))
    else:
        print(refreshed_line(report, desk.sources.next_due(), time.time()), flush=True)
    return report


def _run(refresher: Refresher, followed: Collection[str] = ()) -> RefreshReport:
    def expected() -> int:
        return refresher.sources.count_due(time.time(), followed)

    with progress("Fetching", expected) as advance:
        return refresher.run(followed, soon=_SOON * refresher.every, progress=advance)


def _pause(desk: Desk) -> float:
    """Return for how many seconds nothing is due."""
    from retrieval.following.schedule import EVERY

    every = desk.settings.refresh or EVERY
    due = desk.sources.next_due()
    return min(max((due or 0.0) - time.time(), _SHORTEST_WAIT), every)


def _say_waiting() -> None:
    print_message("Another refresh or ingest is running; waiting for it to finish…")
