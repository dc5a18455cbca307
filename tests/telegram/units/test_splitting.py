from __future__ import annotations

import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from telegram import MessageEntity

from bot.rendering.telegram import LONGEST, MOST_ENTITIES, Mark, Shown, plain, split, units

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
FLAG = "\U0001f1e6\U0001f1f2"

_WORDS = ["word ", "a", "e\u0301", "\n", "\n\n", ". ", "https://a.example/b ", "**", "<b>"]
_PIECES = st.sampled_from([*_WORDS, " [12]", "[1][2]", "\U0001d4b3", FAMILY, FLAG])


def _part(text: str, entity: MessageEntity) -> str:
    data = text.encode("utf-16-le")
    return data[entity.offset * 2 : (entity.offset + entity.length) * 2].decode("utf-16-le")


@settings(max_examples=300, deadline=None)
@example("https://a.example/b  [12] [12] [12]", 32)
@given(st.lists(_PIECES, max_size=120).map("".join), st.integers(30, 80))
def test_parts_are_short_whole_and_in_order(text: str, longest: int) -> None:
    parts = [shown.text for shown in split(text, (), longest)]
    assert all(0 < units(part) <= longest for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    graphemes = [g for g in regex.findall(r"\X", text) if not g.isspace()]
    cut = [g for part in parts for g in regex.findall(r"\X", part) if not g.isspace()]
    assert cut == graphemes
    assert sum(part.count("[12]") for part in parts) == text.count("[12]")


def test_a_citation_stays_with_its_sentence() -> None:
    sentence = "x" * 40 + ". [1]"
    first, second = split(f"{sentence} {sentence}", (), 50)
    assert (first.text, second.text) == (sentence, sentence)


def test_a_paragraph_is_the_first_choice() -> None:
    first, second = split("one two. three four\n\nfive six. seven", (), 30)
    assert (first.text, second.text) == ("one two. three four", "five six. seven")


def test_a_link_is_not_cut() -> None:
    text = "a" * 20 + " a link of several words " + "b" * 20
    link = Mark(21, 44, MessageEntity.TEXT_LINK, "https://a.example")
    linked = [s for s in split(text, [link], 40) if s.entities]
    assert len(linked) == 1
    assert _part(linked[0].text, linked[0].entities[0]) == text[21:44]


def test_a_quotation_goes_on_in_the_next_message() -> None:
    text = "word " * 30
    shown = split(text, [Mark(0, len(text), MessageEntity.EXPANDABLE_BLOCKQUOTE)], 60)
    assert len(shown) > 1
    for part in shown:
        (entity,) = part.entities
        assert _part(part.text, entity) == part.text


def test_entities_count_utf16_units() -> None:
    text = "😀😀 [1]"
    (shown,) = split(text, [Mark(3, 6, MessageEntity.TEXT_LINK, "https://a.example")])
    assert (shown.entities[0].offset, shown.entities[0].length) == (5, 3)


def test_no_message_has_more_entities_than_telegram_takes() -> None:
    text = "[1] " * 547
    marks = [Mark(n * 4, n * 4 + 3, MessageEntity.BOLD) for n in range(547)]
    shown = split(text, marks)
    assert max(len(part.entities) for part in shown) <= MOST_ENTITIES
    assert sum(len(part.entities) for part in shown) == 547


def test_the_longest_message_is_one() -> None:
    assert [units(part.text) for part in plain("a" * LONGEST)] == [LONGEST]
    assert len(plain("a" * LONGEST + "b")) == 2


def test_what_cannot_be_cut_is_cut_all_the_same() -> None:
    parts = split("e" + "\u0301" * 100, (), 20)
    assert all(units(part.text) <= 20 for part in parts)


def test_markup_stays_as_it_is_written() -> None:
    written = "<b>5 < 6 & 7</b> **half | a | table\n| - | - |\n_x [link](https://a.example)"
    assert plain(written) == [Shown(written)]


def test_what_turns_text_round_or_telegram_refuses_is_left_out() -> None:
    assert plain("a\u202eb\x00c\ud800d\te")[0].text == "abcd\te"
