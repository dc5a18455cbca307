"""However a text is cut into pieces, the same sentences come out, with their markers."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.answering.streaming import SentenceStream

CASES = {
    "He joined the U.S. Army in May. [1] The truce began at 7 a.m. on Monday.[2][3] It ended.": [
        "He joined the U.S. Army in May. [1]",
        "The truce began at 7 a.m. on Monday.[2][3]",
        "It ended.",
    ],
    'It cost $3.5m, "a lot." [1, 2] Mr. Smith met Dr. Jones [3]. They left': [
        'It cost $3.5m, "a lot." [1, 2]',
        "Mr. Smith met Dr. Jones [3].",
        "They left",
    ],
    "- **Foo** happened. [1]\n2. It is _not_ `over`. 【3†source】 So be it. [Passage 2]\n\n# End": [
        "Foo happened. [1]",
        "It is _not_ over. [3]",
        "So be it. [2]",
        "End",
    ],
    "Here is what it says:\n[1]\nTürkiye said “no” 😀. [10] Ça va.": [
        "Here is what it says:",
        "Türkiye said “no” 😀. [10]",
        "Ça va.",
    ],
    "It ended [[1]](https://x.example/2). It began [1-3]. Then (see [1], [4]). They left (2). So": [
        "It ended [1].",
        "It began [1, 2, 3].",
        "Then [1, 4].",
        "They left [2].",
        "So",
    ],
    "It ended. (Source: [1]) It began.¹² He left.<sup>3</sup> On 30 km² (in all) it won (3-1).": [
        "It ended. [1]",
        "It began.[12]",
        "He left.[3]",
        "On 30 km² (in all) it won (3-1).",
    ],
    "It ended ［1］.\n\n**Sources:**\n\n[1] Deal ends. Or so.\n2. Truce\n- [3] More\n\nTrue.": [
        "It ended [1].",
        "True.",
    ],
    "It ended [^1].\n[^1]: Deal ends war\nSources: [1] Deal, [2] Truce": ["It ended [1]."],
    "Sources: the ministry and the army. It ended [1]": [
        "Sources: the ministry and the army.",
        "It ended [1]",
    ],
    "": [],
    " \n[1] [2]\n": [],
}


def sentences(pieces: list[str], *, cut: bool = False) -> list[str]:
    stream = SentenceStream()
    found = [sentence for piece in pieces for sentence in stream.feed(piece)]
    return found + stream.finish(cut=cut)


@pytest.mark.parametrize("text", CASES)
def test_sentences(text: str) -> None:
    assert sentences([text]) == CASES[text]
    assert sentences(list(text)) == CASES[text]


@given(st.sampled_from(list(CASES)), st.lists(st.integers(0, 100)))
def test_cut_anywhere(text: str, cuts: list[int]) -> None:
    at = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    pieces = [text[a:b] for a, b in pairwise(at)]
    assert sentences(pieces) == CASES[text]


def test_a_character_split_in_two_comes_out_whole() -> None:
    assert sentences(["So \ud83d", "\ude00 it is. ", "And \ud83d"]) == ["So 😀 it is.", "And �"]


def test_a_sentence_is_given_as_soon_as_the_next_has_begun() -> None:
    stream = SentenceStream()
    assert stream.feed("It ended in May. [1") == []
    assert stream.feed("] ") == []
    assert stream.feed("Then it ") == ["It ended in May. [1]"]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("It ended. [1] It had been brok", ["It ended. [1]"]),
        ("It ended. [1] It began. [2]", ["It ended. [1]", "It began. [2]"]),
        ("It had been brok", []),
    ],
)
def test_what_was_cut_off_is_dropped(text: str, left: list[str]) -> None:
    assert sentences([text], cut=True) == left
