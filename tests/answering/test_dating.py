"""The day of what a sentence tells of."""

from datetime import date

import pytest

from corpus.article import Article
from retrieval.answering.dating import (
    Time,
    day_of,
    day_told,
    event_spoken_of,
    time_asked,
    told_then,
    without_end,
)
from retrieval.answering.forms import asks_of_a_time_alone
from retrieval.text.days import Day
from retrieval.text.sentences import split_sentences

MONDAY = date(2020, 10, 26)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("The truce began on Monday, 26 October, at eight.", (2020, 10, 26)),
        ("The ministers met separately on Friday.", (2020, 10, 23)),
        ("Shelling went on in the early hours of Monday.", (2020, 10, 26)),
        ("Troops took the town in May 1992 and a road with it.", (1992, 5, 0)),
        ("The council was founded in 1992.", (1992, 0, 0)),
        ("A bridge fell on 4 October; it was mended two days later.", (2020, 10, 4)),
        ("The bank said on Friday that it would close on 30 October.", (2020, 10, 23)),
        ("It is the first truce since the war began on 27 September.", None),
        ("The ceasefire of 10 October has been tested.", None),
        ("The handover was planned for 20 October.", None),
        ("The deal will take effect on 1 November.", None),
        ("The event keeps the name Games 2020.", None),
        ("The truces of 10 and 18 October failed.", None),
        ("It was signed a week earlier.", None),
        ("The report of 2020-19-45 is lost.", None),
        ("He declared Wednesday a day of mourning.", None),
    ],
)
def test_the_day_of_an_event(text: str, day: Day | None) -> None:
    assert day_of(text, MONDAY) == day


def test_the_year_is_the_nearest() -> None:
    assert day_of("They came home on 14 December.", date(2021, 1, 12)) == (2020, 12, 14)


def test_without_the_date_of_the_article_only_whole_dates_count() -> None:
    assert day_of("The truce began on 26 October 2020.", None) == (2020, 10, 26)
    assert day_of("The truce began on Monday, 26 October.", None) is None


@pytest.mark.parametrize(
    ("question", "day", "there"),
    [
        ("What did the council say on 22 October?", (2020, 10, 22), True),
        ("What did the council say on 22 October?", (2020, 10, 23), False),
        ("What did the council say on 22 October 2019?", (2020, 10, 22), False),
        ("what did the council say on october 22", (2020, 10, 22), True),
        ("what did the council say on the 22nd of october", (2020, 10, 22), True),
        ("what did the council say on 22 oct.", (2020, 10, 22), True),
        ("what did the council say in may", (2020, 5, 3), True),
        ("Which road was closed in October 2020?", (2020, 10, 7), True),
        ("Which road was closed in early October?", (2020, 10, 10), True),
        ("Which road was closed in early October?", (2020, 10, 0), True),
        ("Which road was closed in early October?", (2020, 10, 11), False),
        ("which road was closed in mid-october 2020", (2020, 10, 11), True),
        ("Which road was closed at the end of September?", (2020, 9, 30), True),
        ("Which road was closed at the end of September?", (2020, 9, 20), False),
        ("Which road was closed on 10/22/2020?", (2020, 10, 22), True),
        ("Which road was closed on 22.10.2020?", (2020, 10, 22), True),
        ("Which road was closed on 5/4/2020?", (2020, 4, 5), False),  # it may be in May
        ("Which roads were closed in the last three days?", (2020, 10, 23), True),
        ("Which roads were closed in the last three days?", (2020, 10, 22), False),
        ("Which roads were closed in the past 2 weeks?", (2020, 10, 12), True),
        ("Which road was closed last weekend?", (2020, 10, 24), True),
        ("Which road was closed last weekend?", (2020, 10, 23), False),
        ("What happened in Arnsby today?", (2020, 10, 26), True),
        ("Which road was closed last week?", (2020, 10, 25), True),
        ("Which road was closed last week?", (2020, 10, 26), False),
        ("How many had died by the evening of 22 October?", (2020, 10, 20), True),
        ("How many had died by the evening of 22 October?", (2020, 10, 24), False),
        ("How many had died by the evening of 22 October?", (2020, 10, 0), False),
        ("How many had died by the evening of 22 October?", (2020, 9, 0), True),
        ("How many had died by October?", (2020, 10, 31), True),
        ("How many had died by mid-October?", (2020, 10, 3), True),
        ("How many had died by mid-October?", (2020, 10, 21), False),
        ("How many had died by 2020-13-01?", (2020, 10, 1), False),
    ],
)
def test_the_time_of_which_a_question_asks(question: str, day: Day, there: bool) -> None:
    assert time_asked(question, MONDAY).has(day) == there


