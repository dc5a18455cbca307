"""Quiet hours as people write them, and when they are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.hours import read_hours


def at(hour: int) -> float:
    """A full hour of a day in November, by UTC."""
    return datetime(2026, 11, 28, hour, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "quiet", "loud"),
    [
        ("22-7 +2", (20, 0, 4), (19, 5, 12)),
        ("22–7", (22, 0, 6), (7, 21)),
        ("13-15 UTC-3", (16, 17), (15, 18)),
        ("23-24 +5:30", (18,), (17, 19)),
        ("off +1", (), (0, 3, 23)),
    ],
)
def test_when_it_is_quiet(text: str, quiet: tuple[int, ...], loud: tuple[int, ...]) -> None:
    hours = read_hours(text)
    assert all(hours.is_quiet(at(hour)) for hour in quiet)
    assert not any(hours.is_quiet(at(hour)) for hour in loud)
    assert read_hours(str(hours)) == hours


@pytest.mark.parametrize("text", ["", "22", "25-7", "7-7", "22-7 +15", "at night", "22-7 Berlin"])
def test_what_is_no_quiet_hours(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_hours(text)


def test_a_day_begins_by_the_chats_clock() -> None:
    assert read_hours("off +2").midnight(at(23)) == at(22)
