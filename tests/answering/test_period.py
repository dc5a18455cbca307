"""The time that a timeline is to tell of."""

import pytest

from retrieval.answering.period import period_of, placed
from retrieval.text.days import Day


def told_of(time: str, *days: Day) -> list[Day]:
    """Return the days that are of a time, of some days."""
    within = period_of(f"the storm {time}")
    first, last = placed(within, days) if within else (min(days), max(days))
    return [day for day in days if first <= day <= last]


def test_a_range_of_days() -> None:
    assert period_of("the storm between 3 and 10 October 2020") == ((2020, 10, 3), (2020, 10, 10))
    days = [(2020, 10, n) for n in (2, 5, 9, 12)]
    for time in ("between 3 and 10 October 2020", "from 3 October to 10 October"):
        assert told_of(time, *days) == days[1:3]
    assert period_of("the storm of 3 October") is None
    assert period_of("from 2020-13-01 to 2020-19-41") is None


WINTER = [(2020, 11, 30), (2020, 12, 5), (2021, 1, 7), (2021, 2, 9), (2021, 3, 1)]


@pytest.mark.parametrize(
    ("time", "first", "last"),
    [
        ("from December to February", 1, 3),
        ("from December 2020 to February", 1, 3),
        ("between December and 20 January 2021", 1, 2),
        ("in january", 2, 2),
        ("during January 2021", 2, 2),
        ("since 5 December", 1, 4),
        ("since February 2021", 3, 4),
        ("until 7 January", 0, 2),
        ("of the winter", 0, 4),
        ("of 7 January", 0, 4),
    ],
)
def test_a_time_narrows_a_timeline(time: str, first: int, last: int) -> None:
    assert told_of(time, *WINTER) == WINTER[first : last + 1]


def test_a_month_without_its_year_is_the_one_most_is_told_of() -> None:
    assert told_of("in January", (1991, 1, 3), (2021, 1, 2), (2021, 1, 7)) == [
        (2021, 1, 2),
        (2021, 1, 7),
    ]
