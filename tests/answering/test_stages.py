"""Which stages a timeline has."""

from datetime import date

import pytest

from corpus.article import Article
from retrieval.answering.dating import Day
from retrieval.answering.stages import Stage, choose_stages, range_of
from retrieval.archive.passages import Passage
from retrieval.text.sentences import split_sentences

NOTHING = "A cat slept in the sun all day."


def stage(day: Day, text: str, score: float = 1.0) -> Stage:
    article = Article(f"/{day}{text}", "A title", text, published=date(2020, 12, 1))
    passage = Passage("p", article.id, 0, 0, len(text), text)
    return Stage(day, article, passage, split_sentences(text)[0], score)


def october(number: int, score: float = 1.0) -> Stage:
    return stage((2020, 10, number), f"Number {number}{number}{number} fell to the wind.", score)


NOISE = [stage((2019, 1, n), f"{NOTHING} It was {n}.", 0.1) for n in range(1, 20)]


def days(*stages: Stage) -> list[Day]:
    return [stage.day for stage in choose_stages([*stages, *NOISE])]


def test_one_a_day_in_order_and_without_what_is_far_from_the_subject() -> None:
    told = choose_stages([october(9), october(3), october(3, 0.9), *NOISE])
    assert [(s.day, s.score) for s in told] == [((2020, 10, 3), 1.0), ((2020, 10, 9), 1.0)]


def test_the_same_in_other_words_is_told_once() -> None:
    again = stage((2020, 10, 4), "Number 333 fell to the wind then.", 0.9)
    assert days(october(3), again, october(9)) == [(2020, 10, 3), (2020, 10, 9)]


def test_at_most_ten_spread_over_the_time() -> None:
    told = days(*(october(n, 1.0 if n > 10 else 0.9) for n in range(1, 31)))
    assert len(told) == 10
    assert sum(day[2] <= 10 for day in told) == 3


def test_nothing_is_told_where_nothing_is_near() -> None:
    assert days(october(3, 0.4), october(9, 0.4)) == []


def test_what_lies_long_before_is_left_out() -> None:
    old = stage((1903, 0, 0), "A ship was built for the king.")
    assert days(old, october(3), october(9)) == [(2020, 10, 3), (2020, 10, 9)]


def test_a_month_is_no_stage_beside_its_days() -> None:
    month = stage((2020, 10, 0), "Rain fell on the hills of Arnsby.")
    assert days(month, october(3), october(9)) == [(2020, 10, 3), (2020, 10, 9)]


def test_a_range_of_days() -> None:
    within = range_of("the storm between 3 and 10 October 2020")
    assert within == ((2020, 10, 3), (2020, 10, 10))
    told = choose_stages([october(2), october(5), october(9), october(12)], within)
    assert [s.day[2] for s in told] == [5, 9]
    without_year = range_of("the storm from 3 October to 10 October")
    told = choose_stages([october(2), october(5), october(9)], without_year)
    assert [s.day[2] for s in told] == [5, 9]
    assert range_of("the storm of 3 October") is None
    assert range_of("from 2020-13-01 to 2020-19-41") is None


def told_of(time: str, *of: Day) -> list[Day]:
    """Return the days that a timeline of a time has, of some days."""
    stages = [stage(day, f"Number {n}{n}{n} fell to the wind.") for n, day in enumerate(of, 1)]
    return [told.day for told in choose_stages(stages, range_of(f"the storm {time}"))]


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
