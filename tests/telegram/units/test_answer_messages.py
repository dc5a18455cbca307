from __future__ import annotations

from dataclasses import replace
from datetime import date

from telegram import MessageEntity

from bot.rendering.telegram import Shown, answer_messages, draft_message, quote_message
from retrieval.answers import Answer, Carrier, Citation, Draft

BODY = "First paragraph.\n\nBefore it. The quote itself. After it.\n\nLast paragraph."
START = BODY.index("The quote")
MARKED = "https://news.example/1#:~:text=The%20quote%20itself."


def cited(number: int, article: str = "a", url: str = "https://news.example/1") -> Citation:
    quote = "The quote itself."
    return Citation(
        number, article, "p", f"Title <{article}>", "Outlet", date(2020, 10, 26), url,
        "/articles/a.md", quote, START, START + len(quote),
    )  # fmt: skip


def spans(shown: Shown, kind: str) -> list[tuple[str, str | None]]:
    return [
        (shown.text[e.offset : e.offset + e.length], e.url)
        for e in shown.entities
        if e.type == kind
    ]


def test_each_citation_links_to_its_source() -> None:
    answer = Answer("q", "q", "It is. [1] So it is. [2]", (cited(1), cited(2, "b", url="")))
    (shown,) = answer_messages(answer, "desk_bot")
    said, _, sources = shown.text.partition("\n\nSources\n")
    assert said == answer.text
    assert sources.splitlines() == [
        "[1] Title <a> — Outlet, 26 October 2020",
        "[2] Title <b> — Outlet, 26 October 2020",
    ]
    ours = f"https://t.me/desk_bot?start=s_b_{START}_{START + 17}"
    one, two = ("[1]", MARKED), ("[2]", ours)
    assert spans(shown, MessageEntity.TEXT_LINK) == [one, two, one, two]


def test_citations_of_an_article_share_a_line() -> None:
    (shown,) = answer_messages(Answer("q", "q", "A. [1] B. [2]", (cited(1), cited(2))), "me")
    assert "\n[1][2] Title <a> — Outlet" in shown.text


def test_other_outlets_with_the_text_stand_behind_its_source() -> None:
    papers = tuple(Carrier(f"Paper {n}", None, "", f"/{n}.md") for n in range(7))
    answer = Answer("q", "q", "A. [1]", (replace(cited(1), also=papers),))
    (shown,) = answer_messages(answer, "me")
    assert "2020 (also in Paper 0, Paper 1, Paper 2, Paper 3, Paper 4 and 2 more)" in shown.text


def test_the_words_that_answer_are_bold_and_the_text_is_the_same() -> None:
    text = "It began 🗞 at seven. [1]"
    start = text.index("at seven")
    answer = Answer("q", "q", text, (cited(1),), answer_span=(start, start + len("at seven")))
    (shown,) = answer_messages(answer, "me")
    assert shown.text.startswith(text + "\n\nSources\n")
    bold = [e for e in shown.entities if e.type == MessageEntity.BOLD]
    assert (bold[0].offset, bold[0].length) == (start + 1, 8)  # in UTF-16 code units


def test_a_number_without_a_source_is_text() -> None:
    (shown,) = answer_messages(Answer("q", "q", "In 2020 [7]. [1]", (cited(1),)), "me")
    assert [text for text, _ in spans(shown, MessageEntity.TEXT_LINK)] == ["[1]", "[1]"]


def test_a_refusal_names_the_nearest_articles() -> None:
    answer = Answer("q", "q", "No answer.", refused=True, nearest=("One", "Two"))
    (shown,) = answer_messages(answer, "me")
    assert shown.text == "No answer.\n\nNearest articles\n• One\n• Two"


def test_what_is_to_be_said_of_an_answer_stands_last() -> None:
    answer = Answer("q", "q", "It is. [1]", (cited(1),), notice="Quoted: the model is slow.")
    (shown,) = answer_messages(answer, "me")
    assert shown.text.endswith("26 October 2020\n\nQuoted: the model is slow.")
    assert spans(shown, MessageEntity.ITALIC)[-1] == ("Quoted: the model is slow.", None)


def test_a_quote_stands_in_its_paragraph() -> None:
    (shown,) = quote_message(cited(1), BODY)
    (paragraph,) = spans(shown, MessageEntity.EXPANDABLE_BLOCKQUOTE)
    assert paragraph[0] == "Before it. The quote itself. After it."
    assert spans(shown, MessageEntity.BOLD) == [("The quote itself.", None)]
    assert spans(shown, MessageEntity.TEXT_LINK) == [("Title <a>", MARKED)]


def test_a_quote_that_its_article_lost_stands_alone() -> None:
    (shown,) = quote_message(cited(1), "Something else.")
    assert spans(shown, MessageEntity.EXPANDABLE_BLOCKQUOTE) == [("The quote itself.", None)]


def test_a_long_draft_shows_its_end() -> None:
    shown = draft_message(Draft("word " * 2000 + "end. [1]", (cited(1),)), "me")
    assert shown.text.endswith("end. [1]")
