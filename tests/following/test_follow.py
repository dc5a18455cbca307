"""`newsdesk follow` and its sisters, against a site on loopback."""

from __future__ import annotations

import json
import time
from contextlib import closing

import pytest

from corpus.article import Article
from retrieval.archive.homes import catalog_in
from retrieval.archive.index import Indexer
from retrieval.archive.sorting import IngestReport
from tests.conftest import Newsdesk
from tests.following import news
from tests.following.conftest import HOST
from tests.web.site import Site


def feed(site: Site, *numbers: int, unread: tuple[int, ...] = ()) -> str:
    """Have a feed of articles, and their pages but for some."""
    for number in numbers:
        site.page(f"/a/{number}", *(("", 403) if number in unread else (news.page(number),)))
    items = [news.item(site.at(f"/a/{n}", HOST), n, news.text_of(n)[:90], "") for n in numbers]
    site.page("/feed", news.rss(*items), content_type="application/rss+xml")
    return site.at("/feed", HOST)


def test_a_feed_is_followed_and_questions_are_answered_from_it(site: Site, desk: Newsdesk) -> None:
    address = feed(site, 1, 2, 3, unread=(3,))
    done = desk("follow", address)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"Following The Bell (feed, {address}): 3 entries, 2 articles read, "
        "1 only as the feed has them\n"
    )
    answer = desk("ask", "How many ships did the harbour of Port Dunmarrow count?")
    assert "202 ships" in answer.stdout
    assert site.at("/a/2", HOST) in answer.stdout
    excerpt = desk("ask", "How many ships did the harbour of Port Eskholm count?")
    assert "203 ships" in excerpt.stdout
    assert "The Bell, as the feed has it\n" in excerpt.stdout
    said = json.loads(desk("ask", "--json", "How many ships did Port Eskholm count?").stdout)
    assert said["citations"][0]["excerpt"] is True
    listed = desk("sources").stdout.splitlines()
    assert [line.endswith(" (as the feed has it)") for line in listed].count(True) == 1
    assert desk("status").returncode == 0


def test_what_is_followed_is_listed_refreshed_and_given_up(site: Site, desk: Newsdesk) -> None:
    address = feed(site, 1)
    desk("follow", address)
    feed(site, 1, 2)
    done = desk("refresh", "--now")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 address fetched, 1 new article, 0 updated; next in 15 min")
    assert desk("refresh").stdout.startswith("0 addresses fetched, 0 new articles, 0 updated")
    [row] = desk("following").stdout.splitlines()
    assert row.split("\t")[:2] + row.split("\t")[3:5] == [address, "feed", "1", ""]
    [listed] = json.loads(desk("following", "--json").stdout)
    assert (listed["title"], listed["articles"], listed["error"]) == ("The Bell", 2, None)
    assert desk("unfollow", address).stdout == "No longer following The Bell\n"
    assert desk("following").stdout == ""
    assert len(desk("sources").stdout.splitlines()) == 2


def test_a_correction_is_read_by_a_refresh(site: Site, desk: Newsdesk) -> None:
    desk("follow", feed(site, 1))
    site.page("/a/1", news.page(1).replace("201", "219"))
    report = json.loads(desk("refresh", "--now", "--json").stdout)
    assert report["updated"] == [site.at("/a/1", HOST)]
    assert "219 ships" in desk("ask", "How many ships did Port Cortwick count?").stdout


