"""Questions whose words do not tell whether they go on with the conversation."""

from __future__ import annotations

import pytest

from retrieval.search.followups import is_unsure
from tests.conftest import Newsdesk

QUAKE = "How strong was the Aegean earthquake according to the American survey?"


@pytest.mark.parametrize(
    ("before", "question", "expected", "other"),
    [
        (QUAKE, "how many people were killed?", "Greece", "Barda"),
        (QUAKE, "what's the capital of Peru?", "The archive does not answer that.", "Izmir ["),
    ],
)
def test_they_are_read_the_way_that_has_the_answer(
    sample: Newsdesk, before: str, question: str, expected: str, other: str
) -> None:
    assert is_unsure(question)
    done = sample("chat", "--no-log", input=f"{before}\n{question}\n")
    answer = done.stdout.split(f"› {question}")[1]
    assert expected in answer
    assert other not in answer


def test_what_points_back_and_says_little_goes_on() -> None:
    assert not is_unsure("how many people watched it?")
