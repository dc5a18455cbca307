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
    ],
)
def test_what_stands_otherwise(text: str, quote: str, found: list[tuple[str, str, str]]) -> None:
    told = differences(text, quote, known_from(quote), published=FRIDAY)
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
    told = differences(text, quote, known_from(f"{quote} {more}", title), published=FRIDAY)
    assert [d.said for d in told] == found


def known_from(body: str, title: str = "") -> Given:
    """What an article says."""
    article = Article("a.md", title, body, published=FRIDAY)
    passage = Passage("0", article.id, 0, 0, len(body), body)
    return given([Source(1, Match(passage, article, 1.0))], "")
