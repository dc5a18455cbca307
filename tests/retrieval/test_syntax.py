"""Filters as people type them."""

from datetime import date

import pytest

from retrieval.archive.filters import EVERYTHING, Filters
from retrieval.errors import BadQuestion
from retrieval.search.syntax import filters_in, read, written

CEASEFIRE = ("ceasefire", "talks")
NO_FILTER = 'a 5" gun at -5 degrees, Nagorno-Karabakh - oil'


@pytest.mark.parametrize(
    ("typed", "text", "filters"),
    [
        ("Who signed the truce?", "Who signed the truce?", EVERYTHING),
        (
            "truce before:2020-11-10",
            "truce",
            Filters(until=date(2020, 11, 9)),
        ),
        ("truce AFTER:2020-10", "truce", Filters(since=date(2020, 10, 1))),
        ("truce since:2020-10", "truce", Filters(since=date(2020, 10, 1))),
        ("truce until:2020-10", "truce", Filters(until=date(2020, 10, 31))),
        ("truce on:2020-02", "truce", Filters(date(2020, 2, 1), date(2020, 2, 29))),
        ("truce on:2020", "truce", Filters(date(2020, 1, 1), date(2020, 12, 31))),
        ('truce source:"Al Jazeera" source:BBC', "truce", Filters(sources=("Al Jazeera", "BBC"))),
        ("source:“Al Jazeera” truce", "truce", Filters(sources=("Al Jazeera",))),
        (
            'the "exact phrase" here',
            "the exact phrase here",
            Filters(phrases=("exact phrase",)),
        ),
        ('truce -oil -"red cross"', "truce", Filters(without=("oil", "red cross"))),
        ("in:title ceasefire talks", "ceasefire talks", Filters(titles=("ceasefire",))),
        ("the ceasefire talks in:title", "the ceasefire talks", Filters(titles=CEASEFIRE)),
        (NO_FILTER, NO_FILTER, EVERYTHING),
        ("see https://example.org/on:2020", "see https://example.org/on:2020", EVERYTHING),
    ],
)
def test_filters_are_read_and_the_words_left(typed: str, text: str, filters: Filters) -> None:
    read_so = read(typed)
    assert (read_so.text, read_so.filters) == (text, filters)
    assert read(f"x {written(filters)}").filters == filters


@pytest.mark.parametrize(
    "typed", ["before:soon", "until:soon", "on:2020-13", "after:2021-02-29", "on:0000"]
)
def test_a_day_that_is_none_is_refused_with_what_is_taken(typed: str) -> None:
    with pytest.raises(BadQuestion, match=r"write \w+:2020-11-10"):
        read(f"truce {typed}")


@pytest.mark.parametrize(
    "typed",
    [
        " ".join(f"-word{n}" for n in range(40)),
        " ".join(f'"phrase {n}"' for n in range(40)),
        " ".join(f"word{n}" for n in range(40)) + " in:title",
    ],
)
def test_more_filters_than_can_be_looked_for_are_refused(typed: str) -> None:
    with pytest.raises(BadQuestion, match="At most 30"):
        read(typed)


def test_what_is_only_filters_is_read_and_anything_else_is_told() -> None:
    typed = 'source:“Al Jazeera” on:2020-02 "red cross" in:title truce -oil'
    assert filters_in(typed) == read(typed).filters
    assert filters_in("  ") == EVERYTHING
    for other in ("source:BBC truce", "truces", 'source:"Al Jazeera', "in: 2020"):
        with pytest.raises(BadQuestion, match="is no filter: there are source:NAME"):
            filters_in(other)
