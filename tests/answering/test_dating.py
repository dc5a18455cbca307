"""The day of what a sentence tells of."""

from datetime import date

import pytest

from retrieval.answering.dating import Day, day_of

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
