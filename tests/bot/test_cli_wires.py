"""What agencies tell of their items is obeyed, whatever comes in whatever order."""

from __future__ import annotations

import json
import sqlite3
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

import pytest

import bot.rendering.articles
import retrieval.archive.catalog
from bot.rendering.terminal import moment
from corpus.article import Article
from corpus.reading import read_file
from tests.conftest import Newsdesk
from tests.corpus.formats.agency_samples import GUID, MORE, TEXT, news_item, ninjs, nitf

QUESTION = "How many passengers did the night ferry to Orkney carry?"
ANSWER = "carried 212 passengers"
CORRECTED = TEXT.replace("212", "340")

SHAPES = {
    "newsml.xml": lambda version=1, status="usable", text=TEXT, embargo="": news_item(
        version=version, status=f"stat:{status}", text=text, embargo=embargo or None
    ),
    "nitf.xml": lambda version=1, status="usable", text=TEXT, embargo="": nitf(
        version=version, status=status, text=text, release=embargo
    ),
    "ninjs.json": lambda version=1, status="usable", text=TEXT, embargo="": ninjs(
        version=version, status=status, embargoed=embargo, body_xhtml=f"<p>{text}</p><p>{MORE}</p>"
    ),
}


@pytest.fixture
def wire(tmp_path: Path) -> Path:
    folder = tmp_path / "wire"
    folder.mkdir()
    return folder


def asked(newsdesk: Newsdesk) -> str:
    return newsdesk("ask", QUESTION).stdout


