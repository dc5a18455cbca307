"""Renders what became of an answer on its way, for those who run a bot and for no reader."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from bot.rendering.terminal import Hanging, printable
from retrieval.answers import Answer, Derived, Removed
from retrieval.checking.reasons import why


def explanation_view(answer: Answer) -> Group:
    """Render the sentences whose figures follow from others, with how; those that the check
    removed, with why and the nearest quote; and the times."""
    parts: list[RenderableType] = [""]
    if answer.derived:
        parts.append(Text("Figures that no passage states, and how they may follow:", style="dim"))
        for derived in answer.derived:
            parts += _derived_view(derived)
        parts.append("")
    if answer.removed:
        parts.append(Text("Removed by the check:", style="dim"))
    elif answer.written:
        parts.append(Text("The check removed nothing.", style="dim"))
    else:
        parts.append(Text("No model wrote this, so nothing was checked.", style="dim"))
    for removed in answer.removed:
        parts += _removed_view(removed)
    times = (f"{name.replace('_', ' ')} {ms:,g}" for name, ms in answer.timings_ms.items())
    return Group(*parts, "", Text(f"Milliseconds: {', '.join(times)}", style="dim"))


def _derived_view(derived: Derived) -> Iterator[RenderableType]:
    yield Hanging(Text("  "), Text(f"“{printable(derived.sentence)}”"))
    for figure in derived.figures:
        yield Hanging(Text("    "), Text(printable(figure), style="dim"))


def _removed_view(removed: Removed) -> Iterator[RenderableType]:
    yield Hanging(Text("  "), Text(f"“{printable(removed.sentence)}”"))
    yield Hanging(Text("    "), Text(printable(why(removed)), style="dim"))
    if removed.quote:
        quoted = Text(f"“{printable(removed.quote)}”", style="italic")
        yield Hanging(Text("    nearest: ", style="dim"), quoted)