def test_watching_goes_on_through_faults_until_it_is_interrupted(
    site: Site, desk: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk("follow", feed(site, 1))
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            raise KeyboardInterrupt
        with closing(catalog_in(desk.home / "catalog.db")) as catalog:
            catalog.database.write("UPDATE followed SET due = 0")
        site.page("/feed", status=500) if len(pauses) == 1 else feed(site, 1, 2)

    monkeypatch.setattr(time, "sleep", sleep)
    done = desk("refresh", "--watch")
    assert (done.returncode, len(done.stdout.splitlines())) == (130, 3)
    assert "1 new article" in done.stdout.splitlines()[2]
    assert ["(500)" in done.stderr, "Interrupted" in done.stderr] == [True, True]
    assert all(30 <= pause <= 900 for pause in pauses)


def test_an_old_article_that_only_the_feed_has_is_tried_again_on_command(
    site: Site, desk: Newsdesk
) -> None:
    page = site.page("/a/1", status=402).replace("news.test", HOST)
    site.page("/feed", news.rss(news.item(page, 1, "Crowded.")))
    assert "1 only as the feed has them" in desk("follow", site.at("/feed", HOST)).stdout
    site.page("/a/1", news.page(1))
    assert json.loads(desk("refresh", "--now", "--json").stdout)["updated"] == [page]


def test_each_fault_is_one_line_and_the_others_go_on(
    site: Site, desk: Newsdesk, no_names: None
) -> None:
    page = site.page("/none", "<html><body><p>Nothing.</p></body></html>")
    page = page.replace("news.test", HOST)
    given = ["http://10.0.0.1/feed", site.at("/lost", HOST), page, "ftp://x.test/a", "nonsense"]
    done = desk("follow", *given, feed(site, 1))
    assert (done.returncode, done.stdout[:19]) == (1, "Following The Bell ")
    lines = done.stderr.splitlines()
    assert len(lines) == len(given)
    for line, address in zip(lines, given, strict=True):
        assert line.startswith("newsdesk: ")
        assert address in line
        assert " cannot be followed: " in line
    lost = desk("unfollow", "http://x.test/")
    assert (lost.returncode, lost.stderr.count("\n")) == (1, 1)
    site.page("/feed", status=500)
    failed = desk("refresh", "--now")
    assert (failed.returncode, failed.stderr.count("\n")) == (1, 1)
    [row] = desk("following").stdout.splitlines()
    assert "1 × the server did not give it (500)" in row


def test_nothing_is_followed(empty: Newsdesk) -> None:
    for command in ("refresh", "following"):
        assert "newsdesk follow ADDRESS" in empty(command).stderr
    report = json.loads(empty("refresh", "--json").stdout)
    assert (report["fetched"], report["added"]) == (0, [])
    assert json.loads(empty("following", "--json").stdout) == []


@pytest.mark.parametrize("command", ["refresh", "following"])
def test_a_home_that_is_not_there_is_begun_by_following(newsdesk: Newsdesk, command: str) -> None:
    assert f"`newsdesk follow --home {newsdesk.home} ADDRESS`" in newsdesk(command).stderr


def test_what_is_gone_is_said_where_articles_are_listed(site: Site, desk: Newsdesk) -> None:
    desk("follow", feed(site, 1))
    with closing(catalog_in(desk.home / "catalog.db")) as catalog:
        catalog.database.write("UPDATE named SET gone = ?", time.time())
    assert "gone from the web since" in desk("sources").stdout
    [listed] = json.loads(desk("sources", "--json").stdout)
    assert listed["gone"]
    assert "gone from the web since" in desk("sources", "show", listed["id"]).stdout
    asked = "How many ships did Port Cortwick count?"
    assert f"{news.PAPER}, 2 November 2020, gone from the web since " in desk("ask", asked).stdout
    [citation] = json.loads(desk("ask", "--json", asked).stdout)["citations"]
    assert citation["gone"] == listed["gone"]
    shown = desk("digest", "--since", "2020-11-01").stdout
    assert f"{news.PAPER}, 2 November 2020, gone from the web since " in shown
    checked = desk("check", input="The harbour of Port Cortwick counted 201 ships in October.")
    assert "gone from the web since" in checked.stdout


def test_why_articles_could_not_be_had_is_told(site: Site, desk: Newsdesk) -> None:
    site.robots("User-agent: *", "Disallow: /private")
    site.page("/private/4", news.page(4))
    numbers = {1: "/a/1", 2: "/a/2", 3: "/a/3", 4: "/private/4"}
    for number in (1, 2, 3):
        site.page(f"/a/{number}", news.page(1), 200 if number == 1 else 403)
    text = {3: news.text_of(3)}
    items = [news.item(site.at(p, HOST), n, text.get(n, ""), "") for n, p in numbers.items()]
    secret = f"http://ann:pa55word@{HOST}:{site.port}/a/5"
    items.append(news.item(secret, 5).replace("</title>", f" {5}</title>"))
    address = site.page("/feed", news.rss(*items), content_type="application/rss+xml")
    address = address.replace("news.test", HOST)
    [told] = json.loads(desk("follow", address, "--json").stdout)
    assert (told["articles"], told["excerpts"], told["failed"]) == (1, 1, 3)
    [row] = desk("following").stdout.splitlines()
    assert "3 could not be had: 1 × " in row
    assert "1 × the site does not let it be read (403)" in row
    assert "1 × the site's robots.txt asks not to fetch it" in row
    assert "; 1 only as the feed has them: 1 × the site does not let it be read (403)" in row
    lines = desk("following", address).stdout.splitlines()
    assert f"{site.at('/a/2', HOST)}\tthe site does not let it be read (403)\t" in lines
    assert len(lines) == 4
    listed = desk("following", "--json")
    [one] = json.loads(listed.stdout)
    assert {m["address"]: m["excerpt"] for m in one["missed"]} == {
        site.at("/a/2", HOST): False,
        site.at("/a/3", HOST): True,
        site.at("/private/4", HOST): False,
        f"http://…@{HOST}:{site.port}/a/5": False,
    }
    assert "pa55" not in listed.stdout + "".join(lines)
    lost = desk("following", "http://x.test/")
    assert (lost.returncode, lost.stdout) == (1, "")
    assert "http://x.test/ is not followed" in lost.stderr


@pytest.mark.parametrize("command", ["follow", "unfollow", "following", "ingest"])
def test_a_password_is_never_shown(desk: Newsdesk, empty: Newsdesk, command: str) -> None:
    for address in ("https://ann:s3cr/et@paper.example/feed", "http://s3cr@paper.example/"):
        for flags in ((), ("--json",)) if command != "unfollow" else ((),):
            done = desk(command, address, *flags)
            assert done.returncode == 1
            assert "paper.example" in done.stderr
            assert "s3cr" not in done.stdout + done.stderr


def test_a_name_that_is_no_address_is_said(desk: Newsdesk, no_names: None) -> None:
    told = desk("follow", "nonsense-of-mine").stderr
    assert "nonsense-of-mine is no address of the web" in told
    assert "NEWSDESK_FETCH_HOSTS" not in told


def test_what_was_removed_by_hand_stays_away_until_it_is_ingested(
    site: Site, desk: Newsdesk
) -> None:
    address = feed(site, 1, 2)
    desk("follow", address)
    [gone] = [a for a in json.loads(desk("sources", "--json").stdout) if a["uri"].endswith("/a/1")]
    assert desk("sources", "remove", gone["id"]).returncode == 0
    desk("unfollow", address)
    assert "1 article read" in desk("follow", address).stdout
    site.redirect("/short", "/a/1", 302)
    items = (
        news.item(site.at(path, HOST), 1, "Ships.") for path in ("/a/1?utm_source=x", "/short")
    )
    site.page("/other", news.rss(*items))
    desk("follow", site.at("/other", HOST))
    desk("refresh", "--now")
    assert [a["uri"] for a in json.loads(desk("sources", "--json").stdout)] == [
        site.at("/a/2", HOST)
    ]
    assert "it was removed from the archive by hand" in desk("following").stdout
    assert desk("ingest", site.at("/a/1", HOST)).stdout.startswith("1 added")
    desk("unfollow", address)
    desk("follow", address)
    site.page("/a/1", news.page(1).replace("201", "219"))
    assert json.loads(desk("refresh", "--now", "--json").stdout)["updated"] == [gone["uri"]]


def test_what_was_stored_before_an_interruption_is_counted(
    site: Site, desk: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = feed(site, *range(1, 21))
    ingest, calls = Indexer.ingest, list[int]()

    def interrupted(self: Indexer, items: list[Article]) -> IngestReport:
        calls.append(len(items))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return ingest(self, items)

    with monkeypatch.context() as patched:
        patched.setattr(Indexer, "ingest", interrupted)
        assert desk("follow", address).returncode == 130
    [told] = json.loads(desk("following", "--json").stdout)
    assert told["new"] == told["articles"] == calls[0] == len(desk("sources").stdout.splitlines())
    desk("refresh")
    [told] = json.loads(desk("following", "--json").stdout)
    assert (told["new"], told["waiting"]) == (20, 0)


def test_addresses_are_ingested_among_files(site: Site, desk: Newsdesk) -> None:
    story = desk.folder / "story.txt"
    story.write_text("A ferry sank\n\nThe ferry to Orkney sank on Monday with 40 cars.")
    page = site.page("/a/9", news.page(9)).replace("news.test", HOST)
    site.page("/b.txt", "Two cats\n\nTwo cats were found.", content_type="text/plain")
    lost, text = site.at("/lost", HOST), site.at("/b.txt?utm_source=x", HOST)
    site.page("/b.txt?utm_source=x", "Two cats\n\nTwo cats were found.", content_type="text/plain")
    done = desk("ingest", story, page, text, lost, feed(site, 1, 2, unread=(2,)), "http://[::1]/")
    assert done.stdout.startswith("5 added, 0 updated, 0 unchanged, 0 removed, 2 rejected")
    assert f"rejected {lost}: there is nothing at this address (404)" in done.stderr
    stored = json.loads(desk("sources", "--json").stdout)
    assert {a["uri"] for a in stored} == {
        *(str(story), page, site.at("/b.txt", HOST)),
        *(site.at(f"/a/{n}", HOST) for n in (1, 2)),
    }
    assert [a["uri"] for a in stored if a["excerpt"]] == [site.at("/a/2", HOST)]
    assert desk("ingest", page).stdout.startswith("0 added, 0 updated, 1 unchanged")


@pytest.mark.parametrize(
    ("value", "seconds"), [("90s", 90), ("15m", 900), ("6h", 21_600), ("1d", 86_400)]
)
def test_the_pause_is_a_setting(site: Site, desk: Newsdesk, value: str, seconds: int) -> None:
    told = desk.told(NEWSDESK_REFRESH=value)
    told("follow", feed(site, 1))
    with closing(catalog_in(desk.home / "catalog.db")) as catalog:
        assert catalog.database.one("SELECT round(due - last) FROM followed") == seconds


def test_a_pause_that_is_none(desk: Newsdesk) -> None:
    for value in ("15", "10s", "soon", "99d", "-5m"):
        done = desk.told(NEWSDESK_REFRESH=value)("status")
        assert (done.returncode, "NEWSDESK_REFRESH" in done.stderr) == (1, True), value


def test_a_feed_that_is_ingested_speaks_for_its_own_site_alone(site: Site, desk: Newsdesk) -> None:
    own, other = site.at("/a/1", HOST), f"http://localhost:{site.port}/a/2"
    for number in (1, 2):
        site.page(f"/a/{number}", status=403)
    items = [news.item(own, 1, "A ship came in."), news.item(other, 2, "The mayor was arrested.")]
    site.page("/feed", news.rss(*items), content_type="application/rss+xml")
    desk = desk.told(NEWSDESK_FETCH_HOSTS=f"{HOST}:{site.port},localhost:{site.port}")
    desk("ingest", site.at("/feed", HOST))
    listed = json.loads(desk("sources", "--json").stdout)
    assert {a["uri"]: a["source"] for a in listed} == {own: news.PAPER, other: HOST}
