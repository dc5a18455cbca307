"""What a sentence has otherwise than a quote about the same."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.article import Article
from retrieval.archive.passages import Match, Passage
from retrieval.checking.given import Given, given
from retrieval.checking.verdicts import Source
from retrieval.drafts.differences import differences

FRIDAY = date(2020, 11, 20)
DEPLOYED = "Russia will deploy 1,960 soldiers, 90 carriers and 380 vehicles along the line."


@pytest.mark.parametrize(
    ("text", "quote", "found"),
    [
        ("Russia will deploy 2,500 soldiers.", DEPLOYED, [("number", "2,500", "1,960")]),
        ("Turkey will deploy 1,960 soldiers.", DEPLOYED, [("name", "Turkey", "Russia")]),
        ("Russia will deploy 1,960 soldiers.", DEPLOYED, []),
        ("Russia will deploy its soldiers soon.", DEPLOYED, []),
        ("It lasted nine days.", "It lasted six days, at 40 km.", [("number", "nine", "six")]),
        ("It lasted a week.", "It lasted seven days.", []),
        ("It began in 1994.", "It began in 1993 with 2,000 men.", [("date", "1994", "1993")]),
        (
            "Fighting began on Sunday, 28 September.",
            "Fighting began on Sunday, 27 September.",
            [("date", "28 September", "27 September")],
        ),
        ("They left on Friday.", "They left on 20 November.", []),
        (
            "Sergei Lavrov and Hulusi Akar met.",
            "Ministers Sergei Shoigu and Hulusi Akar met.",
            [("name", "Sergei Lavrov", "Sergei Shoigu")],
        ),
        (
            "North Korea sent 40 ships.",
            "Then South Korea sent 40 ships.",
            [("name", "North Korea", "South Korea")],
        ),
        ("Boris Johnson signed the deal in Rome.", "Britain and Europe agreed on the deal.", []),
        (
            "They opened a land link to Azerbaijan through Lachin.",
            "Armenians opened a land link to Armenia through Lachin.",
            [("name", "Azerbaijan", "Armenia")],
        ),
        ("Macron, 42, is the president.", "President Macron was here twice.", []),
        ("Some 1,900 of the soldiers left.", DEPLOYED, []),
        ("Between 1,900 and 2,000 soldiers will go.", DEPLOYED, []),
        ("Russia will deploy at least 1,900 soldiers.", DEPLOYED, []),
        (
            "They left on 14 December and 28 December.",
            "They left on 15 December and 28 December.",
            [("date", "14 December", "15 December")],
        ),
        (
            "Russia will deploy at least 2,500 soldiers.",
            DEPLOYED,
            [("number", "2,500", "1,960")],
        ),
        ("It lasted nine days.", "They came for six days a year.", []),
        ("Russia sent Syrian fighters.", "Turkey denies sending any fighters.", []),
        ("According to the Bugle, Russia will deploy 1,960 soldiers.", DEPLOYED, []),
        (
            "Fighting began on Tuesday 30 September.",
            "Fighting began on Monday, 29 September.",
            [("date", "Tuesday 30 September", "Monday, 29 September")],
        ),
    ],
)
def test_what_stands_otherwise(text: str, quote: str, found: list[tuple[str, str, str]]) -> None:
    told = differences(text, quote, [known_from(quote)], published=FRIDAY)
    shown = [(d.kind, d.said, d.stands) for d in told]
    assert shown == [(kind, said, (stands,)) for kind, said, stands in found]


@pytest.mark.parametrize(
    ("title", "more", "found"),
    [
        ("", "", ["19 February", "Perseverance"]),
        ("Rover Perseverance lands on Mars", "", ["19 February"]),
        ("", "Perseverance is its name.", ["19 February"]),
        ("Perseverance", "It sent pictures on 19 February.", []),
    ],
)
def test_what_stands_elsewhere_in_the_article_is_no_difference(
    title: str, more: str, found: list[str]
) -> None:
    text = "The rover Perseverance landed on Mars on 19 February."
    quote = "The Mars rover of America landed on 18 February."
    told = differences(text, quote, [known_from(f"{quote} {more}", title)], published=FRIDAY)
    assert [d.said for d in told] == found


@pytest.mark.parametrize(
    ("text", "quote", "day"),
    [
        ("It left on 1 May 2019.", "It left on 1 May.", "Friday, 1 May 2020"),
        ("It left on Sunday 3 May.", "It left on 1 May.", "Friday, 1 May 2020"),
        ("It left on 30 December 2019.", "It left on 31 December.", "Thursday, 31 December 2020"),
        ("It left on 2 May.", "It left on 1 May.", ""),
        ("It left on 1 May 2019.", "It left on 1 May 2018.", ""),
    ],
)
def test_what_a_quote_leaves_out_of_its_day_is_told(text: str, quote: str, day: str) -> None:
    [told] = differences(text, quote, [known_from(quote)], published=FRIDAY)
    assert told.day == day


def test_another_article_about_the_same_may_have_it_and_one_about_others_not() -> None:
    text, quote = "Armenia lost 2,317 men on 3 May 2020.", "Armenia lost 12 men on 2 May."
    for more, found in (
        ("In Armenia 2,317 died.", ["3 May 2020"]),
        ("On 3 May the Games of Tokyo began: 2,317 came.", ["2,317", "3 May 2020"]),
    ):
        told = differences(text, quote, [known_from(quote), known_from(more)], published=FRIDAY)
        assert [d.said for d in told] == found


def test_a_whole_clause_stands_in_no_name_s_place() -> None:
    text = "Boris said that a scheme named after Alan Turing would take the place of the old one."
    quote = f"Britain leaves it, and Johnson said{text.removeprefix('Boris said')}"
    known = [known_from(quote, "Boris Johnson")]
    assert differences(text, quote, known, published=FRIDAY) == ()


def known_from(body: str, title: str = "") -> Given:
    """What an article says."""
    article = Article("a.md", title, body, published=FRIDAY)
    passage = Passage("0", article.id, 0, 0, len(body), body)
    return given([Source(1, Match(passage, article, 1.0))], "")
