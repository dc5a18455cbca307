"""What a sentence weighs by the time that it tells of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from retrieval.answering.dating import time_asked
from retrieval.answering.evidence import Evidence
from retrieval.answering.timely import timely_first
from tests.answering.test_extractive import article, evidence

TODAY = date(2020, 12, 15)


def told(body: str, day: date, probability: float, sentence: int = 0) -> Evidence:
    return evidence(replace(article(body, f"/{body[:9]}"), published=day), sentence, probability)


def first(question: str, *some: Evidence) -> str:
    return timely_first(some, question, time_asked(question, TODAY))[0].text


def test_until_a_day_the_last_that_is_told_of_before_it_comes_first() -> None:
    later = told("In November the figure was 2,317.", TODAY, 0.6)
    early = told("In July four were killed.", date(2020, 7, 17), 0.5)
    last = told("The loss is 1,160.", date(2020, 11, 2), 0.3)
    assert first("How many were killed?", later, early, last) == later.text
    assert first("How many were killed by 2 November?", later, early, last) == last.text
    assert first("How many were killed by 9 August?", later, early, last) == early.text


def test_what_is_told_of_another_event_is_no_answer_for_that_of_a_day() -> None:
    third = "A truce began on Monday, 26 October. It was brokered by Oslo."
    of_third = told(third, date(2020, 10, 26), 0.6, sentence=1)
    of_second = told("The truce of 18 October was brokered by Bonn.", date(2020, 10, 26), 0.2)
    assert first("Who brokered the truce?", of_third, of_second) == of_third.text
    assert first("Who brokered the truce of 18 October?", of_third, of_second) == of_second.text
    assert first("Who brokered the truce of 26 October?", of_third, of_second) == of_third.text
    assert first("Who brokered the truce of 25 October?", of_third, of_second) == of_third.text
    asked = "Who brokered the truce that began on 18 October?"
    assert first(asked, replace(of_third, probability=0.3), of_second) == of_second.text


def test_not_all_that_is_told_of_what_began_on_a_day_is_of_that_day() -> None:
    body = "A truce began on Monday, 26 October. It is the third one. Rain fell."
    third, rain = (told(body, date(2020, 10, 26), p, at) for at, p in ((1, 0.2), (2, 0.3)))
    assert first("What was there on 26 October?", third, rain) == rain.text


def test_what_is_told_of_the_third_is_no_answer_of_the_first() -> None:
    third = told("A third truce began. It was brokered by Oslo.", TODAY, 0.6, sentence=1)
    other = told("The earlier truces were brokered by Bonn.", TODAY, 0.3)
    assert first("Who brokered the truce?", third, other) == third.text
    assert first("Who brokered the first truce?", third, other) == other.text
    assert first("Who brokered the third truce?", third, other) == third.text
    assert first("Who was the first to broker a truce?", third, other) == third.text
