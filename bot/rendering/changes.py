"""Renders changed articles, and answers whose quotes no longer stand, as text or JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from bot.outdated import LostQuote, OutdatedAnswer
from bot.rendering.articles import article_object
from bot.rendering.as_json import citation_object
from bot.rendering.terminal import Hanging, dateline, moment, printable, whereabouts
from retrieval.archive.history import Withdrawn
from retrieval.news.changes import Change, Difference, changed_words


def changes_object(changes: Iterable[Change], withdrawn: Iterable[Withdrawn]) -> dict[str, Any]:
    """Return the JSON object that `newsdesk changes --json` prints; its keys are a contract."""
    return {
        "changed": [
            {
                "article": article_object(change.article),
                "at": _iso(change.at),
                "times": change.times,
                "title": _difference(change.title) if change.title else None,
                "sentences": [_difference(one) for one in change.sentences],
            }
            for change in changes
        ],
        "withdrawn": [
            {"article_id": w.article_id, "uri": w.uri, "at": _iso(_utc(w.at)), "reason": w.reason}
            for w in withdrawn
        ],
    }


def outdated_object(answer: OutdatedAnswer) -> dict[str, Any]:
    """Return the JSON object of an answer that no longer stands; its keys are a contract."""
    return {
        "question": answer.question,
        "at": _iso(answer.at),
        "chat_id": answer.chat_id,
        "messages": list(answer.messages),
        "quotes": [
            {
                "sentence": lost.sentence,
                **_difference(Difference(lost.was, lost.now)),
                "removed": lost.removed or None,
                "citation": citation_object(lost.citation),
            }
            for lost in answer.quotes
        ],
    }


def _difference(one: Difference) -> dict[str, str | None]:
    return {"was": one.was or None, "now": one.now or None}


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def changes_view(changes: Iterable[Change], withdrawn: Iterable[Withdrawn]) -> Group:
    """Render changed articles: headline, outlet and date, when, and what stood and stands."""
    blocks = [[*_change_view(change)] for change in changes]
    blocks += [[*_withdrawn_view(one)] for one in withdrawn]
    return _apart(blocks)


def outdated_view(answers: Iterable[OutdatedAnswer]) -> Group:
    """Render answers that no longer stand: question, when, and each quote then and now."""
    return _apart([[*_outdated_view(answer)] for answer in answers])


def _apart(blocks: Sequence[Sequence[RenderableType]]) -> Group:
    parts: list[RenderableType] = []
    for block in blocks:
        parts += ["", *block] if parts else block
    return Group(*parts)


def _change_view(change: Change) -> Iterator[RenderableType]:
    article = change.article
    about = dateline(article.source, article.published)
    often = f", {change.times} times" if change.times > 1 else ""
    yield Text(printable(article.title), style="bold")
    yield _dim(about, f"changed {moment(change.at)}{often}")
    if change.title:
        yield Text("  Headline:", style="dim")
        yield from _difference_view(change.title)
    for one in change.sentences:
        yield from _difference_view(one)


def _withdrawn_view(withdrawn: Withdrawn) -> Iterator[RenderableType]:
    yield Text(printable(withdrawn.uri), style="bold")
    yield _dim(f"withdrawn {moment(_utc(withdrawn.at))}", withdrawn.reason)


def _outdated_view(answer: OutdatedAnswer) -> Iterator[RenderableType]:
    yield Text(printable(answer.question), style="bold")
    yield _dim(f"answered {moment(answer.at)}")
    for lost in answer.quotes:
        yield from _lost_view(lost)


def _lost_view(lost: LostQuote) -> Iterator[RenderableType]:
    citation = lost.citation
    about = whereabouts(citation)
    gone = f"the article is gone: {lost.removed}" if lost.removed else ""
    yield Hanging(Text("  "), _dim(f"[{citation.number}] {citation.title}", about, gone))
    if lost.sentence and lost.was not in lost.sentence:
        yield Hanging(Text("    "), Text(printable(f"said: {lost.sentence}")))
    yield from _difference_view(Difference(lost.was, lost.now))


def _difference_view(one: Difference) -> Iterator[RenderableType]:
    """Render what stood behind a minus, and what stands behind a plus; on a terminal the words
    that differ stand out."""
    was, now = changed_words(one.was, one.now)
    edited = bool(one.was and one.now)
    for mark, runs, colour in (("-", was, "red"), ("+", now, "green")):
        if runs:
            words = [
                Text(printable(run), style=f"bold {colour}" if edited and own else "")
                for run, own in runs
            ]
            yield Hanging(Text.assemble("  ", (mark, colour), " "), Text(" ").join(words))


def _dim(*parts: str) -> Text:
    return Text(printable(" — ".join(filter(None, parts))), style="dim")
