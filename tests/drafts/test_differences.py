"""What a sentence has otherwise than a quote about the same."""

from __future__ import annotations

from datetime import date

import pytest

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
        ("Boris Johnson signed the deal in Rome.", "Britain and Europe agreed on the deal.", []),
        (
            "They opened a land link to Azerbaijan through Lachin.",
            "Armenians opened a land link to Armenia through Lachin.",
            [("name", "Azerbaijan", "Armenia")],
        ),
    ],
)
def test_what_stands_otherwise(text: str, quote: str, found: list[tuple[str, str, str]]) -> None:
    shown = [(d.kind, d.said, d.stands) for d in differences(text, quote, published=FRIDAY)]
    assert shown == [(kind, said, (stands,)) for kind, said, stands in found]


def test_what_the_title_names_is_no_difference() -> None:
    text, quote = "Perseverance landed on Mars on 19 February.", "The rover landed on 18 February."
    with_title = differences(text, quote, title="Rover Perseverance lands on Mars")
    assert [d.said for d in with_title] == ["19 February"]
