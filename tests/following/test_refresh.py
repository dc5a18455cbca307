"""What a refresh makes of a site that behaves, and of one that does not, as time goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from fpdf import FPDF

from corpus.article import Article
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.errors import CannotFollow
from retrieval.following.refresh import Refresher, RefreshReport
from retrieval.following.schedule import DAY, HOUR
from retrieval.following.sources import Sources
from tests.following import news
from tests.retrieval.archive_kit import Archive, BagEncoder
from tests.web.site import (
    Exchange,
    Site,
    Time,
    bomb,
    cut_gzip,
    cut_short,
    endless,
    tagged,
)

pytestmark = pytest.mark.both_engines

NOON = 1_604_318_400.0  # 2 November 2020
FEED = "/feed"


class Desk:
    """An archive that follows a site, whose time goes on when it is told to."""

    def __init__(self, archive: Archive, site: Site) -> None:
        self.archive, self.site, self.clock = archive, site, Time(NOON)
        self.sources = Sources(archive.catalog.database)
        self.refresher = Refresher(
            self.sources, archive.catalog, site.fetcher(clock=self.clock, sleep=self.clock.sleep),
            lambda: nullcontext(archive.indexer), self.clock,
        )  # fmt: skip

    def feed(self, *items: str, path: str = FEED) -> str:
        return self.site.page(path, news.rss(*items), content_type="application/rss+xml")

    def follow(self, address: str = "") -> RefreshReport:
        followed = self.refresher.watcher.follow(address or self.site.at(FEED))
        return self.refresher.run([one.address for one in followed])

    def later(self, seconds: float) -> RefreshReport:
        self.clock.sleep(seconds)
        self.site.requests.clear()
        return self.refresher.run()

    def asks(self, path: str, seconds: float) -> int:
        """How often a path is asked for some seconds later."""
        self.later(seconds)
        return self.site.paths.count(path)

    @property
    def stored(self) -> list[Article]:
        return sorted(self.archive.catalog.every_article(), key=lambda article: article.uri)

    @property
    def only(self) -> Article:
        [article] = self.stored
        return article


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def desk(
    site: Site, tmp_path: Path, embedded: OnnxEncoder, database_url: str | None
) -> Iterator[Desk]:
    encoder = BagEncoder("usual")
    with Archive(tmp_path / "home", embedded, encoder, url=database_url) as archive:
        yield Desk(archive, site)


def test_the_page_is_read_and_what_it_lacks_is_filled_in(desk: Desk, site: Site) -> None:
    bare = news.page(1).replace("<time datetime='2020-11-02'>2 November 2020</time>", "")
    address = site.page("/a/1", bare.replace(f" | {news.PAPER}", ""))
    desk.feed(news.item(f"{address}?utm_source=rss", 1, "In short."))
    report = desk.follow()
    assert report.added == [address]
    article = desk.only
    assert (article.uri, article.url, article.source, str(article.published)) == (
        *(address, address, news.PAPER, "2020-11-02"),
    )
    assert article.body == news.text_of(1).replace("\n", "\n\n")
    assert not article.excerpt


@pytest.mark.parametrize("status", [403, 402, 500, 404])
def test_what_cannot_be_had_is_kept_as_the_feed_has_it_until_it_can(
    desk: Desk, site: Site, status: int
) -> None:
    address = site.page("/a/1", status=status)
    desk.feed(news.item(address, 1, "<p>The harbour is <b>crowded</b>.</p>"))
    assert desk.follow().excerpts == [address]
    assert (desk.only.excerpt, desk.only.body) == (True, "The harbour is crowded.")
    site.page("/a/1", news.page(1, head='<link rel="canonical" href="/a/one">'))
    assert desk.later(DAY).updated == [address]
    assert (desk.only.excerpt, desk.only.url) == (False, site.at("/a/one"))
    assert "second pier" in desk.only.body
    assert desk.archive.catalog.database.rows("SELECT * FROM versions") == []


def test_a_feed_puts_no_words_into_the_mouth_of_another_paper(desk: Desk, site: Site) -> None:
    site.page("/a/1", status=403)
    address = site.at("/a/1", "other.test")
    desk.feed(news.item(address, 1, "The mayor was arrested."))
    desk.follow()
    assert (desk.only.excerpt, desk.only.source) == (True, "news.test")


@pytest.mark.process
def test_a_document_is_read_as_a_file_of_its_kind_is(desk: Desk, site: Site) -> None:
    paper = FPDF()
    paper.add_page()
    paper.set_font("helvetica", size=11)
    paper.multi_cell(0, text=news.text_of(4).replace("\n", "\n\n"))
    place = site.page("/b/report", bytes(paper.output()), content_type="application/pdf")
    picture = site.page("/b/photo", b"\x89PNG", content_type="image/png")
    desk.feed(news.item(place, 4), news.item(picture, 5))
    assert desk.follow().added == [place]
    assert (desk.only.title, desk.only.pages, str(desk.only.published)) == (
        *(news.title(4), (0,), "2020-11-02"),
    )


def test_robots_are_obeyed_and_a_page_without_an_article_gives_way(desk: Desk, site: Site) -> None:
    site.robots("User-agent: *", "Disallow: /private")
    one, two = site.page("/private/1", news.page(1)), site.page("/a/2", "<html></html>")
    desk.feed(news.item(one, 1, "Crowded."), news.item(two, 2, "Also crowded."))
    assert len(desk.follow().excerpts) == 2
    assert "/private/1" not in site.paths


def test_addresses_within_a_network_are_never_asked_nor_kept(desk: Desk, site: Site) -> None:
    tricks = [site.at("/x", "evil.test"), "http://169.254.169.254/latest", "http://[::1]/a"]
    inside = site.redirect("/a/9", "http://10.0.0.1/secret")
    desk.feed(*(news.item(address, 1, "Words.") for address in (*tricks, inside)))
    assert desk.follow().added == []
    assert (desk.stored, site.paths) == ([], [FEED, "/a/9"])


def test_a_correction_is_seen_and_what_is_as_it_was_is_not_sent(desk: Desk, site: Site) -> None:
    address = site.act("/a/1", tagged(news.page(1)))
    desk.feed(news.item(address, 1))
    desk.follow()
    report = desk.later(2 * HOUR)
    assert (report.added, report.updated, site.paths) == ([], [], [FEED, "/a/1"])
    assert "if-none-match" in site.requests[-1].headers
    site.act("/a/1", tagged(news.page(1, ", not September"), '"2"'))
    assert desk.later(3 * HOUR).updated == [address]
    assert "not September" in desk.only.body
    assert len(desk.archive.catalog.database.rows("SELECT * FROM versions")) == 1


def test_checks_become_rarer_and_end(desk: Desk, site: Site) -> None:
    desk.feed(news.item(site.act("/a/1", tagged(news.page(1))), 1))
    desk.follow()
    checks = [desk.asks("/a/1", 6 * HOUR) for _ in range(4 * 33)]
    assert sum(checks[: 4 * 3]) >= 6
    assert 12 <= sum(checks) <= 25
    assert sum(checks[-4:]) == 0


def test_an_article_said_anew_by_its_feed_is_fetched_at_once(desk: Desk, site: Site) -> None:
    address = site.page("/a/1", news.page(1))
    desk.feed(news.item(address, 1, "In short."))
    desk.follow()
    site.page("/a/1", news.page(1, " and not fewer"))
    desk.feed(news.item(address, 1, "Corrected."))
    assert desk.later(16 * 60).updated == [address]


def test_what_is_gone_thrice_over_days_is_marked_and_kept(desk: Desk, site: Site) -> None:
    address = site.page("/a/1", news.page(1))
    desk.feed(news.item(address, 1))
    desk.follow()
    site.page("/a/1", status=410)
    assert [desk.later(pause).gone for pause in (2 * HOUR, DAY, 60.0)] == [[], [], []]
    assert desk.later(DAY).gone == [address]
    assert list(desk.sources.gone()) == [address]
    assert "second pier" in desk.only.body
    assert desk.later(DAY).gone == []


def test_an_article_is_not_gone_where_another_sites_link_to_it_is(desk: Desk, site: Site) -> None:
    address = site.page("/a/1", news.page(1))
    site.redirect("/x", address)
    desk.feed(news.item(site.at("/x", "other.test"), 1))
    desk.follow()
    assert desk.only.uri == address
    site.page("/x", status=410)
    assert [desk.later(DAY).gone for _ in range(4)] == [[]] * 4
    assert desk.sources.gone() == {}


def test_what_is_missing_and_comes_back_is_not_gone(desk: Desk, site: Site) -> None:
    address = site.page("/a/1", news.page(1))
    desk.feed(news.item(address, 1))
    desk.follow()
    for status in (404, 404, 200, 404, 404):
        site.page("/a/1", news.page(1) if status == 200 else "", status)
        desk.later(DAY)
    assert desk.sources.gone() == {}


TWINS = ["/a/1", "/a/1?utm_source=feed&utm_medium=rss", "/a/1/amp", "/a/1/#top", "/a/1?amp=1"]


def test_twins_are_one_article_across_feeds(desk: Desk, site: Site) -> None:
    for path in TWINS:
        site.page(path.split("#")[0], news.page(1, head='<link rel="canonical" href="/a/1">'))
    for number, path in enumerate(TWINS):
        feed = desk.feed(news.item(site.at(path), 1), path=f"/feed{number}")
        desk.follow(feed)
    assert desk.only.uri == site.at("/a/1")


def test_a_short_link_that_leads_to_an_article_is_that_article(desk: Desk, site: Site) -> None:
    site.page("/a/1", news.page(1))
    desk.feed(news.item(site.redirect("/s/x", "/a/1", 302), 1), news.item(site.at("/a/1"), 1))
    desk.follow()
    assert desk.only.uri == site.at("/a/1")


def test_an_article_of_a_file_stays_and_one_of_the_web_is_not_doubled(
    desk: Desk, site: Site, tmp_path: Path
) -> None:
    desk.feed(*(news.item(site.page(f"/a/{n}", news.page(n)), n) for n in (1, 2)))
    body = news.text_of(1).replace("\n", "\n\n")
    saved = Article(str(tmp_path / "1.html"), news.title(1), body, url=site.at("/a/1/"))
    Path(saved.uri).touch()
    desk.archive.ingest(saved)
    desk.follow()
    assert [a.uri for a in desk.stored] == sorted([saved.uri, site.at("/a/2")])
    later = replace(saved, uri=str(tmp_path / "2.html"), url=site.at("/a/2?fbclid=7"), body="Two.")
    assert desk.archive.ingest(later).added == [later.uri]
    record = replace(later, uri=f"{site.at('/a/2')}/", body="Another reading of two.")
    assert desk.archive.ingest(record).updated == [site.at("/a/2")]
    assert [a.uri for a in desk.stored] == sorted([saved.uri, later.uri, site.at("/a/2")])


def test_an_article_that_somebody_took_out_stays_out(desk: Desk, site: Site) -> None:
    desk.feed(news.item(site.page("/a/1", news.page(1)), 1))
    desk.follow()
    desk.archive.indexer.remove([desk.only.id])
    site.page("/a/1", news.page(1, " again"))
    desk.later(2 * HOUR)
    assert desk.stored == []


def test_a_feed_that_moved_for_good_is_followed_there(desk: Desk, site: Site) -> None:
    desk.feed(news.item(site.page("/a/1", news.page(1)), 1))
    desk.follow()
    site.redirect(FEED, "/new", 301)
    desk.feed(news.item(site.at("/a/1"), 1), path="/new")
    desk.later(HOUR)
    [followed] = desk.sources.followed()
    assert (followed.address, desk.sources.counts(followed.address).read) == (site.at("/new"), 1)


def test_an_article_whose_address_changed_is_the_same(desk: Desk, site: Site) -> None:
    def entry(path: str) -> str:
        item = news.item(site.page(path, news.page(1)), 1)
        return item.replace("<title>", '<guid isPermaLink="false">7</guid><title>')

    desk.feed(entry("/a/ships"))
    desk.follow()
    desk.feed(entry("/a/ships-crowd-harbour"))
    desk.later(HOUR)
    assert (desk.only.uri, desk.only.url) == (
        *(site.at("/a/ships"), site.at("/a/ships-crowd-harbour")),
    )


def test_a_source_that_fails_is_left_alone_for_longer_each_time(desk: Desk, site: Site) -> None:
    desk.feed(news.item(site.page("/a/1", news.page(1)), 1))
    desk.follow()
    site.page(FEED, status=500)
    asked = [desk.asks(FEED, 15 * 60) for _ in range(24)]
    assert 3 <= sum(asked) <= 5
    [followed] = desk.sources.followed()
    assert (followed.failures, "did not give it" in followed.error) == (sum(asked), True)
    desk.feed(news.item(site.at("/a/1"), 1))
    desk.later(DAY)
    assert desk.sources.followed()[0].failures == 0


def busy(exchange: Exchange) -> None:
    exchange.send(b"", 429, retry_after="7200")


def test_a_busy_site_is_left_alone_for_as_long_as_it_says(desk: Desk, site: Site) -> None:
    desk.feed(*(news.item(site.act(f"/a/{n}", busy), n, "Crowded.") for n in range(9)))
    report = desk.follow()
    assert (len(report.excerpts), site.paths) == (9, [FEED, "/a/0"])
    for number in range(9):
        site.page(f"/a/{number}", news.page(number))
    assert (desk.later(HOUR).updated, site.paths) == ([], [])
    assert len(desk.later(2 * HOUR).updated) == 9


def test_a_host_that_does_not_answer_costs_three_requests(desk: Desk, site: Site) -> None:
    lost = [news.item(site.page(f"/a/{n}", status=500), n) for n in range(20)]
    other = site.page("/a/7", news.page(7)).replace("news.test", "other.test")
    desk.feed(*lost, news.item(other, 7))
    site.page("/a/7", news.page(7))
    assert desk.follow().added == [other]
    assert len(site.paths) < 8


def test_what_misbehaves_costs_nothing_but_itself(desk: Desk, site: Site) -> None:
    acts = (bomb, endless, cut_gzip, cut_short)
    bad = [site.act(f"/bad/{number}", act) for number, act in enumerate(acts)]
    bad += [site.redirect("/loop", "/loop"), site.page("/deep", "<div>" * 400 + "words")]
    good = site.page("/a/1", news.page(1)).replace("news.test", "other.test")
    desk.feed(*(news.item(address, 9, "Crowded.") for address in bad), news.item(good, 1))
    assert good in desk.follow().added
    assert [article.excerpt for article in desk.stored].count(False) == 1


def test_a_page_instead_of_a_feed_is_an_error_that_says_where_feeds_are(
    desk: Desk, site: Site
) -> None:
    desk.feed(news.item(site.page("/a/1", news.page(1)), 1))
    desk.follow()
    link = f'<a href="/2020/11/02/sorry">{news.title(1)}</a>'
    head = '<link rel="alternate" type="application/rss+xml" href="/new">'
    site.page(FEED, f"<html><head>{head}</head><body>{link}</body></html>")
    [fault] = desk.later(HOUR).faults
    assert fault.reason == f"a page instead of the feed; it announces {site.at('/new')}"
    assert desk.sources.followed()[0].kind == "feed"
    assert len(desk.stored) == 1


def test_sitemaps_of_an_index_are_read(desk: Desk, site: Site) -> None:
    for name, number in (("one", 1), ("two", 2)):
        place = site.page(f"/a/{number}", news.page(number))
        site.page(f"/{name}.xml", f"<urlset><url><loc>{place}</loc></url></urlset>")
    maps = [site.at(f"/{name}.xml") for name in ("one", "gone", "two", "index")]
    index = "".join(f"<sitemap><loc>{address}</loc></sitemap>" for address in maps)
    address = site.page("/index.xml", f"<sitemapindex>{index}</sitemapindex>", etag='"1"')
    assert len(desk.follow(address).added) == 2
    site.page("/one.xml", f"<urlset><url><loc>{site.at('/a/3')}</loc></url></urlset>")
    site.page("/a/3", news.page(3))
    assert desk.later(HOUR).added == [site.at("/a/3")]


def test_a_page_that_announces_feeds_has_these_followed(desk: Desk, site: Site) -> None:
    desk.feed(news.item(site.page("/a/1", news.page(1)), 1))
    head = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{path}">'
        for path in ("/none", FEED)
    )
    page = site.page("/", f"<html><head>{head}</head><body><p>News.</p></body></html>")
    desk.follow(page)
    assert [(f.kind, f.address) for f in desk.sources.followed()] == [("feed", site.at(FEED))]


def test_a_page_that_links_to_articles_is_followed(desk: Desk, site: Site) -> None:
    site.page("/2020/11/02/ships", news.page(1))
    link = f'<main><a href="/2020/11/02/ships">{news.title(1)}</a><a href="/about">Us</a></main>'
    page = site.page("/world", f"<html><body>{link}</body></html>")
    assert desk.follow(page).added == [site.at("/2020/11/02/ships")]
    assert desk.sources.followed()[0].kind == "page"


@pytest.mark.parametrize("body", ["<html><body><p>Words.</p></body></html>", "%PDF-1.7", "{}"])
def test_what_names_no_articles_cannot_be_followed(desk: Desk, site: Site, body: str) -> None:
    address = site.page("/x", body, content_type="text/plain")
    with pytest.raises(CannotFollow, match="cannot be followed"):
        desk.follow(address)
    assert desk.sources.followed() == []


def test_a_followed_address_is_one_in_any_form_and_articles_stay(desk: Desk, site: Site) -> None:
    desk.feed(news.item(site.page("/a/1", news.page(1)), 1))
    desk.follow()
    desk.follow(f"{site.at(FEED)}?utm_source=x")
    [followed] = desk.sources.followed()
    desk.sources.unfollow(followed.address)
    assert (desk.sources.followed(), desk.sources.next_due(), len(desk.stored)) == ([], None, 1)


def test_an_interrupted_refresh_ends_the_pauses(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.feed(*(news.item(site.page(f"/a/{n}", news.page(n)), n) for n in range(5)))

    def interrupted(*_: object) -> Callable[[], None]:
        raise KeyboardInterrupt

    monkeypatch.setattr(desk.archive.indexer, "ingest", interrupted)
    with pytest.raises(KeyboardInterrupt):
        desk.follow()
    monkeypatch.undo()
    assert len(desk.later(60).added) == 5
