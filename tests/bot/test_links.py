"""Links whose fragment has a browser mark the quoted words."""

from __future__ import annotations

import pytest

from bot.rendering.links import marked

PAGE = "https://news.example/1"
LONG = "The first word, then many - too many - words of all kinds, and so on until the very end."


@pytest.mark.parametrize(
    ("url", "quoted", "fragment"),
    [
        (PAGE, "It was 5-3, & over.", "#:~:text=It%20was%205%2D3%2C%20%26%20over."),
        (PAGE, LONG, "#:~:text=The%20first%20word%2C%20then%20many,on%20until%20the%20very%20end."),
        (PAGE, "Two things:\n\n- one\n- another", "#:~:text=Two%20things%3A,%2D%20another"),
        (f"{PAGE}#part", "Yes.", ":~:text=Yes."),
        (PAGE, "Łódź 🗞", "#:~:text=%C5%81%C3%B3d%C5%BA%20%F0%9F%97%9E"),
    ],
)
def test_the_words_are_percent_encoded_in_the_fragment(
    url: str, quoted: str, fragment: str
) -> None:
    assert marked(url, quoted) == url + fragment


@pytest.mark.parametrize(
    ("url", "quoted"),
    [
        (PAGE, " "),
        (PAGE, "字" * 200),
        (f"{PAGE}#:~:text=other", "Yes."),
        ("file:///a.md", "Yes."),
        ("", "Yes."),
    ],
)
def test_what_cannot_be_marked_stays_as_it_is(url: str, quoted: str) -> None:
    assert marked(url, quoted) == url
