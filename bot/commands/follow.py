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
    from retrieval.following.records import Followed
    from retrieval.following.refresh import Refresher, RefreshReport

_SOON = 0.1
"""What is due in this part of the usual pause is fetched along with what is due."""

_SHORTEST_WAIT = 30.0
_BEGIN = ("follow", "ADDRESS")

Addresses = Annotated[
    list[str],
    typer.Argument(
        metavar="ADDRESS", help="Addresses of feeds, sitemaps, or pages that link to articles."
    ),
]


def follow(
    addresses: Addresses, as_json: AsJson = False, home: Home = None, env_file: EnvFile = None
) -> None:
    """Have the articles of feeds and sites come in.

    They are fetched now, and at each refresh. Of a page that announces feeds these are followed; of
    another, its links to articles.
    """
    from bot.rendering.following import followed_line, followed_object

    desk = open_desk(home, env_file)
    failed = False
    found: list[Followed] = []
    try:
        with desk.refresher(_say_waiting) as refresher:
            for address in addresses:
                try:
                    followed = _follow(refresher, address)
                except CannotFollow as error:
                    print_message(str(error))
                    failed = True
                    continue
                found += followed
                for one in followed if not as_json else ():
                    print(followed_line(one, refresher.sources))
            if as_json:
                print_json([followed_object(one, refresher.sources) for one in found])
    except KeyboardInterrupt:
        print_message("Interrupted: `newsdesk refresh` goes on from there.")
        raise typer.Exit(INTERRUPTED) from None
    if failed:
        raise typer.Exit(1)


def _follow(refresher: Refresher, address: str) -> list[Followed]:
    """Follow an address, fetch what it names, and return what is followed, as it is then."""
    addresses = [one.address for one in refresher.watcher.follow(address)]
    _run(refresher, addresses)
    return [one for one in refresher.sources.followed() if one.address in addresses]


def unfollow(addresses: Addresses, home: Home = None, env_file: EnvFile = None) -> None:
    """Follow addresses no longer. Their articles stay."""
    from bot.rendering.terminal import printable
    from corpus.web.addresses import typed

    desk = open_archive(home, env_file, begin=_BEGIN)
    failed = False
    with desk.refresher(_say_waiting) as refresher:
        for address in addresses:
            if found := refresher.sources.find(typed(address)):
                refresher.sources.unfollow(found.address)
                print(printable(f"No longer following {found.title or found.address}"))
            else:
                _say_not_followed(address)
                failed = True
    if failed:
        raise typer.Exit(1)


def following(
    address: Annotated[
        str | None,
        typer.Argument(
            metavar="ADDRESS",
            show_default=False,
            help="List the articles of this one that could not be had, and why.",
        ),
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """List what is followed.

    Address, kind, last fetch, articles that came since then, errors, next fetch.
    """
    from bot.rendering.following import followed_object, show_followed, show_missed
    from corpus.web.addresses import typed

    desk = open_archive(home, env_file, begin=_BEGIN)
    followed = desk.sources.followed() if desk.has_catalog else []
    if address is not None:
        found = desk.sources.find(typed(address)) if followed else None
        if found is None:
            _say_not_followed(address)
            raise typer.Exit(1)
        followed = [found]
    if as_json:
        print_json([followed_object(one, desk.sources) for one in followed])
    elif address is not None:
        show_missed(screen(), followed[0], desk.sources)
    elif followed:
        show_followed(screen(), followed, desk.sources, time.time())
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
    from retrieval.following.refresh import RefreshReport

    desk = open_archive(home, env_file, begin=_BEGIN)
    if not (desk.has_catalog and desk.sources.followed()):
        if as_json:
            print_json(asdict(RefreshReport()))
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


def _say_not_followed(address: str) -> None:
    from corpus.web.addresses import typed

    print_message(f"{typed(address)} is not followed: `newsdesk following` lists what is.")


def _say_waiting() -> None:
    print_message("Another refresh or ingest is running; waiting for it to finish…")
