"""Numbers with their nouns."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 article", "1,200 articles", "3 stories"."""
    return f"1 {one}" if number == 1 else f"{number:,} {many or f'{one}s'}"
