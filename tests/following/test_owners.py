"""Which of several articles owns an address or a text, whoever came with it first."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from email.message import EmailMessage
from pathlib import Path

import pytest

from corpus.article import Article, article_id
from corpus.web.addresses import same_article
from retrieval.archive.homes import catalog_in
from retrieval.archive.schema import SCHEMA
from tests.conftest import Newsdesk
from tests.corpus.formats.agency_samples import TEXT, news_item, ninjs, nitf
from tests.following import news
from tests.following.conftest import HOST
from tests.web.site import NAME, Exchange, Site

STRANGER = "localhost"
OWN_WORDS = "The harbour of Port Cortwick is crowded."
RUMOUR = "The mayor of Port Cortwick was arrested."


@pytest.fixture
def desk(desk: Newsdesk, site: Site) -> Newsdesk:
    """The command, which may ask the site under two names: they are two sites."""
    return desk.told(NEWSDESK_FETCH_HOSTS=f"{HOST}:{site.port},{STRANGER}:{site.port}")


def stored(desk: Newsdesk) -> dict[str, Article]:
    with closing(catalog_in(desk.home / "catalog.db")) as catalog:
        return {article.uri: article for article in catalog.every_article()}


def feed(site: Site, path: str, *items: str, host: str = HOST, title: str = news.PAPER) -> str:
    site.page(path, news.rss(*items, title=title), content_type="application/rss+xml")
    return site.at(path, host)


def page(site: Site, path: str, body: str = "", status: int = 200) -> str:
    site.page(path, body, status)
    return site.at(path, HOST)


def markdown(path: Path, url: str, body: str, title: str = "Ships") -> Path:
    path.write_text(f"---\ntitle: {title}\nsource: The Desk\nurl: {url}\n---\n\n{body}\n")
    return path


def test_the_own_sites_feed_speaks_for_an_article_that_a_stranger_named_first(
    site: Site, desk: Newsdesk
) -> None:
    address = page(site, "/a/1", status=402)
    rumours = feed(site, "/rumours", news.item(address, 1, RUMOUR), host=STRANGER)
    desk("follow", rumours)
    assert (stored(desk)[address].body, stored(desk)[address].source) == (RUMOUR, STRANGER)
    own = feed(site, "/own", news.item(address, 1, OWN_WORDS))
    for _ in range(2):
        desk("follow", own)
        article = stored(desk)[address]
        assert (article.body, article.source) == (OWN_WORDS, news.PAPER)
        feed(site, "/rumours", news.item(address, 1, f"{RUMOUR} Again."), host=STRANGER)
        desk("refresh", "--now")
        assert stored(desk)[address] == article


def test_what_the_own_site_says_stands_though_a_stranger_is_asked_later(
    site: Site, desk: Newsdesk
) -> None:
    address = page(site, "/a/1", status=402)
    rumours = feed(site, "/rumours", news.item(address, 1, RUMOUR, date=""), host=STRANGER)
    desk("follow", rumours)
    own = feed(site, "/own", news.item(address, 1, OWN_WORDS))
    feed(site, "/rumours", news.item(address, 1, f"{RUMOUR} Again.", date=""), host=STRANGER)
    desk("refresh", "--now")
    assert stored(desk)[address].body == f"{RUMOUR} Again."
    for given in (own, rumours):
        desk("ingest", given)
        desk("refresh", "--now")
        assert (stored(desk)[address].body, stored(desk)[address].source) == (OWN_WORDS, news.PAPER)


def test_of_two_feeds_that_are_read_at_once_the_own_sites_speaks(
    site: Site, desk: Newsdesk
) -> None:
    address = page(site, "/a/1", status=402)
    rumours = feed(site, "/rumours", news.item(address, 1, RUMOUR), host=STRANGER)
    own = feed(site, "/own", news.item(address, 1, OWN_WORDS))
    assert desk("ingest", rumours, own, rumours).stdout.startswith("1 added, 0 updated")
    assert (stored(desk)[address].body, stored(desk)[address].source) == (OWN_WORDS, news.PAPER)


@pytest.mark.parametrize("status", [404, 410])
def test_of_another_sites_article_that_is_not_there_nothing_is_stored(
    site: Site, desk: Newsdesk, status: int
) -> None:
    address = page(site, "/a/1", status=status)
    rumours = feed(site, "/rumours", news.item(address, 1, RUMOUR, date=""), host=STRANGER)
    desk("follow", rumours)
    assert f"rejected {address}" in desk("ingest", rumours).stderr
    assert stored(desk) == {}
    page(site, "/a/1", news.page(1))
    assert desk("refresh", "--now").stdout.startswith("1 address fetched, 1 new article")
    assert not stored(desk)[address].excerpt


def test_a_full_text_is_not_replaced_by_what_a_feed_says(site: Site, desk: Newsdesk) -> None:
    address = page(site, "/a/1", news.page(1))
    desk("ingest", address)
    page(site, "/a/1", status=402)
    own = feed(site, "/own", news.item(address, 1, OWN_WORDS))
    assert desk("ingest", own).stdout.startswith("0 added, 0 updated, 1 unchanged")
    desk("follow", own)
    assert "second pier" in stored(desk)[address].body


def test_a_file_takes_the_place_of_what_only_a_feed_says(
    site: Site, desk: Newsdesk, tmp_path: Path
) -> None:
    address = page(site, "/a/1", status=402)
    own = feed(site, "/own", news.item(address, 1, OWN_WORDS))
    desk("follow", own)
    file = markdown(tmp_path / "1.md", f"{address}?utm_source=x", news.text_of(1))
    done = desk("ingest", file)
    assert (done.stdout[:18], done.stderr) == ("0 added, 1 updated", "")
    assert list(stored(desk)) == [str(file)]
    feed(site, "/own", news.item(address, 1, f"{OWN_WORDS} Again."))
    desk("refresh", "--now")
    told = desk("ingest", own)
    assert f"rejected {address}: a feed's word only" in told.stderr
    assert f"the text in {file} is of that address" in told.stderr
    assert stored(desk)[str(file)].source == "The Desk"
    assert len(stored(desk)) == 1


def test_what_a_feed_says_twice_stays_where_no_file_has_the_text(
    site: Site, desk: Newsdesk, tmp_path: Path
) -> None:
    first, second = (page(site, f"/a/{n}", status=402) for n in (1, 2))
    desk("follow", feed(site, "/own", *(news.item(at, 1, OWN_WORDS) for at in (first, second))))
    assert list(stored(desk)) == [first]
    file = markdown(tmp_path / "1.md", first, news.text_of(1))
    desk("ingest", file)
    assert sorted(stored(desk)) == [str(file), second]
    assert stored(desk)[second].excerpt


def test_a_file_that_was_first_is_never_displaced_by_a_feed(
    site: Site, desk: Newsdesk, tmp_path: Path
) -> None:
    address = page(site, "/a/1", status=402)
    file = markdown(tmp_path / "1.md", address, news.text_of(1))
    desk("ingest", file)
    for words in (OWN_WORDS, f"{OWN_WORDS} Again."):
        desk("follow", feed(site, "/own", news.item(address, 1, words)))
        assert list(stored(desk)) == [str(file)]
    page(site, "/a/1", news.page(2))
    feed(site, "/own", news.item(address, 1, "A third edition."))
    desk("refresh", "--now")
    assert "The Desk" in {article.source for article in stored(desk).values()}
    assert stored(desk)[str(file)].body == news.text_of(1).replace("\n", " ")


@pytest.mark.parametrize("file_first", [True, False])
def test_a_file_and_a_page_of_one_address_are_both_kept_where_they_differ(
    site: Site, desk: Newsdesk, tmp_path: Path, *, file_first: bool
) -> None:
    address = page(site, "/a/1", news.page(1))
    file = markdown(tmp_path / "1.md", address, "We found the harbour of Port Cortwick empty.")
    given = [str(file), address] if file_first else [address, str(file)]
    for one in given:
        done = desk("ingest", one)
        assert (done.stdout[:7], done.stderr) == ("1 added", "")
    assert sorted(stored(desk)) == sorted(given)
    answer = desk("ask", "Who found the harbour of Port Cortwick empty?").stdout
    assert "[1] Ships — The Desk\n" in answer
    assert "also in" not in answer
    same = markdown(tmp_path / "2.md", address, news.text_of(1), news.title(1))
    assert f"same text as {address}" in desk("ingest", same).stderr


SHAPES = {
    "newsml.xml": lambda guid: news_item(guid=guid),
    "nitf.xml": lambda guid: nitf(doc_id=guid),
    "ninjs.json": lambda guid: ninjs(uri=guid),
}


@pytest.mark.parametrize("name", SHAPES)
def test_an_agencys_item_does_not_replace_the_page_it_is_named_by(
    site: Site, desk: Newsdesk, tmp_path: Path, name: str
) -> None:
    address = page(site, "/a/1", news.page(1))
    desk("ingest", address)
    file = tmp_path / name
    file.write_text(SHAPES[name](address))
    assert desk("ingest", file).stdout.startswith("1 added, 0 updated")
    assert desk("ingest", address, file).stdout.startswith("0 added, 0 updated, 2 unchanged")
    found = stored(desk)
    item = found.pop(f"item:{address}")
    assert (TEXT in item.body, item.url) == (True, address)
    assert "second pier" in found[address].body


@pytest.mark.parametrize("at_once", [True, False])
def test_a_page_that_gives_the_address_of_another_does_not_replace_it(
    site: Site, desk: Newsdesk, *, at_once: bool
) -> None:
    first = page(site, "/a/1", news.page(1))
    canonical = '<link rel="canonical" href="/a/1">'
    other = page(site, "/a/2", news.page(2, head=canonical))
    third = page(site, "/a/3", news.page(3, head=canonical))
    printed = page(site, "/print/1", news.page(1, head=canonical))
    for given in (
        [[other, first, third, printed]] if at_once else [[first], [other, third, printed]]
    ):
        desk("ingest", *given)
    own = feed(site, "/own", *(news.item(at, n, date="") for n, at in ((1, first), (2, other))))
    desk("follow", own)
    found = stored(desk)
    assert sorted(found) == [first, other, third]
    assert [found[uri].url for uri in sorted(found)] == [first, other, third]
    assert f"{202} ships" in found[other].body
    page(site, "/a/2", news.page(2, ", not September", canonical))
    page(site, "/a/1", news.page(1, ", not August"))
    assert len(json.loads(desk("refresh", "--now", "--json").stdout)["updated"]) == 2
    desk("ingest", "--rebuild")
    assert desk("ingest", first, other).stdout.startswith("0 added, 0 updated, 2 unchanged")
    assert sorted(stored(desk)) == [first, other, third]


def test_a_page_that_comes_where_only_its_feed_was_takes_that_place(
    site: Site, desk: Newsdesk
) -> None:
    address = page(site, "/a/1", status=402)
    desk("follow", feed(site, "/own", news.item(address, 1, OWN_WORDS, date="")))
    page(site, "/b/1", news.page(1, head='<link rel="canonical" href="/a/1">'))
    site.redirect("/a/1", "/b/1")
    desk("refresh", "--now")
    assert list(stored(desk)) == [address]
    assert "second pier" in stored(desk)[address].body
    page(site, "/b/1", news.page(2, head='<link rel="canonical" href="/a/1">'))
    desk("refresh", "--now")
    assert list(stored(desk)) == [address]
    assert stored(desk)[address].title == news.title(2)


def test_a_link_that_led_to_another_sites_article_does_not_replace_it(
    site: Site, desk: Newsdesk
) -> None:
    address = page(site, "/a/1", news.page(1))
    link = site.at("/x", STRANGER)
    site.redirect("/x", address, 302)
    desk("follow", feed(site, "/rumours", news.item(link, 1, date=""), host=STRANGER))
    page(site, "/x", news.page(2))
    desk("refresh", "--now")
    found = stored(desk)
    assert (found[address].title, found[link].title) == (news.title(1), news.title(2))


def test_pages_that_all_give_one_address_are_all_kept(site: Site, desk: Newsdesk) -> None:
    canonical = '<link rel="canonical" href="/news/all">'
    given = [page(site, f"/a/{n}", news.page(n, head=canonical)) for n in range(1, 4)]
    desk("ingest", *given)
    assert sorted(article.title for article in stored(desk).values()) == sorted(
        map(news.title, range(1, 4))
    )
    page(site, "/a/1", news.page(9, head=canonical))
    assert desk("ingest", *given).stdout.startswith("0 added, 1 updated, 2 unchanged")


def test_a_text_stays_when_the_file_that_held_it_is_edited(desk: Newsdesk, tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("a.txt", "b.txt", "c.txt"))
    for file in (one, two, three):
        file.write_text(f"Ships\n\n{news.text_of(1)}\n")
    desk("ingest", one, two, three)
    assert list(stored(desk)) == [str(one)]
    one.write_text(f"Ships\n\n{news.text_of(2)}\n")
    three.unlink()
    assert desk("ingest", one).stdout.startswith("1 added, 1 updated")
    assert sorted(stored(desk)) == [str(one), str(two)]
    assert stored(desk)[str(two)].body == news.text_of(1).replace("\n", "\n\n")
    assert desk("ingest", one, two).stdout.startswith("0 added, 0 updated, 2 unchanged")


def test_a_text_stays_in_a_run_that_reads_all_its_files(desk: Newsdesk, tmp_path: Path) -> None:
    one, two, three = (tmp_path / name for name in ("a.txt", "b.txt", "c.txt"))
    for file in (one, two, three):
        file.write_text(f"Ships\n\n{news.text_of(1)}\n")
    desk("ingest", three, two, one)
    three.write_text(f"Ships\n\n{news.text_of(2)}\n")
    two.write_text(f"Ships\n\n{news.text_of(2)}\n")
    assert desk("ingest", tmp_path).returncode == 0
    assert sorted(article.body for article in stored(desk).values()) == [
        news.text_of(n).replace("\n", "\n\n") for n in (1, 2)
    ]


def test_a_text_of_the_web_that_was_another_ones_too_stays(site: Site, desk: Newsdesk) -> None:
    addresses = [page(site, f"/a/{n}", news.page(1)) for n in (1, 2)]
    own = feed(site, "/own", *(news.item(at, 1, OWN_WORDS, date="") for at in addresses))
    desk("follow", own)
    page(site, "/a/2", status=402)
    desk("refresh", "--now")
    assert list(stored(desk)) == addresses[:1]
    page(site, "/a/1", news.page(1, ", not September"))
    desk("refresh", "--now")
    found = stored(desk)
    assert sorted(found) == addresses
    assert "not September" not in found[addresses[1]].body
    page(site, "/a/2", news.page(1, ", not July"))
    desk("refresh", "--now")
    assert "not July" in stored(desk)[addresses[1]].body


def test_a_feed_that_leads_to_another_sites_does_not_speak_for_it(
    site: Site, desk: Newsdesk
) -> None:
    address = page(site, "/a/1", status=402)
    rumours = feed(site, "/rumours", news.item(address, 1, RUMOUR, date=""), host=STRANGER)
    desk("follow", rumours)
    site.redirect("/rumours", feed(site, "/own"), 301)
    for _ in range(2):
        desk("refresh", "--now")
        assert stored(desk)[address].source == STRANGER
    feed(site, "/own", news.item(address, 1, OWN_WORDS, date=""))
    desk("follow", site.at("/own", HOST))
    assert (stored(desk)[address].body, stored(desk)[address].source) == (OWN_WORDS, news.PAPER)


def test_what_two_feeds_name_still_comes_after_one_is_no_longer_followed(
    site: Site, desk: Newsdesk
) -> None:
    address = page(site, "/a/1", status=503)
    names = news.rss(news.item(address, 1, date=""))

    def act(exchange: Exchange) -> None:
        if "if-none-match" in exchange.asked.headers:
            exchange.begin(304)
        else:
            exchange.send(names, content_type="application/rss+xml", etag='"1"')

    one, other = (site.at(path, HOST) for path in ("/one", "/other"))
    for path in ("/one", "/other"):
        site.act(path, act)
    desk("follow", one)
    desk("follow", other)
    desk("unfollow", one)
    page(site, "/a/1", news.page(1))
    desk("refresh", "--now")
    assert list(stored(desk)) == [address]


def test_another_sites_feed_gives_a_page_neither_headline_nor_outlet(
    site: Site, desk: Newsdesk
) -> None:
    text = f"it was quiet.\n\n{news.text_of(1)}"
    address = site.page("/notes.txt", text, content_type="text/plain").replace(NAME, HOST)
    link = site.at("/x", STRANGER)
    site.redirect("/x", address, 302)
    named = (news.item(at, 1, date="") for at in (address, link))
    desk("follow", feed(site, "/rumours", *named, host=STRANGER, title="The Rumour"))
    article = stored(desk)[address]
    assert (article.title, article.source) == ("notes", HOST)


@pytest.mark.parametrize("kind", ["md", "html", "json"])
def test_what_a_letter_has_attached_does_not_take_the_place_of_a_feeds_word(
    site: Site, desk: Newsdesk, tmp_path: Path, kind: str
) -> None:
    address = page(site, "/a/1", status=402)
    own = feed(site, "/own", news.item(address, 1, OWN_WORDS, date=""))
    desk("follow", own)
    attached = {
        "md": f"---\nurl: {address}\n---\n\n{RUMOUR}",
        "html": f"<link rel=canonical href={address}><article><p>{RUMOUR}</p></article>",
        "json": json.dumps({"text": RUMOUR, "url": address}),
    }
    letter = EmailMessage()
    letter["From"] = "Ann <ann@elsewhere.example>"
    letter["Subject"] = "Ships"
    letter.set_content("What I heard of the harbour is attached.")
    letter.add_attachment(attached[kind].encode(), "text", "plain", filename=f"a.{kind}")
    file = tmp_path / "a.eml"
    file.write_bytes(letter.as_bytes())
    assert desk("ingest", file).stdout.startswith("2 added, 0 updated")
    article = stored(desk)[f"{file}!/a.{kind}" + (f"#{address}" if kind == "json" else "")]
    assert (article.url, article.source) == ("", "")
    feed(site, "/own", news.item(address, 1, f"{OWN_WORDS} Again.", date=""))
    desk("refresh", "--now")
    assert stored(desk)[address].body == f"{OWN_WORDS} Again."


def test_a_text_stays_when_its_file_is_pruned_and_another_folder_has_it(
    desk: Newsdesk, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        (folder / "a.txt").write_text(f"Ships\n\n{news.text_of(1)}\n")
        (folder / "b.txt").write_text(f"More\n\n{news.text_of(2)}\n")
    desk("ingest", *folders)
    (folders[0] / "a.txt").unlink()
    pruned = desk("ingest", "--prune", folders[0])
    assert pruned.stdout.startswith("0 added, 1 updated, 1 unchanged, 0 removed")
    assert sorted(stored(desk)) == [str(folders[0] / "b.txt"), str(folders[1] / "a.txt")]


def test_where_else_a_text_stands_is_kept_when_another_file_takes_it_over(
    desk: Newsdesk, tmp_path: Path
) -> None:
    one, two, three = (tmp_path / name for name in ("a.txt", "b.txt", "c.txt"))
    for file, number in ((one, 1), (two, 1), (three, 2)):
        file.write_text(f"Ships\n\n{news.text_of(number)}\n")
    desk("ingest", one, two, three)
    one.unlink()
    for number in (1, 3):
        three.write_text(f"Ships\n\n{news.text_of(number)}\n")
        desk("ingest", three)
    assert sorted(stored(desk)) == [str(two), str(three)]


def test_an_article_that_is_brought_back_by_hand_is_looked_at_again(
    site: Site, desk: Newsdesk
) -> None:
    address = page(site, "/a/1", news.page(1))
    own = feed(site, "/own", news.item(address, 1, date=""))
    desk("follow", own)
    desk("sources", "remove", stored(desk)[address].id)
    desk("refresh", "--now")
    assert "removed from the archive by hand" in desk("following", own).stdout
    desk("ingest", address)
    page(site, "/a/1", news.page(1, ", not September"))
    assert json.loads(desk("refresh", "--json").stdout)["updated"] == [address]
    assert "removed" not in desk("following", own).stdout


def test_a_feed_that_a_stranger_announces_speaks_for_where_it_lies(
    site: Site, desk: Newsdesk
) -> None:
    address = page(site, "/a/1", status=402)
    rumours = feed(site, "/rumours", news.item(address, 1, RUMOUR), host=STRANGER)
    site.redirect("/out", rumours, 302)
    link = f"<link rel=alternate type='application/rss+xml' href='{site.at('/out', HOST)}'>"
    page(site, "/front", f"<html><head>{link}</head><body>Hello</body></html>")
    assert rumours in desk("follow", site.at("/front", STRANGER)).stdout
    assert stored(desk)[address].source == STRANGER


def test_a_text_that_was_removed_does_not_come_back_from_another_address(
    site: Site, desk: Newsdesk
) -> None:
    first, other = (page(site, f"/{name}/1", news.page(1)) for name in "ab")
    own = feed(site, "/own", *(news.item(at, 1, date="") for at in (first, other)))
    desk("follow", own)
    desk("sources", "remove", stored(desk)[first].id)
    desk("refresh", "--now")
    desk("unfollow", own)
    assert "2 × it was removed from the archive by hand" in desk("follow", own).stdout
    assert stored(desk) == {}
    page(site, "/b/1", news.page(2))
    desk("refresh", "--now")
    assert list(stored(desk)) == [other]
    page(site, "/b/1", news.page(1))
    assert desk("ingest", other).stdout.startswith("0 added, 1 updated")
    page(site, "/b/1", news.page(1, ", not September"))
    desk("refresh", "--now")
    assert "not September" in stored(desk)[other].body


def test_a_file_of_another_text_does_not_take_the_place_of_a_feeds_word(
    site: Site, desk: Newsdesk, tmp_path: Path
) -> None:
    address = page(site, "/a/1", status=402)
    own = feed(site, "/own", news.item(address, 1, OWN_WORDS, date=""))
    desk("follow", own)
    weather = "Rain fell over the hills on Monday evening, and more of it is expected by Friday."
    file = markdown(tmp_path / "front.md", address, weather, "Weather")
    assert desk("ingest", file).stdout.startswith("1 added, 0 updated")
    feed(site, "/own", news.item(address, 1, f"{OWN_WORDS} Again.", date=""))
    desk("refresh", "--now")
    found = stored(desk)
    assert sorted(found) == [str(file), address]
    assert found[address].body == f"{OWN_WORDS} Again."


@pytest.mark.parametrize("is_known", [True, False])
def test_a_feeds_word_comes_back_when_the_file_with_the_text_is_pruned(
    site: Site, desk: Newsdesk, tmp_path: Path, *, is_known: bool
) -> None:
    address = page(site, "/a/1", status=402)
    desk("follow", own := feed(site, "/own", news.item(address, 1, OWN_WORDS, date="")))
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "more.txt").write_text(f"More\n\n{news.text_of(2)}\n")
    file = markdown(folder / "1.md", address, news.text_of(1))
    desk("ingest", folder)
    assert "as the feed has" not in desk("following", own).stdout
    if is_known:
        desk("refresh", "--now")
        assert "as the feed has" not in desk("following", own).stdout
    file.unlink()
    desk("ingest", "--prune", folder)
    assert address not in stored(desk)
    desk("refresh", "--now")
    assert stored(desk)[address].body == OWN_WORDS
    assert "as the feed has it" in desk("following", own).stdout


def test_what_was_removed_before_that_was_remembered_stays_out(site: Site, desk: Newsdesk) -> None:
    addresses = [page(site, f"/a/{n}", news.page(min(n, 2))) for n in (1, 2, 3)]
    own = feed(site, "/own", *(news.item(at, 1, date="") for at in addresses))
    desk("follow", own)
    desk("sources", "remove", stored(desk)[addresses[0]].id)
    with closing(sqlite3.connect(desk.home / "catalog.db")) as older:
        older.executescript("DROP TABLE removed_texts; DELETE FROM removed")
        older.create_function("article_id", 1, article_id)
        older.create_function("same_article", 1, same_article)
        [since] = [step for step in SCHEMA if "TABLE removed_texts" in step[0]]
        for statement in since:
            older.execute(statement)
        older.commit()
    desk("unfollow", own)
    assert "1 × it was removed from the archive by hand" in desk("follow", own).stdout
    assert list(stored(desk)) == addresses[1:2]
    assert desk("ingest", addresses[0]).stdout.startswith("1 added")
