from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.dates import parse_date

THE_DAY = date(2020, 10, 27)


@pytest.mark.parametrize(
    "value",
    [
        THE_DAY,
        datetime(2020, 10, 27, 23, 30),
        datetime(2020, 10, 27, 23, 30, tzinfo=timezone(timedelta(hours=-5))),
        "2020-10-27",
        " 2020-10-27 ",
        "2020-10-27T23:30:00Z",
        "2020-10-27T23:30:00.123-05:00",
        "2020-10-27 23:30",
        "2020-10-27T23:30:00+0200",
        "27 October 2020",
        "27th October, 2020",
        "October 27, 2020",
        "Oct. 27, 2020",
        "27 Oct 2020",
        "27 OCT 2020",
        "Tuesday, 27 October 2020",
        "Tue, 27 Oct 2020 10:00:00 GMT",
        "Tue, 27 Oct 2020 23:30:00 -0500",
        datetime(2020, 10, 27, 23, 30, tzinfo=UTC).timestamp(),
        1603756800,
    ],
)
def test_a_stated_date_is_read_as_written(value: object) -> None:
    assert parse_date(value) == THE_DAY


@pytest.mark.parametrize("value", ["Sept. 3, 2021", "Sep 3, 2021", "3 September 2021"])
def test_september_has_two_abbreviations(value: str) -> None:
    assert parse_date(value) == date(2021, 9, 3)


@pytest.mark.parametrize(
    "value",
    [
        "03/04/2020",
        "2020",
        "October 2020",
        "27 October",
        "yesterday",
        "today",
        "31 February 2020",
        "2020-13-01",
        "2020-10-27 Protesters gathered",
        "27 Brumaire 2020",
        "1603756800",
        "",
        None,
        True,
        2020,
        20201027,
        -1603756800,
        1603756800000,
        10**400,
        float("nan"),
        float("inf"),
        ["2020-10-27"],
    ],
)
def test_anything_else_is_no_date(value: object) -> None:
    assert parse_date(value) is None


@given(st.one_of(st.text(), st.integers(), st.floats(), st.from_regex(r"\d+ [A-Za-z]{3,9} \d{4}")))
def test_no_value_makes_it_raise(value: object) -> None:
    parse_date(value)
