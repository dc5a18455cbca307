"""Prints what was measured at several sizes side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def table(measured: Sequence[dict[str, Any]]) -> str:
    """Return a table: a row a figure, a column a size, and the growth from the first to the last.

    Seconds are shown in milliseconds, bytes for each passage.
    """
    names = list(dict.fromkeys(name for one in measured for name in one["figures"]))
    lines = [["", *(f"{one['passages']:,}" for one in measured), "growth"]]
    for name in names:
        values = [one["figures"].get(name) for one in measured]
        shown = ["" if v is None else _shown(name, v) for v in values]
        growth = f"{values[-1] / values[0]:.1f} x" if values[0] and values[-1] else ""
        lines.append([_label(name), *shown, growth if len(values) > 1 else ""])
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip()
        for line in lines
    )


def _label(name: str) -> str:
    if name.startswith(("bytes", "memory")):
        return f"{name} (MB)"
    return name if name.startswith("ingest:") else f"{name} (ms)"


def _shown(name: str, value: float) -> str:
    if name.startswith(("bytes", "memory")):
        return f"{value / 1e6:,.1f}"
    return f"{value:,.1f}" if "(ms)" not in _label(name) else f"{value * 1000:,.1f}"
