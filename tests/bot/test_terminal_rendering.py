from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from rich.console import Console, RenderableType

from bot.rendering.explained import explanation_view
from bot.rendering.terminal import (
    answer_view,
    context_view,
    dateline,
    link,
    printable,
    show,
)
from retrieval.answers import Answer, Citation, Removed

BODY = (
    "First paragraph.\n\nIt rained. The ferry sailed at noon. Nobody was hurt.\n\nLast paragraph."
)
QUOTE = "The ferry sailed at noon."
CITATION = Citation(
    number=1,
    article_id="a",
    passage_id="p",
    title="Ferry [bold]sails[/bold]",
    source="The Orcadian",
    published=date(2020, 10, 6),
    url="",
    uri="/news/my ferry.txt",
    quote=QUOTE,
    start=BODY.index(QUOTE),
    end=BODY.index(QUOTE) + len(QUOTE),
)
ANSWER = Answer("When?", "When?", f"{QUOTE} [1]", (CITATION,))


def shown(view: RenderableType, **options: Any) -> str:
    file = io.StringIO()
    console = Console(file=file, highlight=False, markup=False, emoji=False, **options)
    show(console, view)
    return file.getvalue()


def test_what_a_terminal_would_obey_is_gone_and_the_rest_stays() -> None:
    assert printable("a\x1b[31mb\x1b]8;;http://x\x07c\u202ed\x9b2Je\x00") == "abcde"
    assert (
        printable("Übergrößen, नमस्ते, 🗞️ and “quotes”\nstay")
        == "Übergrößen, नमस्ते, 🗞️ and “quotes”\nstay"
    )


def test_elsewhere_than_on_a_terminal_a_paragraph_is_a_line() -> None:
    long = replace(CITATION, title="word " * 40 + "end")
    text = shown(answer_view(replace(ANSWER, citations=(long,)), linked=False))
    assert text.splitlines() == [
        f"{QUOTE} [1]",
        "",
        f"[1] {'word ' * 40}end — The Orcadian, 6 October 2020",
        "    /news/my ferry.txt",
    ]


def test_the_words_that_answer_are_bold_on_a_terminal_and_plain_elsewhere() -> None:
    start = QUOTE.index("at noon")
    pointed = replace(ANSWER, answer_span=(start, start + len("at noon")))
    view = answer_view(pointed, linked=False)
    said = shown(view, width=80, force_terminal=True, color_system="truecolor").splitlines()[0]
    assert "The ferry sailed \x1b[1mat noon\x1b[0m." in said
    assert shown(view).splitlines()[0] == f"{QUOTE} [1]"


def test_words_are_not_bold_where_the_terminal_shows_other_characters() -> None:
    odd = replace(ANSWER, text="It \x1b[31mrained at noon. [1]", answer_span=(13, 20))
    said = shown(answer_view(odd, linked=False), width=80, force_terminal=True)
    assert "\x1b[1m" not in said.splitlines()[0]


def test_a_terminal_gets_lines_of_its_width_and_links() -> None:
    text = shown(answer_view(ANSWER, linked=True), width=30, force_terminal=True)
    assert "\x1b]8;" in text
    assert "file:///news/my%20ferry.txt" in text
    plain = shown(
        answer_view(ANSWER, linked=True), width=30, force_terminal=True, color_system=None
    )
    assert plain.splitlines()[2:] == [
        "[1] Ferry [bold]sails[/bold] —",
        "    The Orcadian, 6 October",
        "    2020",
    ]


def test_a_link_to_the_web_leads_to_the_quote_and_an_address_that_is_shown_does_not() -> None:
    of_the_web = replace(ANSWER, citations=(replace(CITATION, url="https://example.org/ferry"),))
    linked = shown(answer_view(of_the_web, linked=True), width=80, force_terminal=True)
    assert "https://example.org/ferry#:~:text=The%20ferry%20sailed%20at%20noon." in linked
    plain = shown(answer_view(of_the_web, linked=False))
    assert plain.splitlines()[-1] == "    https://example.org/ferry"


def test_articles_that_are_cited_twice_are_listed_once_with_the_quotes_not_given() -> None:
    other = replace(CITATION, number=2, quote="At noon the ferry sailed.")
    third = replace(
        CITATION, number=3, article_id="b", title="Rain", url="https://example.org/rain"
    )
    answer = replace(ANSWER, citations=(CITATION, other, third))
    assert shown(answer_view(answer, linked=False)).splitlines()[2:] == [
        "[1][2] Ferry [bold]sails[/bold] — The Orcadian, 6 October 2020",
        "       /news/my ferry.txt",
        "       [2] “At noon the ferry sailed.”",
        "[3] Rain — The Orcadian, 6 October 2020",
        "    https://example.org/rain",
    ]


def test_a_refusal_lists_the_nearest_articles() -> None:
    refusal = Answer("?", "?", "No answer.", refused=True, nearest=("One", "T\x1b[1mwo"))
    lines = shown(answer_view(refusal, linked=False)).splitlines()
    assert lines == ["No answer.", "", "Nearest articles:", "  One", "  Two"]


def test_what_was_removed_is_text_and_nothing_else() -> None:
    removed = Removed("It [b]sank[/b].\x1b[2J", "not stated", "\x1b[31msank", "It\x9b5n sailed.")
    answer = replace(ANSWER, engine="openai:m", removed=(removed,), timings_ms={"total": 1234.5})
    assert shown(explanation_view(answer)).splitlines() == [
        "",
        "Removed by the check:",
        "  “It [b]sank[/b].”",
        "    the model was asked, and found that the passages do not say it: sank",
        "    nearest: “It sailed.”",
        "",
        "Milliseconds: total 1,234.5",
    ]


def test_a_quote_in_its_paragraph() -> None:
    lines = shown(context_view(CITATION, BODY)).splitlines()
    assert lines[1] == "    It rained. The ferry sailed at noon. Nobody was hurt."
    marked = shown(context_view(CITATION, BODY), width=100, force_terminal=True)
    assert f"\x1b[7m{QUOTE}\x1b[0m" in marked


def test_a_quote_that_its_article_has_no_more_stands_alone() -> None:
    for body in ("", BODY.replace("noon", "dawn"), BODY[5:]):
        assert shown(context_view(CITATION, body)).splitlines()[1] == f"    {QUOTE}"


@pytest.mark.parametrize(
    ("url", "uri", "address"),
    [
        ("https://example.org/a?b=c d", "/x", "https://example.org/a?b=c%20d"),
        ("https://example.org/\x1b]8;;\x07é", "/x", "https://example.org/%C3%A9"),
        ("", "/news/a#b.txt", "file:///news/a%23b.txt"),
        ("", "/news/a.jsonl#7", "file:///news/a.jsonl"),
        ("", "HTTPS://example.org", "HTTPS://example.org"),
        ("", "elsewhere", ""),
    ],
)
def test_the_address_of_a_link(url: str, uri: str, address: str) -> None:
    assert link(url, uri) == address


def test_what_is_not_known_is_left_out_of_a_dateline() -> None:
    assert dateline("", None) == ""
    assert dateline("BBC", None) == "BBC"
    assert dateline("", date(2021, 1, 31)) == "31 January 2021"
