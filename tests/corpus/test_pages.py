from datetime import date

import dateparser
import pytest

from corpus.article import Article
from corpus.errors import NotAnArticle
from corpus.pages import read_page

THE_DAY = date(2020, 10, 27)
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


@pytest.mark.parametrize("stray", ["<iframe src='x'></iframe>", "<img src='x'>", "<div></div>"])
def test_a_tag_of_the_body_in_the_head_loses_nothing_that_is_declared(stray: str) -> None:
    article = read(
        f"{stray}<link rel='canonical' href='https://example.org/storm'>"
        "<meta property='og:site_name' content='The Bell'>"
        "<meta property='og:title' content='Storm hits the coast'>"
        "<meta name='date' content='2020-10-27'>",
    )
    assert (article.title, article.source, article.url, article.published) == (
        "Storm hits the coast",
        "The Bell",
        "https://example.org/storm",
        THE_DAY,
    )


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
        '<script type="application/ld+json">{"@graph": [{"@type": "VideoObject", "datePublished":'
        ' "2019-01-01"}, {"@type": "NewsArticle", "datePublished": "20201027T05+0900"}]}</script>',
        "<time datetime='2020-10-27'>a while ago</time>",
        "<time content='2020-10-27T23:00:00-0800'>a while ago</time>",
        "<p><time class='published' datetime=''>27. Oktober 2020</time></p>",
        "<span class='post-date'>Published on October 27, 2020</span>",
        "<p>27.10.2020</p>",
        "<p>Posted on October 27, 2020, at 11:29 a.m. by Ann Bell</p>",
        "<p>2020年10月27日07:17</p>",
        "<time itemprop='dateModified' datetime='2021-01-01'>2021</time><p>27 octobre 2020</p>",
    ],
)
def test_a_date_in_the_markup_of_the_article_is_its_date(markup: str) -> None:
    assert read(body=markup + TEXT).published == THE_DAY


@pytest.mark.parametrize(
    "head",
    [
        "<meta name='publish-date' content='1603756800000'>",
        "<meta name='pub_date' content='20201027'>",
        "<meta name='DC.date.issued' content='2020-10-27'>",
        "<meta property='article:published' itemprop='datePublished' content='2020-10-27T16:42Z'>",
        "<link rel='canonical' href='https://example.org/2020/10/27/storm'>",
    ],
)
def test_the_date_of_publication_wins_over_that_of_a_change(head: str) -> None:
    changed = "<time itemprop='dateModified' datetime='2021-01-01'>1 January 2021</time>"
    modified = "<meta property='article:modified_time' content='2021-01-01'>"
    assert read(modified + head, body=changed + TEXT).published == THE_DAY
    assert read(modified, body=changed + TEXT).published is None


def test_a_date_beside_the_headline_counts_outside_an_article_element() -> None:
    page = (
        "<title>Storm hits coast - Bell</title><div id='sidebar-layout'><h1>Storm hits coast</h1>"
        f"<div><time datetime='2020-10-27'>Tuesday</time></div>{TEXT}</div>"
    )
    assert read_page("a.html", "a", page.encode()).published == THE_DAY


@pytest.mark.parametrize(
    "others",
    [
        "<ul class='related-posts'><li><article><h1>Circus</h1>"
        "<time class='published updated' datetime='2021-03-04'>4 March 2021</time></article></ul>",
        "<div class='replies'><b>Ada</b> <time datetime='2021-03-04'>4 March 2021</time></div>",
        "<div class='comments'><time itemprop='datePublished' datetime='2021-03-04'></time></div>",
    ],
)
def test_the_date_of_a_related_article_or_a_comment_is_not_the_articles(others: str) -> None:
    assert read(body=others + TEXT + others).published is None
    assert read(body=f"<p>27 October 2020</p>{TEXT}{others}").published == THE_DAY


