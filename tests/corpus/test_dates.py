from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.dates import is_ambiguous, parse_date, shown_date

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
        "1603756800",
        1603756800000,
        "1603756800000",
        "20201027T233000+0900",
        "2020/10/27",
        "27.10.2020",
        "10/27/2020",
        "27. Oktober 2020",
        "27 octobre 2020",
        "27 de octubre de 2020",
        "27 октября 2020 г.",
        "2020年10月27日",
        "October 27, 2020 11:00 PM PST",
        "October 27, 2020, at 11:29 a.m.",
        "8:42 a.m. EDT October 27, 2020",
        "Tue Oct 27 21:30:09 EST 2020",
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
        "10/27/20",
        "2562-10-27x",
        "",
        None,
        True,
        2020,
        20201027,
        -1603756800,
        10**400,
        float("nan"),
        float("inf"),
        ["2020-10-27"],
    ],
)
def test_anything_else_is_no_date(value: object) -> None:
    assert parse_date(value) is None


@pytest.mark.parametrize("value", ["03/04/2020", "3.4.2020", "03-04-2020 10:00"])
def test_a_date_that_reads_as_two_days_is_known_to_be_ambiguous(value: str) -> None:
    assert parse_date(value) is None
    assert is_ambiguous(value)


@pytest.mark.parametrize("value", ["13/04/2020", "04/04/2020", "2020", "soon", "", None, 5])
def test_other_values_are_not_ambiguous(value: object) -> None:
    assert not is_ambiguous(value)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Posted on October 27, 2020 by Ann Bell", THE_DAY),
        ("10/27/2020 7:11 AM PST BY BELL STAFF", THE_DAY),
        ("Submitted on Tue, 2020-10-27 13:49", THE_DAY),
        ("2020年10月27日07:17", THE_DAY),
        ("Publié le 27/10/2020, mis à jour le 28/10/2020", THE_DAY),
        ("Updated October 28, 2020. Published October 27, 2020", THE_DAY),
        ("Updated 9:22 PM EST, October 28, 2020", None),
        ("Weather for 27 towns, 2020 edition", None),
        ("03/04/2020", None),
        ("The old bridge was opened by the mayor on August 14, 1935", None),
    ],
)
def test_the_date_in_a_line_for_readers(text: str, day: date | None) -> None:
    assert shown_date(text) == day


@given(st.one_of(st.text(), st.integers(), st.floats(), st.from_regex(r"\d+ [A-Za-z]{3,9} \d{4}")))
def test_no_value_makes_it_raise(value: object) -> None:
    parse_date(value)
