"""How a question that asks for two things is taken apart."""

import pytest

from retrieval.answering.halves import halves


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        (
            "Which came first, the flood or the fire?",
            ("Which came first, the flood?", "Which came first, the fire?"),
        ),
        (
            "Do more Danes live in Bonn or in Oslo?",
            ("Do more Danes live in Bonn?", "Do more Danes live in Oslo?"),
        ),
        (
            "Were more hurt in Bonn than in the Oslo fire?",
            ("Were more hurt in Bonn?", "Were more hurt in the Oslo fire?"),
        ),
        ("oslo or bonn, which is older", ("oslo, which is older", "bonn, which is older")),
        ("What is the toll, and what was it at first?", ("What is the toll?",)),
        ("Is it settled? What does each side say?", ("Is it settled?",)),
        ("What do both sides say of the fire?", ()),
        ("or", ()),
        ("Is it more or ?", ("Is it more?", "Is it ?")),
    ],
)
def test_the_halves_of_a_question(question: str, parts: tuple[str, ...]) -> None:
    assert halves(question) == parts
