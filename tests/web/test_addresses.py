from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.web.addresses import canonical, page_address, same_article

ARTICLE = "https://www.news.test/a/storm-hits-coast"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("HTTPS://WWW.News.Test.:443/A", "https://www.news.test/A"),
        ("http://news.test:80", "http://news.test/"),
        ("http://news.test:8080/a", "http://news.test:8080/a"),
        (
            "https://news.test/a/../b?utm_source=x&id=2&fbclid=3&b=1#top",
            "https://news.test/b?id=2&b=1",
        ),
        ("https://news.test/a?ref=7&source=8&cid=9", "https://news.test/a?ref=7&source=8&cid=9"),
        ("https://news.test/%7euser/%c3%a9?q=%2f", "https://news.test/~user/%C3%A9?q=%2F"),
        ("https://bücher.test/ä", "https://xn--bcher-kva.test/%C3%A4"),
        (" https://news.test/a ", "https://news.test/a"),
        ("mailto:desk@news.test", "mailto:desk@news.test"),
        ("http://[::1", "http://[::1"),
    ],
)
def test_the_form_to_keep(address: str, kept: str) -> None:
    assert canonical(address) == kept


@given(
    st.one_of(
        st.text(),
        st.text().map("http://news.test/{}".format),
        st.text("%2e/.5fF~?&=#utm_ \\@:[]").map("https://news.test{}".format),
    )
)
def test_it_is_the_same_done_twice_and_fails_on_nothing(address: str) -> None:
    once = canonical(address)
    assert canonical(once) == once
    assert same_article(once) == same_article(address)
    page_address(address.encode("utf-8", "replace"), address)


@pytest.mark.parametrize(
    "twin",
    [
        "http://news.test/a/storm-hits-coast/",
        f"{ARTICLE}/amp/",
        f"{ARTICLE}?amp=1&utm_medium=feed",
        f"{ARTICLE}?outputType=amp",
        f"{ARTICLE}.amp",
        "https://amp.news.test/a/storm-hits-coast",
        "https://www.news.test/amp/a/storm-hits-coast",
        "https://www-news-test.cdn.ampproject.org/c/s/www.news.test/a/storm-hits-coast",
        "https://www.google.com/amp/s/news.test/a/storm-hits-coast/amp",
    ],
)
def test_twins_are_one_article(twin: str) -> None:
    assert same_article(twin) == same_article(ARTICLE)


@pytest.mark.parametrize(
    "other",
    [
        "https://www.news.test/a/storm-hits-coast-2",
        "https://www.news.test/A/storm-hits-coast",
        f"{ARTICLE}?id=2",
        "https://sport.news.test/a/storm-hits-coast",
        "https://www.news.test/a/ampere",
    ],
)
def test_others_are_not(other: str) -> None:
    assert same_article(other) != same_article(ARTICLE)


def test_the_order_of_parameters_stays_but_makes_no_other_article() -> None:
    one, other = "https://news.test/?b=1&a=2", "https://news.test/?a=2&b=1"
    assert (canonical(one), canonical(other)) == (one, other)
    assert same_article(one) == same_article(other)


def test_an_amp_host_of_two_labels_is_a_site() -> None:
    assert same_article("https://amp.test/a") == "amp.test/a"


@pytest.mark.parametrize(
    ("head", "address"),
    [
        ('<link rel="canonical" href="/b?utm_source=x">', "https://www.news.test/b"),
        ('<LINK REL="alternate Canonical" HREF="../b">', "https://www.news.test/b"),
        ('<base href="/c/"><link rel=canonical href="d">', "https://www.news.test/c/d"),
        ('<link rel=canonical href="https://m.news.test/b">', "https://m.news.test/b"),
        ('<link rel=canonical href="http://www.news.test/b">', "https://www.news.test/b"),
        ('<link rel=canonical href="https://paper.test/b">', ARTICLE),
        ('<link rel=canonical href="https://evil.www.news.test/b">', ARTICLE),
        ('<link rel=canonical href="/">', ARTICLE),
        ('<link rel=canonical href="javascript:alert(1)">', ARTICLE),
        ('<link rel=canonical href="http://[">', ARTICLE),
        ('<link rel=canonical href="">', ARTICLE),
        ("", ARTICLE),
    ],
)
def test_what_a_page_says_of_itself(head: str, address: str) -> None:
    page = f"<html><head>{head}</head><body><p>words</p></body></html>".encode()
    assert page_address(page, f"{ARTICLE}?utm_source=feed") == address
