"""Renders what is followed, and what a refresh did."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.rendering.terminal import page, printable
from corpus.web.addresses import without_password
from retrieval.following.records import Followed, Miss
from retrieval.following.refresh import RefreshReport
from retrieval.following.sources import Sources
from retrieval.text.counted import counted

_KINDS = {"feed": ("entry", "entries"), "sitemap": ("address", "addresses")}
_LINKS = ("link", "links")
_MOST_REASONS = 3
_MOST_MISSED = 1_000
"""Articles that could not be had of which each is named."""


def followed_line(followed: Followed, sources: Sources) -> str:
    """Say what was found at an address that is followed from now on."""
    counts = sources.counts(followed.address)
    name = followed.title or followed.address
    place = f" ({followed.kind}, {followed.address})" if followed.title else f" ({followed.kind})"
    parts = [counted(counts.named, *_KINDS.get(followed.kind, _LINKS))]
    parts.append(f"{counted(counts.read, 'article')} read")
    if counts.excerpts:
        parts.append(f"{counts.excerpts:,} only as the feed has them")
    if counts.failed:
        reasons = _reasons(sources.reasons(followed.address, excerpt=False))
        parts.append(f"{counts.failed:,} could not be had ({reasons})")
    if counts.waiting:
        parts.append(f"{counts.waiting:,} still to be fetched")
    return _shown(f"Following {name}{place}: {', '.join(parts)}")


def refreshed_line(report: RefreshReport, due: float | None, now: float) -> str:
    """Say what a refresh did, and when something is due again."""
    parts = [f"{counted(report.fetched, 'address', 'addresses')} fetched"]
    parts.append(counted(len(report.added), "new article"))
    if report.excerpts:
        parts.append(f"{len(report.excerpts):,} of them only as the feed has them")
    parts.append(f"{len(report.updated):,} updated")
    if report.gone:
        parts.append(f"{len(report.gone):,} gone from the web")
    if report.faults:
        parts.append(counted(len(report.faults), "error"))
    again = f"; next in {_span(due - now)}" if due is not None else ""
    return f"{', '.join(parts)}{again}"


def followed_object(followed: Followed, sources: Sources) -> dict[str, Any]:
    """Return the JSON object of a followed address, with the articles that could not be had."""
    counts = sources.counts(followed.address)
    missed = sources.missed(followed.address, _MOST_MISSED)
    return {
        "address": without_password(followed.address),
        "kind": followed.kind,
        "title": followed.title or None,
        "last": _moment(followed.last),
        "new": followed.new,
        "articles": counts.read,
        "excerpts": counts.excerpts,
        "waiting": counts.waiting,
        "failed": counts.failed,
        "failures": followed.failures,
        "error": followed.error or None,
        "next": _moment(followed.due),
        "missed": [asdict(one) | {"address": without_password(one.address)} for one in missed],
    }


def show_missed(console: Console, followed: Followed, sources: Sources) -> None:
    """Print the articles of a followed address that could not be had, the newest first.

    Each with its address, the reason, and whether the feed's text of it is kept.
    """
    missed = sources.missed(followed.address, _MOST_MISSED)
    rows = [[_shown(one.address), _shown(one.reason), _kept(one)] for one in missed]
    if not console.is_terminal:
        for row in rows:
            print("\t".join(row))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    for name, ratio in (("Article", 3), ("Could not be had", 2), ("Kept", 1)):
        table.add_column(name, overflow="fold", ratio=ratio)
    for row in rows:
        table.add_row(*map(Text, row))
    page(console, table)


def _kept(missed: Miss) -> str:
    return "as the feed has it" if missed.excerpt else ""


def show_followed(
    console: Console, followed: Sequence[Followed], sources: Sources, now: float
) -> None:
    """Print what is followed as a table on a terminal, or as fields between tabs elsewhere."""
    rows = [_row(one, sources, now) for one in followed]
    if not console.is_terminal:
        for row in rows:
            print("\t".join(row))
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("Address", overflow="fold", ratio=3)
    for name in ("Kind", "Last", "New"):
        table.add_column(name, no_wrap=True)
    table.add_column("Errors", ratio=2)
    table.add_column("Next", no_wrap=True)
    for row in rows:
        table.add_row(*map(Text, row))
    page(console, table)


def _row(followed: Followed, sources: Sources, now: float) -> list[str]:
    last = "" if followed.last is None else f"{_span(now - followed.last)} ago"
    errors = [f"{followed.failures} × {followed.error}"] if followed.failures else []
    for excerpt, told in ((False, "could not be had"), (True, "only as the feed has them")):
        if reasons := sources.reasons(followed.address, excerpt=excerpt):
            errors.append(f"{sum(reasons.values()):,} {told}: {_reasons(reasons)}")
    due = "now" if followed.due <= now else f"in {_span(followed.due - now)}"
    row = [followed.address, followed.kind, last, str(followed.new), "; ".join(errors), due]
    return [_shown(cell) for cell in row]


def _reasons(reasons: Mapping[str, int]) -> str:
    """Return the commonest reasons, each with its number: "2 × there is nothing (404)"."""
    named = list(reasons.items())[:_MOST_REASONS]
    parts = [f"{count:,} × {reason}" for reason, count in named]
    if rest := sum(reasons.values()) - sum(count for _, count in named):
        parts.append(f"{rest:,} for other reasons")
    return ", ".join(parts)


def _shown(text: str) -> str:
    return without_password(printable(text))


def _span(seconds: float) -> str:
    """Return a time such as "4 min", rounded up."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{round(seconds / size)} {unit}"
    return f"{max(round(seconds), 0)} s"


def _moment(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
