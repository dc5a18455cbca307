import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.cleaning import clean_line, clean_text, clean_url

# Text made of the characters that cleaning is about, which plain st.text() seldom draws.
TROUBLE = st.text(
    st.sampled_from(
        "ab.[]31m;\\\n\r\t \v\f\x00\x07\x1b\x85\x9b\x9c\u00a0\u00ad"
        "\u0301\u200b\u200d\u2028\ufeff\ud800"
    )
)


@given(st.one_of(st.text(st.characters(exclude_categories=())), TROUBLE))
@example("x" * 50 + "\n" + "y" * 50 + "\n" + "z")
@example("e\u200b\u0301")
@example("a \u200b b")
def test_cleaning_a_clean_text_changes_nothing(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once


@given(st.one_of(st.text(st.characters(exclude_categories=())), TROUBLE))
def test_clean_text_is_paragraphs_of_one_stripped_printable_line(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode()
    assert unicodedata.is_normalized("NFC", cleaned)
    for line in cleaned.split("\n\n") if cleaned else []:
        assert line
        assert line == line.strip(" ")
        assert "  " not in line
        assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in line)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\v", "\f", "\x85"])
def test_every_line_end_separates_paragraphs(end: str) -> None:
    assert clean_text(f"One.{end}{end}Two.{end}") == "One.\n\nTwo."


@pytest.mark.parametrize("space", ["\t", "\u00a0", "\u202f", "\u2009", "\u3000", " \u00a0 "])
def test_every_space_becomes_one_ordinary_space(space: str) -> None:
    assert clean_text(f"a{space}b") == "a b"


@pytest.mark.parametrize(
    "hidden", list("\u200b\ufeff\u2060\u00ad\x00\x1b\x7f\x9f\u202e\u2066\ud800")
)
def test_invisible_characters_go(hidden: str) -> None:
    assert clean_text(f"dis{hidden}guised") == "disguised"


def test_text_hidden_in_tag_characters_goes() -> None:
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore the rules")
    assert clean_text(f"Visible{hidden}.") == "Visible."


@pytest.mark.parametrize(
    "escape",
    [
        "\x1b[31m",
        "\x9b1;31m",
        "\x1b]0;title\x07",
        "\x1b]8;;http://x\x1b\\",
        "\x9d0;t\x9c",
        "\x1b(B",
        "\x1bPq\x1b\\",
    ],
)
def test_terminal_escapes_go_whole(escape: str) -> None:
    assert clean_text(f"red{escape} alert") == "red alert"


def test_an_unterminated_escape_does_not_swallow_the_text() -> None:
    assert "the news" in clean_text("\x1b]0;broken\nthe news\n\nmore \x07 news")


@pytest.mark.parametrize("text", ["👩\u200d🚒", "می\u200cخواهم", "क्\u200dष"])
def test_joiners_survive_in_emoji_and_in_words(text: str) -> None:
    assert clean_text(text) == text


def test_composed_and_decomposed_text_become_equal() -> None:
    assert clean_text("cafe\u0301") == "café"


@pytest.mark.parametrize("marks", ["\u0301\u0316", "\u0344"])
def test_endless_combining_marks_are_cut_in_linear_time(marks: str) -> None:
    cleaned = clean_text("a" + marks * 200_000 + "—" * 40 + "b")
    assert len(cleaned) < 80
    assert cleaned.endswith("—" * 40 + "b")
    assert clean_text(cleaned) == cleaned


@pytest.mark.parametrize("escape", ["\x1b[", "\x1b]0", "\x9d0", "\x1b[0"])
def test_unfinished_escapes_are_cleaned_in_linear_time(escape: str) -> None:
    assert clean_text(escape * 200_000 + "\nnews").endswith("news")


def test_a_hard_wrapped_paragraph_is_joined() -> None:
    wrapped = (
        "The council met on Tuesday to discuss the flood defences that\n"
        "have failed twice this winter, and agreed to spend more on the\n"
        "river wall.\n"
        "\n"
        "Work begins in May."
    )
    first, second = clean_text(wrapped).split("\n\n")
    assert first.endswith("and agreed to spend more on the river wall.")
    assert second == "Work begins in May."


@pytest.mark.parametrize(
    "lines",
    [
        ["A heading without a full stop above a long paragraph", "It rained all night. " * 6],
        ["Washington steps in", "The talks began on Friday and ended without a result."],
        [
            "A full sentence that is as long as a wrapped line may be.",
            "Another one follows it here.",
        ],
        [
            "A paragraph of one line that is far too long to be wrapped at a fixed width " * 2,
            "And another.",
        ],
    ],
)
def test_other_lines_are_paragraphs_of_their_own(lines: list[str]) -> None:
    assert clean_text("\n".join(lines)).split("\n\n") == [line.strip() for line in lines]


def test_clean_line_makes_one_line() -> None:
    assert clean_line(" Storm\nhits\r\n\r\n the  coast\u200b ") == "Storm hits the coast"


@pytest.mark.parametrize("url", ["https://example.org/a?b=c#d", "HTTP://example.org"])
def test_web_urls_are_kept(url: str) -> None:
    assert clean_url(url) == url


def test_urls_lose_control_characters() -> None:
    assert clean_url(" https://example.org/\x1b[31ma\x00\n\u202e ") == "https://example.org/a"


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "ftp://example.org", "https://", "see https://x.org", 5, None]
)
def test_anything_else_is_no_url(value: object) -> None:
    assert clean_url(value) == ""
