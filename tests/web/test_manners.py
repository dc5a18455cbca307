"""robots.txt, pauses, and being told to come back later."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock

import pytest

from corpus.errors import NotFetched
from corpus.web.fetching import agent
from tests.web.site import Exchange, Site, Time


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        running.page("/a", "words")
        yield running


def paced(site: Site, clock: Time, **options: object):
    return site.fetcher(clock=clock, sleep=clock.sleep, **options)


def test_what_robots_txt_excepts_is_not_fetched(site: Site) -> None:
    site.robots("User-agent: *", "Disallow: /a", "Allow: /a/*.html$")
    site.page("/a/b.html", "words")
    fetcher = site.fetcher()
    assert fetcher.fetch(site.at("/a/b.html")).data == b"words"
    with pytest.raises(NotFetched, match=r"robots\.txt asks not to") as error:
        fetcher.fetch(site.at("/a"))
    assert error.value.kind == "robots"
    assert fetcher.fetch(site.at("/a"), robots=False).data == b"words"
    assert [asked.path for asked in site.requests] == ["/robots.txt", "/a/b.html", "/a"]


@pytest.mark.parametrize(
    ("lines", "may"),
    [
        (["User-agent: newsdesk", "Disallow: /", "", "User-agent: *", "Allow: /"], False),
        (["User-agent: *", "Disallow: /", "", "User-agent: Newsdesk", "Allow: /a"], True),
        (["User-agent: desk", "Disallow: /"], True),
        (["User-agent: *", "Disallow:"], True),
        (["\ufeffUser-agent: *", "Disallow: /a"], False),
        (["<html>no rules</html>"], True),
        ([], True),
        (["User-agent: *", *["# words"] * 100_000, "Disallow: /a"], True),  # beyond 500 KiB
    ],
)
def test_the_rules_for_newsdesk_hold(site: Site, lines: list[str], may: bool) -> None:
    site.robots(*lines)
    fetcher = site.fetcher(agent=agent("1.0", "https://example.org/desk"))
    if may:
        assert fetcher.fetch(site.at("/a")).data == b"words"
    else:
        with pytest.raises(NotFetched, match=r"robots\.txt"):
            fetcher.fetch(site.at("/a"))


@pytest.mark.parametrize(
    ("status", "kind"), [(500, "failed"), (503, "busy"), (429, "busy"), (599, "failed")]
)
def test_a_site_whose_robots_txt_cannot_be_had_is_not_asked_now(
    site: Site, status: int, kind: str
) -> None:
    clock = Time()
    site.page("/robots.txt", "", status)
    fetcher = paced(site, clock)
    for _ in range(2):
        with pytest.raises(NotFetched, match=r"robots\.txt cannot be had") as error:
            fetcher.fetch(site.at("/a"))
        assert error.value.kind == kind
    assert [asked.path for asked in site.requests] == ["/robots.txt"]
    site.page("/robots.txt", "", 404)
    clock.now += 3600
    assert fetcher.fetch(site.at("/a")).data == b"words"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_site_without_one_is(site: Site, status: int) -> None:
    site.page("/robots.txt", "", status)
    assert site.fetcher().fetch(site.at("/a")).data == b"words"


def test_it_is_asked_for_again_after_some_hours(site: Site) -> None:
    clock = Time()
    fetcher = paced(site, clock)
    fetcher.fetch(site.at("/a"))
    site.robots("User-agent: *", "Disallow: /")
    fetcher.fetch(site.at("/a"))
    clock.now += 5 * 3600
    with pytest.raises(NotFetched):
        fetcher.fetch(site.at("/a"))


def test_a_redirect_obeys_the_robots_txt_of_where_it_leads(site: Site) -> None:
    with Site() as other:
        site.names["elsewhere.test"] = ["127.0.0.1"]
        other.robots("User-agent: *", "Disallow: /a")
        address = site.redirect("/b", other.at("/a", "elsewhere.test"))
        hosts = [f"news.test:{site.port}", "elsewhere.test"]
        with pytest.raises(NotFetched) as error:
            site.fetcher(hosts=hosts).fetch(address)
    assert error.value.kind == "robots"
    assert other.paths == []


def test_ones_own_site_is_not_asked_for_it(site: Site) -> None:
    site.robots("User-agent: *", "Disallow: /")
    for own in (["news.test"], [f"news.test:{site.port}"]):
        assert site.fetcher(own=own).fetch(site.at("/a")).data == b"words"
    assert all(asked.path == "/a" for asked in site.requests)


def test_a_host_is_left_for_a_second_between_two_requests(site: Site) -> None:
    clock = Time()
    fetcher = paced(site, clock)
    fetcher.fetch(site.at("/a"))
    clock.now += 0.25
    fetcher.fetch(site.at("/a"))
    fetcher.fetch(site.at("/a", "other.test"), robots=False)
    clock.now += 5
    fetcher.fetch(site.at("/a"))
    assert clock.slept == [1.0, 0.75]


@pytest.mark.parametrize(("wanted", "slept"), [("7", 7.0), ("0.1", 1.0), ("86400", 30.0)])
def test_a_longer_delay_of_robots_txt_is_kept_within_bounds(
    site: Site, wanted: str, slept: float
) -> None:
    clock = Time()
    site.robots("User-agent: *", f"Crawl-delay: {wanted}")
    paced(site, clock).fetch(site.at("/a"))
    assert clock.slept == [slept]


def test_a_host_is_asked_one_thing_at_a_time(site: Site) -> None:
    busy, overlapped, second = Lock(), Event(), Event()

    def act(exchange: Exchange) -> None:
        if not busy.acquire(blocking=False):
            overlapped.set()
            exchange.send("too many")
            return
        second.wait(0.05)
        busy.release()
        exchange.send("words")

    addresses = [site.act(f"/{number}", act) for number in range(4)]
    site.act("/robots.txt", act)
    fetcher = site.fetcher()
    with ThreadPoolExecutor(4) as pool:
        fetched = [page.data for page in pool.map(fetcher.fetch, addresses)]
    assert fetched == [b"words"] * 4
    assert not overlapped.is_set()
    assert len(site.requests) == 5


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("999999", 86_400.0),
        ("Fri, 31 Dec 2999 23:59:59 GMT", 86_400.0),
        ("Fri, 31 Dec 2999 23:59:59", 86_400.0),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_host_is_left_alone_for_as_long_as_it_says(
    site: Site, status: int, header: str, seconds: float
) -> None:
    clock = Time()
    fetcher = paced(site, clock)
    busy = site.page("/busy", "", status, retry_after=header)
    with pytest.raises(NotFetched, match="come back later") as error:
        fetcher.fetch(busy, robots=False)
    assert (error.value.kind, error.value.retry_after) == ("busy", seconds)
    clock.now += 60
    with pytest.raises(NotFetched, match="left alone") as error:
        fetcher.fetch(site.at("/a"), robots=False)
    assert (error.value.kind, error.value.retry_after) == ("busy", seconds - 60)
    assert site.paths == ["/busy"]
    clock.now += seconds
    assert fetcher.fetch(site.at("/a"), robots=False).data == b"words"


@pytest.mark.parametrize(
    "header", ["soon", "", "-5", "Mon, 02 Nov 2020 08:00:00 GMT", "²", "9" * 99]
)
def test_a_wait_that_is_none_keeps_nobody_away(site: Site, header: str) -> None:
    fetcher = site.fetcher()
    with pytest.raises(NotFetched) as error:
        fetcher.fetch(site.page("/busy", "", 503, retry_after=header), robots=False)
    if header != "9" * 99:
        assert not error.value.retry_after
        assert fetcher.fetch(site.at("/a"), robots=False).data == b"words"


def test_no_contact_is_invented() -> None:
    assert agent("1.0", "desk@example.org") == "Newsdesk/1.0 (+desk@example.org)"
    assert agent("1.0") == "Newsdesk/1.0 (reads news for a private archive)"


def test_closing_ends_pauses_and_asks_for_nothing_more(site: Site) -> None:
    fetcher = site.fetcher(clock=time.monotonic, sleep=None, delay=3600)
    fetcher.fetch(site.at("/a"), robots=False)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(fetcher.fetch, site.at("/a"), robots=False)
        fetcher.close()
        with pytest.raises(NotFetched, match="was ended"):
            waiting.result()
    assert site.paths == ["/a"]