def test_of_thousands_of_odd_dates_a_few_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    monkeypatch.setattr(dateparser, "parse", lambda text, **_: looked_at.append(text))
    odd = "<time itemprop='datePublished' datetime='27 Brumaire 2020'>12 Nivose 2020</time>"
    assert read("<meta name='date' content='32 May 2020'>" * 2000, odd * 2000 + TEXT).body
    assert 0 < len(looked_at) < 1000


def test_a_date_in_a_sentence_beside_the_headline_is_not_the_articles() -> None:
    facts = "<ul><li>The old bridge was opened by the mayor on August 14, 1935</li></ul>"
    assert read(body=facts + TEXT).published is None


@pytest.mark.parametrize(
    ("page", "title", "source"),
    [
        (
            "<title>New bridge for Elm - Elm Council</title><h1>Press releases</h1>"
            f"<h2>New bridge for Elm</h2>{TEXT}",
            "New bridge for Elm",
            "Elm Council",
        ),
        (
            "<title>Body is that of J.Hale | Skerry Times</title>"
            f"<article><h1>Body is that of J.Hale</h1>{TEXT}</article>",
            "Body is that of J.Hale",
            "Skerry Times",
        ),
        (
            "<title>x</title><meta property='og:title' content='CNN | Storm: two dead'>"
            "<meta property='og:site_name' content='CNN'><meta name='twitter:site' content='@cnn'>"
            f"<h1>News</h1>{TEXT}",
            "Storm: two dead",
            "CNN",
        ),
        (
            "<title>x</title><meta name='twitter:site' content='@bell'>"
            '<script type="application/ld+json">{"@type": ["NewsArticle"], "headline": '
            '"Storm &amp; flood", "publisher": [{"name": "The Bell"}]}</script>'
            f"<h1>News</h1>{TEXT}",
            "Storm & flood",
            "The Bell",
        ),
        (
            "<title>Storm</title><link rel='canonical' href='https://www.bell.example/storm'>"
            f"<meta name='twitter:site' content='@bell'><h1>Storm</h1>{TEXT}",
            "Storm",
            "bell.example",
        ),
    ],
)
def test_the_title_is_the_articles_and_the_source_the_sites(
    page: str, title: str, source: str
) -> None:
    article = read_page("a.html", "a", page.encode())
    assert (article.title, article.source) == (title, source)


def test_teasers_under_an_article_are_not_its_text() -> None:
    teaser = (
        "<div class='item'><a href='/n'><img src='x.jpg'></a><div><h3><a href='/n'>Minister resigns"
        "</a></h3><p>The minister of transport resigned on Tuesday after the audit office found"
        " that her ministry had paid millions for buses that never came.</p></div></div>"
    )
    page = (
        "<title>Storm hits coast</title><div><div><div><h1>Storm hits coast</h1></div>"
        f"<div>{TEXT}{TEXT}</div><div class='stream'>{teaser * 3}</div></div></div>"
    )
    article = read_page("a.html", "a", page.encode())
    assert "minister" not in article.body
    assert "5 May" in article.body


def test_a_list_of_other_articles_below_is_not_the_text() -> None:
    others = "".join(
        f"<div><h4><strong>Opinion</strong> <a href='/{n}'>Column {n} on the budget</a></h4>"
        f"<p class='standfirst'>The minister of finance says in part {n} that the money is gone,"
        " and that nobody will get any of it back before the spring.</p></div>"
        for n in range(5)
    )
    article = read(body=f"{TEXT}{TEXT}<div class='group'><h2>More columns</h2>{others}</div>")
    assert "minister" not in article.body
    assert "5 May" in article.body


