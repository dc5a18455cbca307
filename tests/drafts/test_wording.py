"""Which words of a sentence are its own, where it is otherwise a quote's."""

from __future__ import annotations

import pytest

from retrieval.drafts.wording import other_words


@pytest.mark.parametrize(
    ("text", "quote", "own"),
    [
        ("The ship is 400 m long.", "The ship is 400 metres long.", ()),
        ("The road is 5 km long.", "The road is 5 kilometers long.", ()),
        ("The Defense Ministry recognized it.", "The Defence Ministry recognised it.", ()),
        ("The center is a theater of color.", "The centre is a theatre of colours.", ()),
        (
            "They traveled and analyzed the catalog.",
            "They travelled and analysed the catalogue.",
            (),
        ),
        ("The old tailor owns the red house.", "The old sailor owns the red house.", ("tailor",)),
    ],
)
def test_another_spelling_or_a_short_unit_is_no_other_word(
    text: str, quote: str, own: tuple[str, ...]
) -> None:
    assert other_words(text, [quote]) == own
    assert bool(other_words(quote, [text])) == bool(own)