@pytest.mark.parametrize("name", SHAPES)
def test_an_embargoed_item_is_answered_from_its_time_on(
    newsdesk: Newsdesk, wire: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    (wire / name).write_text(SHAPES[name](embargo=until.isoformat()))
    (wire / "other.txt").write_text("Lighthouse\n\nThe lighthouse on Skerry was lit on Friday.\n")
    assert newsdesk("ingest", wire).stdout.startswith("2 added, 0 updated")
    marked = f"Last ferry to Orkney (embargoed until {moment(until)})"
    assert marked in newsdesk("sources").stdout
    (held,) = (a for a in json.loads(newsdesk("sources", "--json").stdout) if a["embargo"])
    assert datetime.fromisoformat(held["embargo"]) == until
    assert marked in newsdesk("sources", "show", held["id"]).stdout
    assert "212" not in asked(newsdesk)
    assert "Orkney" not in asked(newsdesk)
    later = SimpleNamespace(time=lambda: time.time() + 3601)
    monkeypatch.setattr(retrieval.archive.catalog, "time", later)
    monkeypatch.setattr(bot.rendering.articles, "time", later)
    assert ANSWER in asked(newsdesk)
    assert "embargoed" not in newsdesk("sources").stdout


@pytest.mark.parametrize("name", SHAPES)
def test_a_killed_item_is_taken_out_and_comes_back_only_as_a_newer_version(
    newsdesk: Newsdesk, wire: Path, name: str
) -> None:
    shape = SHAPES[name]
    (wire / f"1-{name}").write_text(shape(version=1, embargo="2020-10-28T12:00:00Z"))
    newsdesk("ingest", wire)
    assert ANSWER in asked(newsdesk)
    (wire / f"2-{name}").write_text(shape(version=2, status="canceled"))
    assert "1 article withdrawn by their agency" in newsdesk("ingest", wire).stdout
    assert ANSWER not in asked(newsdesk)
    again = newsdesk("ingest", wire)
    assert again.stdout.startswith("0 added, 0 updated")
    assert "withdrawn by its agency" in again.stderr
    assert ANSWER not in asked(newsdesk)
    (wire / f"0-{name}").write_text(shape(version=3, text=CORRECTED))
    assert newsdesk("ingest", wire).stdout.startswith("1 added, 0 updated")
    assert "carried 340 passengers" in asked(newsdesk)


@pytest.mark.parametrize(
    ("name", "newest_first"), [("newsml.xml", True), ("nitf.xml", False), ("ninjs.json", True)]
)
def test_the_newest_version_stands_whatever_the_order(
    newsdesk: Newsdesk, wire: Path, name: str, newest_first: bool
) -> None:
    versions = [SHAPES[name](version=1), SHAPES[name](version=2, text=CORRECTED)]
    for number, item in enumerate(reversed(versions) if newest_first else versions):
        (wire / f"{number}-{name}").write_text(item)
    assert newsdesk("ingest", wire).stdout.startswith("1 added, 0 updated")
    assert "carried 340 passengers" in asked(newsdesk)
    newsdesk("ingest", *sorted(wire.iterdir(), reverse=True))
    assert "carried 340 passengers" in asked(newsdesk)


def test_a_withheld_item_is_not_stored_and_its_earlier_version_is_taken_out(
    newsdesk: Newsdesk, wire: Path
) -> None:
    (wire / "1.xml").write_text(news_item(version=1))
    newsdesk("ingest", wire)
    (wire / "2.xml").write_text(news_item(version=2, status="stat:withheld"))
    done = newsdesk("ingest", wire)
    assert f"rejected {GUID}: not to be used: its status is “withheld”" in done.stderr
    assert ANSWER not in asked(newsdesk)
    (wire / "2.xml").write_text(news_item(version=2))
    newsdesk("ingest", wire)
    assert ANSWER in asked(newsdesk)


def test_members_of_archives_are_pruned_with_them(newsdesk: Newsdesk, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "kept.txt").write_text("Lighthouse\n\nThe lighthouse on Skerry was lit on Friday.\n")

    def pack(name: str, *members: str) -> None:
        with zipfile.ZipFile(folder / name, "w") as archive:
            archive.writestr("photo.jpg", b"\xff\xd8")
            for member in members:
                archive.writestr(member, f"On {member}\n\nThe tug {member} sank off Skye.\n")

    pack("a.zip", "rose.txt", "iris.txt")
    pack("b.zip", "lily.txt")
    (folder / "mail.mbox").write_text(
        "From a@b\nSubject: Tug\nMessage-ID: <m@b>\n\nThe tug in the mail sank off Skye.\n"
    )
    done = newsdesk("ingest", folder)
    assert (
        done.stdout == "5 added, 0 updated, 0 unchanged, 0 removed, 0 rejected\nnot read: 2 .jpg\n"
    )
    pack("a.zip", "rose.txt")
    (folder / "b.zip").unlink()
    (folder / "mail.mbox").unlink()
    report = json.loads(newsdesk("ingest", "--prune", "--json", folder).stdout)
    assert sorted(uri.removeprefix(f"{folder}/") for uri in report["removed"]) == [
        "a.zip!/iris.txt",
        "b.zip!/lily.txt",
        "mail.mbox#m@b",
    ]
    assert report["not_read"] == {".jpg": 1}
    (folder / "0.txt").write_text("On rose.txt\n\nThe tug rose.txt sank off Skye.\n")
    assert "a.zip!/rose.txt, which is kept once" in newsdesk("ingest", folder).stderr
    (folder / "0.txt").unlink()
    (folder / "a.zip").rename(folder / "renamed.zip")
    assert "0 added, 1 updated" in newsdesk("ingest", folder).stdout
    (folder / "renamed.zip").write_bytes(b"not a ZIP archive any more")
    assert ", 0 removed, 1 rejected" in newsdesk("ingest", "--prune", folder).stdout


def letter(name: str, item: str) -> bytes:
    """A letter from anybody, with an item attached."""
    mail = EmailMessage()
    mail["From"] = "stranger@elsewhere.example"
    mail["Subject"] = "For your archive"
    mail["Message-ID"] = "<1@elsewhere.example>"
    mail.set_content("Somebody sends you this item, which may interest your readers.")
    maintype, subtype = ("application", name.rpartition(".")[2])
    mail.add_attachment(item.encode(), maintype=maintype, subtype=subtype, filename=name)
    return bytes(mail)


def boxed(name: str, item: str) -> bytes:
    return b"From a@b\n" + letter(name, item)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize(("box", "packed"), [("a.eml", letter), ("a.mbox", boxed)])
def test_a_letter_gives_no_orders_about_an_agencys_items(
    newsdesk: Newsdesk,
    wire: Path,
    name: str,
    box: str,
    packed: Callable[[str, str], bytes],
) -> None:
    shape = SHAPES[name]
    (wire / name).write_text(shape())
    newsdesk("ingest", wire)
    mail = wire.parent / box
    mail.write_bytes(packed(name, shape(version=2, status="canceled")))
    done = newsdesk("ingest", mail)
    assert "a withdrawal in a letter is not obeyed" in done.stderr
    assert "withdrawn" not in done.stdout
    assert ANSWER in asked(newsdesk)
    mail.write_bytes(packed(name, shape(version=3, text=CORRECTED, embargo="2090-01-01T00:00:00Z")))
    done = newsdesk("ingest", mail)
    assert done.stdout.startswith("1 added, 0 updated")
    assert ANSWER in asked(newsdesk)
    listed = [article["uri"] for article in json.loads(newsdesk("sources", "--json").stdout)]
    assert sum(uri.startswith(f"{mail}#1@elsewhere.example!/{name}#") for uri in listed) == 1


PUBLIC = (
    "---\ntitle: Last ferry to Orkney\nsource: Kirkwall Star\npublished: 2020-10-27\n---\n\n{}\n"
)


def read_item(path: Path, text: str) -> Article:
    path.write_text(text)
    (article,) = read_file(path)
    assert isinstance(article, Article)
    return article


@pytest.mark.parametrize(
    ("name", "first"), [("newsml.xml", "wire"), ("nitf.xml", "wire"), ("ninjs.json", "paper")]
)
def test_a_text_that_is_public_is_answered_from_while_an_agency_holds_its_own_back(
    newsdesk: Newsdesk,
    wire: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    first: str,
) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    paper = tmp_path / "paper.md"
    paper.write_text(PUBLIC.format(read_item(wire / name, SHAPES[name]()).body))
    (wire / name).write_text(SHAPES[name](embargo=until.isoformat()))
    for path in (wire, paper, wire) if first == "wire" else (paper, wire, paper):
        newsdesk("ingest", path)
    answered = asked(newsdesk)
    assert ANSWER in answered
    assert "Kirkwall Star" in answered
    assert "in Northwire" not in answered
    later = SimpleNamespace(time=lambda: time.time() + 3601)
    monkeypatch.setattr(retrieval.archive.catalog, "time", later)
    done = newsdesk("ingest", wire, paper)
    assert done.stdout.startswith("0 added, 0 updated, 2 unchanged, 0 removed")


@pytest.mark.parametrize(
    ("name", "first"),
    [("newsml.xml", "wire"), ("nitf.xml", "paper"), ("ninjs.json", "both"), ("nitf.xml", "kill")],
)
def test_another_papers_copy_outlives_the_kill_of_the_agencys_item(
    newsdesk: Newsdesk, wire: Path, tmp_path: Path, name: str, first: str
) -> None:
    shape = SHAPES[name]
    item, kill, paper = wire / f"1-{name}", wire / f"2-{name}", tmp_path / "paper.md"
    stored = read_item(item, shape())
    kill.write_text(shape(version=2, status="canceled"))
    paper.write_text(PUBLIC.format(stored.body))
    runs: dict[str, list[tuple[Path, ...]]] = {
        "wire": [(item,), (paper,), (kill,)],
        "paper": [(paper,), (item,), (kill,)],
        "both": [(item, paper, kill)],
        "kill": [(item,), (kill,), (paper,)],
    }
    done = [newsdesk("ingest", *paths) for paths in runs[first]]
    told = f"{paper}: a copy of {stored.uri}, which is withdrawn; it stays"
    assert (told in done[-1].stderr) == (first in ("wire", "paper"))
    for _ in range(2):
        (listed,) = json.loads(newsdesk("sources", "--json").stdout)
        assert listed["uri"] == str(paper)
        assert "Kirkwall Star" in asked(newsdesk)
        assert "in Northwire" not in asked(newsdesk)
        again = newsdesk("ingest", "--strict", item, paper, kill)
        assert again.stdout.startswith("0 added, 0 updated, 3 unchanged, 0 removed, 0 rejected\n")
        assert "by their agency" not in again.stdout


@pytest.mark.parametrize("name", SHAPES)
def test_what_was_obeyed_and_what_is_older_is_unchanged_the_second_time(
    newsdesk: Newsdesk, wire: Path, name: str
) -> None:
    shape = SHAPES[name]
    (wire / f"1-{name}").write_text(shape())
    (wire / f"2-{name}").write_text(shape(version=2, status="canceled"))
    (wire / f"3-{name}").write_text(shape(version=3, text=CORRECTED))
    (wire / f"4-{name}").write_text(shape(version=4, text=CORRECTED.replace("340", "341")))
    assert "1 article withdrawn by their agency" in newsdesk("ingest", wire).stdout
    with closing(sqlite3.connect(newsdesk.home / "catalog.db")) as catalog:
        at = catalog.execute("SELECT * FROM withdrawn").fetchall()
    done = newsdesk("ingest", "--strict", wire)
    assert done.returncode == 0
    assert done.stdout == "0 added, 0 updated, 4 unchanged, 0 removed, 0 rejected\n"
    with closing(sqlite3.connect(newsdesk.home / "catalog.db")) as catalog:
        assert catalog.execute("SELECT * FROM withdrawn").fetchall() == at
    assert "carried 341 passengers" in asked(newsdesk)


def test_a_late_kill_of_a_version_spares_the_next_one_with_its_text(
    newsdesk: Newsdesk, wire: Path
) -> None:
    for version in (1, 2):
        (wire / "ferry.xml").write_text(news_item(version=version))
        newsdesk("ingest", wire)
    kill = wire / "kill.xml"
    kill.write_text(news_item(version=1, status="stat:canceled"))
    assert newsdesk("ingest", kill).stdout.startswith("0 added, 0 updated, 1 unchanged")
    assert ANSWER in asked(newsdesk)


def test_an_item_that_is_given_free_again_comes_back_with_the_same_text(
    newsdesk: Newsdesk, wire: Path
) -> None:
    (wire / "1.xml").write_text(news_item(version=1))
    newsdesk("ingest", wire)
    (wire / "2.xml").write_text(news_item(version=2, status="stat:canceled"))
    (wire / "3.xml").write_text(news_item(version=3))
    newsdesk("ingest", wire)
    assert ANSWER in asked(newsdesk)