@pytest.mark.parametrize("name", ["comments", "kommentare", "reader-replies"])
def test_readers_comments_in_the_article_are_not_its_text(name: str) -> None:
    comment = (
        "<p>The mayor takes money from the ferry company, everybody here knows that, I say.</p>"
    )
    article = read(body=f"{TEXT}<div class='{name}'>{f'<div>{comment}</div>' * 9}</div>")
    assert "takes money" not in article.body
    assert "5 May" in article.body


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>{}</p>",
        "<p>A line. <span style='display : none'>{}</span></p>",
        "<div style='color:red;visibility:hidden'><p>{}</p></div>",
        "<p>A line. <span style='FONT-SIZE:0px'>{}</span> Another line.</p>",
    ],
)
def test_what_a_page_does_not_show_is_not_its_text(hidden: str) -> None:
    article = read(body=TEXT + hidden.format("The mayor takes money from the ferry company."))
    assert "takes money" not in article.body
    assert "5 May" in article.body


@pytest.mark.parametrize(
    "hidden",
    [
        f"<div hidden><h1>Storm hits coast</h1>{TEXT}</div>",
        f"<h1>Storm hits coast</h1><div style='display:none'>{TEXT}</div>",
        f"<h1>Storm hits coast</h1><div style='font-size:0'>{TEXT}</div>",
    ],
)
def test_a_page_saved_before_its_script_showed_the_article_is_read(hidden: str) -> None:
    page = f"<title>Storm hits coast</title><article>{hidden}</article>"
    assert read_page("a.html", "a", page.encode()).body.count("May") == 5


def test_an_article_in_a_box_named_after_something_else_is_read_whole() -> None:
    article = read(body=f"<div class='has-comments with-sidebar'>{TEXT}</div>")
    assert article.body.count("May") == 5


def test_the_text_that_a_page_states_decides_what_is_its_article() -> None:
    promo = "<p>Our new app has all the news of the day: it is free, and thousands use it.</p>"
    stated = " ".join(
        f"On {day} May the river rose again, and the old bridge in the town stayed closed."
        for day in range(1, 6)
    )
    data = f'{{"@type": "NewsArticle", "articleBody": "{stated}"}}'
    article = read(f"<script type='application/ld+json'>{data}</script>", body=TEXT + promo + promo)
    assert "app" not in article.body
    assert article.body.count("May") == 5


def test_characters_that_browsers_pass_over_do_not_make_a_page_binary() -> None:
    assert read(body=TEXT + "<p>The hall opens on 4 June.\0\0\0</p>").body.endswith("4 June.")


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
    ],
)
def test_a_page_without_an_article_is_refused(page: bytes) -> None:
    with pytest.raises(NotAnArticle, match="no article text found in this page"):
        read_page("/news/a.html", "a", page)


def test_the_rule_below_the_head_of_a_table_is_no_text() -> None:
    rows = "<thead><tr><th>Part</th><th>Paid</th></tr></thead><tr><td>Deck</td><td>9</td></tr>"
    body = read(body=f"{TEXT}<table>{rows}</table>{TEXT.replace('river', 'lake')}").body
    assert "\n\nPart | Paid\n\nDeck | 9\n\n" in body


def test_lists_and_headings_of_a_page_without_any_frame_are_read() -> None:
    part = "<h2>What was done</h2><ul><li>All cables were replaced</li><li>And the deck</li></ul>"
    page = f"<title>Storm hits coast</title><h1>Storm hits coast</h1>{TEXT}{part}{TEXT}"
    body = read_page("/a.html", "a", page.replace("river", "lake", 2).encode()).body
    assert "\n\nWhat was done\n\nAll cables were replaced\n\nAnd the deck\n\n" in body


def test_the_numbers_of_notes_are_no_text() -> None:
    said = "<p>It said so.<a href='#n1'><sup>1</sup></a><sup>[<a href='/a#n2'>2</a>]</sup> On.</p>"
    notes = "<p id='n1'>The office told us in May, in writing. <a href='#r1'>↩︎</a></p>"
    body = read(
        body=f"{TEXT}{said}<p>See <a href='#top'>Map 1</a>, 5 m<sup>2</sup></p>{notes}"
    ).body
    assert (
        "\n\nIt said so. On.\n\nSee Map 1, 5 m2\n\nThe office told us in May, in writing." in body
    )
