from datetime import date

import pytest

from corpus.article import Article
from corpus.errors import NotAnArticle
from corpus.pages import read_page

TEXT = "".join(
    f"<p>On {day} May the river rose again, and the old bridge in the town stayed closed.</p>"
    for day in range(1, 6)
)


def read(head: str = "", body: str = TEXT, after: str = "", encoding: str = "utf-8") -> Article:
    page = (
        f"<!doctype html><html><head><title>Storm hits coast</title>{head}</head>"
        f"<body><nav>Home News</nav><article><h1>Storm hits coast</h1>{body}</article>{after}"
        "</body></html>"
    )
    return read_page("/news/a.html", "storm", page.encode(encoding))


def test_a_page_gives_its_article_and_what_it_declares() -> None:
    article = read(
        "<link rel='canonical' href='https://example.org/storm'>"
        "<meta property='og:site_name' content=' The Bell '>"
        "<meta property='article:published_time' content='2020-10-27T23:30:00-05:00'>"
    )
    assert (article.title, article.source, article.url) == (
        "Storm hits coast",
        "The Bell",
        "https://example.org/storm",
    )
    assert (article.uri, article.published) == ("/news/a.html", date(2020, 10, 27))


def test_each_block_is_a_paragraph_and_the_title_is_not_repeated() -> None:
    article = read(
        body=f"{TEXT}<h2>Damage</h2><ul><li>one bridge</li></ul>"
        "<table><tr><td>Hull</td><td>9 cm</td></tr></table>"
    )
    paragraphs = article.body.split("\n\n")
    assert paragraphs[0].startswith("On 1 May ")
    assert paragraphs[5:] == ["Damage", "one bridge", "Hull | 9 cm"]


@pytest.mark.parametrize(
    "markup",
    [
        '<script type=\'application/ld+json\'>{"datePublished": "2020-10-27T10:00:00Z"}</script>',
        "<time datetime='2020-10-27'>a while ago</time>",
        "<span class='post-date'>Published on October 27, 2020</span>",
    ],
)
def test_a_date_in_the_markup_of_the_article_is_its_date(markup: str) -> None:
    assert read(body=markup + TEXT).published == date(2020, 10, 27)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "",
        "<footer>© 2019-05-06 The Bell, all rights reserved</footer>",
        "<footer>Copyright 2011-2019. Generated 1/2/2023</footer>",
        "<div class='date'>Tuesday, 27 October 2020</div>",
        "<footer><time datetime='2024-02-03'>now</time></footer>",
        "<p>The war began on 2014-03-18 in the east of the country.</p>",
    ],
)
def test_a_page_without_a_date_of_its_own_has_none(elsewhere: str) -> None:
    assert read(after=elsewhere).published is None
    assert read(body=TEXT + elsewhere.replace("class='date'", "")).published is None


@pytest.mark.parametrize("encoding", ["windows-1251", "koi8-r", "utf-8", "utf-16"])
def test_a_declared_encoding_is_respected(encoding: str) -> None:
    text = "<p>Президент заявил во вторник, что переговоры завершились, сообщает агентство.</p>" * 4
    article = read(f"<meta charset='{encoding}'>", body=text, encoding=encoding)
    assert article.body.startswith("Президент заявил во вторник")


def test_an_encoding_that_cannot_be_guessed_is_taken_from_the_declaration() -> None:
    text = "<p>Başkan salı günü hükümetin yeni vergi yasasını onayladığını söyledi.</p>" * 4
    article = read("<meta charset='windows-1254'>", body=text, encoding="windows-1254")
    assert article.body.startswith("Başkan salı günü")


@pytest.mark.parametrize(
    "page",
    [
        b"<html><body></body></html>",
        b"<p>",
        b"<!-- -->",
        b"plain words, no markup",
        b"<div>" * 20000,
    ],
)
def test_a_page_without_an_article_is_refused(page: bytes) -> None:
    with pytest.raises(NotAnArticle, match="no article text found in this page"):
        read_page("/news/a.html", "a", page)