def test_an_article_tells_of_its_day_and_of_those_before() -> None:
    time = time_asked("What happened on 25 October?", MONDAY)
    assert told_then(time, MONDAY)
    assert not told_then(time, date(2020, 10, 24), later=7)
    assert told_then(time, date(2020, 11, 1), later=7)
    assert not told_then(time, date(2020, 11, 2), later=7)
    assert not told_then(time, None)


@pytest.mark.parametrize(
    ("question", "end"),
    [
        ("How many had died by 26 October?", MONDAY),
        ("How many had died by 27 October?", date(2019, 10, 27)),
        ("How many had died by the end of February?", date(2020, 2, 29)),
        ("How many had died by 27 October 2020?", date(2020, 10, 27)),
        ("How many died on 26 October?", None),
    ],
)
def test_the_day_until_which_a_question_asks(question: str, end: date | None) -> None:
    assert time_asked(question, MONDAY).ended(newest=MONDAY).end == end


def test_what_was_there_by_a_day_is_asked_for_without_the_day() -> None:
    for until in ("by 2 may", "as of the evening of 2 May", "until Sunday, 2 May"):
        assert without_end(f"How many {until} had fled?", MONDAY) == "How many had fled?"
    since = "How many have fled since 2 May?"
    assert without_end(since, MONDAY) == since


@pytest.mark.parametrize(
    ("question", "day"),
    [
        ("Who brokered the truce of 10 October?", (0, 10, 10)),
        ("who brokered the truce of october 10", (0, 10, 10)),
        ("Who was killed in the night of 10 October?", None),
        ("What has been built since the truce of 10 October?", None),
        ("Who brokered the truces of 10 and 18 October?", None),
        ("Who brokered the truce of October?", None),
    ],
)
def test_the_day_of_an_event_that_is_spoken_of(question: str, day: Day | None) -> None:
    assert event_spoken_of(question).days == ({day} if day else set())


def test_what_leans_on_a_sentence_is_of_its_day() -> None:
    body = "A truce began on 18 October. It failed. Rain fell. He came in May. It was wet."
    article = Article("/a", "A title", body, "An outlet", MONDAY)
    began, failed, rain, _, wet = split_sentences(body)
    assert day_told(article, began) == day_told(article, failed) == (2020, 10, 18)
    assert day_told(article, rain) is day_told(article, wet) is None


@pytest.mark.parametrize(
    "time",
    [
        "on november 9",
        "between 5 and 8 October",
        "from 27 sept to 2 oct",
        "in early May",
        "a week ago",
        "in the past few days",
        "on 10/22/2020",
    ],
)
def test_a_time_is_no_subject(time: str) -> None:
    assert asks_of_a_time_alone(f"what happened {time}?", MONDAY)
    assert not asks_of_a_time_alone(f"what happened in Arnsby {time}?", MONDAY)


@pytest.mark.parametrize(
    ("question", "first", "last", "number"),
    [
        ("What happened between 5 and 8 October?", (0, 10, 5), (0, 10, 8), 4),
        ("who met from 27 sept to 2 oct 2020", (2020, 9, 27), (2020, 10, 2), 6),
        ("Who met 5-8 October?", (0, 10, 5), (0, 10, 8), 4),
        ("who met on oct 26–28, 2020", (2020, 10, 26), (2020, 10, 28), 3),
        ("Who met between 30 December and 2 January?", (0, 1, 1), (0, 12, 31), 4),
        ("Who met between the 5th and the 8th of October?", (0, 10, 5), (0, 10, 8), 4),
        ("Who met from the 5th to the 8th of Oct 2020?", (2020, 10, 5), (2020, 10, 8), 4),
        ("Who met between 8 and 5 October?", (0, 10, 5), (0, 10, 8), 4),
        ("Who met between 8 October and 5 October 2020?", (2020, 10, 5), (2020, 10, 8), 4),
    ],
)
def test_every_day_between_two_is_asked_of(
    question: str, first: Day, last: Day, number: int
) -> None:
    asked = time_asked(question, MONDAY)
    assert (min(asked.days), max(asked.days), len(asked.days)) == (first, last, number)


def test_every_day_that_is_asked_of_exists() -> None:
    asked = time_asked("Which road was closed in late February 2021?", MONDAY)
    assert max(asked.days) == (2021, 2, 28)


@pytest.mark.parametrize(
    "question",
    [
        "Who broke the truce of 10 October?",
        "How many have fled since 27 September?",
        "What is the tower used for today?",
        "Which road must be open by 1 October?",
        "how many people may have wanted to march?",
        "what did jan say of the march in minsk",
        "What did the mayor say on Friday?",
        "Did the toll grow between 9 and 26 October?",
        "Who met between 30 and 35 October?",
        "Who met between 3 March and 10 October?",
    ],
)
def test_a_question_that_asks_of_no_day_in_particular(question: str) -> None:
    assert time_asked(question, MONDAY) == Time()
