"""`newsdesk usage`: the tokens and dollars that chat models took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.commands.common import AsJson, EnvFile, Home, open_archive, print_json, print_message

if TYPE_CHECKING:
    from retrieval.models.ledger import Entry


def usage(as_json: AsJson = False, home: Home = None, env_file: EnvFile = None) -> None:
    """Show the tokens and dollars that models took.

    They are given by day (UTC) and model, newest first. A model whose price is not known has
    tokens alone. Answers quoted from the articles cost nothing and are not listed.
    """
    entries = open_archive(home, env_file).stores.ledger.entries()
    if as_json:
        print_json([_object(entry) for entry in entries])
        return
    if not entries:
        print_message("No model has been used yet.")
        return
    _print(entries)


def _object(entry: Entry) -> dict[str, object]:
    return {
        "day": entry.day.isoformat(),
        "model": entry.model,
        "calls": entry.calls,
        "prompt_tokens": entry.prompt_tokens,
        "completion_tokens": entry.completion_tokens,
        "cost_usd": entry.cost_usd,
    }


def _print(entries: list[Entry]) -> None:
    from bot.rendering.terminal import printable

    total = sum(entry.cost_usd or 0.0 for entry in entries)
    rows = [
        ("Day (UTC)", "Model", "Calls", "Tokens sent", "Received", "US dollars"),
        *(
            (
                entry.day.isoformat(),
                printable(entry.model),
                f"{entry.calls:,}",
                f"{entry.prompt_tokens:,}",
                f"{entry.completion_tokens:,}",
                dollars(entry.cost_usd),
            )
            for entry in entries
        ),
        ("Total", "", "", "", "", dollars(total)),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for day, model, *figures in rows:
        shown = [day.ljust(widths[0]), model.ljust(widths[1])]
        shown += [f.rjust(width) for f, width in zip(figures, widths[2:], strict=True)]
        print("  ".join(shown))


def dollars(cost: float | None) -> str:
    """Return an amount of US dollars with four decimals, or "unknown"."""
    return "unknown" if cost is None else f"{cost:.4f}"
