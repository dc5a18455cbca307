"""`newsdesk changes`: what was corrected, and which answers were given from what was."""

from __future__ import annotations

import json
import re
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

import bot.outdated
from bot.since import since
from bot.telegram.storage.conversations import Conversations, Place
from bot.telegram.storage.store import store_in
from corpus.article import Withdrawal
from newsdesk import Newsdesk as Desk
from retrieval.archive.homes import catalog_in
from retrieval.errors import BadQuestion
from retrieval.news.changes import Difference, changed_words, differences
from tests.conftest import Newsdesk
from tests.corpus.formats.agency_samples import TEXT, news_item

FERRY = """---
title: Ferry runs aground off Harlin Point
source: The Harlin Gazette
published: 2026-11-20
---
The ferry Saint Orla ran aground off Harlin Point on Friday with 212 people aboard.

Nobody was hurt. The captain, Maren Holt, blamed a chart that was twenty years old.

Tugs are to pull the ship free at high water on Saturday.
"""
CORRECTED = FERRY.replace("212", "121").replace("Nobody was hurt. ", "")


def ingest(newsdesk: Newsdesk, text: str) -> Path:
    file = newsdesk.folder / "articles" / "ferry.md"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    done = newsdesk("ingest", file.parent, "--prune")
    assert done.returncode == 0, done.stderr
    return file


def test_a_corrected_article_is_listed_with_its_sentences(newsdesk: Newsdesk) -> None:
    ingest(newsdesk, FERRY)
    none = newsdesk("changes")
    assert (none.returncode, none.stdout) == (0, "")
    assert "none has changed yet" in none.stderr
    ingest(newsdesk, CORRECTED.replace("runs aground", "aground"))
    shown = newsdesk("changes").stdout
    assert "  - Ferry runs aground off Harlin Point\n  + Ferry aground off Harlin Point\n" in shown
    assert re.search(r"  - .* 212 people aboard\.\n  \+ .* 121 people aboard\.\n", shown)
    assert "  - Nobody was hurt.\n" in shown
    assert "Tugs" not in shown
    [change] = json.loads(newsdesk("changes", "--since", "1h", "--json").stdout)["changed"]
    assert change["title"]["was"] == "Ferry runs aground off Harlin Point"
    assert [one["now"] is None for one in change["sentences"]] == [False, True]
    assert change["article"]["source"] == "The Harlin Gazette"
    ingest(newsdesk, FERRY)
    assert newsdesk("changes").stdout == ""  # changed back


def test_an_answer_whose_quote_was_corrected_or_taken_out_is_listed(newsdesk: Newsdesk) -> None:
    file = ingest(newsdesk, FERRY)
    question = "How many people were aboard the ferry Saint Orla?"
    with Desk(home=newsdesk.home, engine="extractive") as desk:
        answer = desk.ask(question)
    assert "212" in answer.text
    with closing(store_in(newsdesk.home)) as store:
        kept = Conversations(store)
        kept.save(1, Place(77, 0, 5), 10, answer)
        kept.save_messages(1, [11])
    # Moved, and in a paragraph of its own, it still stands.
    ingest(newsdesk, FERRY.replace("The ferry Saint", "News from the coast.\n\nThe ferry\nSaint"))
    assert json.loads(newsdesk("changes", "--answers", "--json").stdout) == []
    ingest(newsdesk, CORRECTED)
    [lost] = json.loads(newsdesk("changes", "--answers", "--json").stdout)
    assert (lost["question"], lost["chat_id"], lost["messages"]) == (question, 77, [11])
    [quote] = [q for q in lost["quotes"] if "212" in q["was"]]
    assert "121" in quote["now"]
    assert "212" in quote["sentence"]
    shown = newsdesk("changes", "--answers").stdout
    assert question in shown
    assert re.search(r"  - .* 212 people aboard\.\n  \+ .* 121 people aboard\.\n", shown)
    ingest(newsdesk, FERRY)
    file.rename(file.with_name("moved.md"))
    newsdesk("ingest", file.parent, "--prune")
    assert json.loads(newsdesk("changes", "--answers", "--json").stdout) == []
    file.with_name("moved.md").unlink()
    ingest(newsdesk, FERRY.replace("Saint Orla", "Queen Ada").replace("Ferry", "Ship"))
    file.rename(file.with_name("other.md"))
    newsdesk("ingest", file.parent, "--prune")
    [lost] = json.loads(newsdesk("changes", "--answers", "--json").stdout)
    assert {q["removed"] for q in lost["quotes"]} == {"removed"}
    assert "the article is gone: removed" in newsdesk("changes", "--answers").stdout


def test_an_answer_is_not_held_against_a_version_that_is_under_an_embargo(
    newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire = newsdesk.folder / "ferry.xml"
    wire.write_text(news_item())
    newsdesk("ingest", wire)
    with Desk(home=newsdesk.home, engine="extractive") as desk:
        answer = desk.ask("How many passengers did the night ferry to Orkney carry?")
    assert "212" in answer.text
    with closing(store_in(newsdesk.home)) as store:
        Conversations(store).save(1, Place(77, 0, 5), 10, answer)
    until = datetime.now(UTC) + timedelta(hours=1)
    corrected = TEXT.replace("212", "340")
    wire.write_text(news_item(version=2, text=corrected, embargo=until.isoformat()))
    newsdesk("ingest", wire)
    assert json.loads(newsdesk("changes", "--answers", "--json").stdout) == []
    later = SimpleNamespace(time=lambda: time.time() + 3601)
    monkeypatch.setattr(bot.outdated, "time", later)
    assert "340" in newsdesk("changes", "--answers").stdout


def test_what_an_agency_withdrew_is_listed_with_its_reason(newsdesk: Newsdesk) -> None:
    file = ingest(newsdesk, FERRY)
    with Desk(home=newsdesk.home, engine="extractive") as desk:
        answer = desk.ask("How many people were aboard the ferry Saint Orla?")
    with closing(store_in(newsdesk.home)) as store:
        Conversations(store).save(1, Place(77, 0, 5), 10, answer)
    with closing(catalog_in(newsdesk.home / "catalog.db")) as catalog, catalog.transaction():
        order = Withdrawal(str(file), "Wrong\x1b[31m ship")
        catalog.remove_article(order.id)
        catalog.withdraw(order)
    [gone] = json.loads(newsdesk("changes", "--json").stdout)["withdrawn"]
    assert (gone["uri"], gone["reason"]) == (str(file), order.reason)
    shown = newsdesk("changes", "--answers").stdout
    assert "the article is gone: Wrong" in shown
    assert "\x1b" not in shown + newsdesk("changes").stdout


def test_moved_sentences_and_spaces_are_no_differences() -> None:
    was = "The bridge opened on Monday. It cost nine million.\n\nTraffic was light."
    now = "Traffic was  light.\n\nThe bridge opened on Monday. It cost eight million."
    assert differences(was, now) == (Difference("It cost nine million.", "It cost eight million."),)
    left, right = changed_words("It cost nine million.", "It cost eight million.")
    assert left == [("It cost", False), ("nine", True), ("million.", False)]
    assert right[1] == ("eight", True)


def test_a_rewritten_article_is_compared_all_the_same() -> None:
    was = "\n\n".join(
        f"The number {n} tram stood still for an hour on Sunday." for n in range(3000)
    )
    now = "\n\n".join(f"Nobody rode bus {n} that week, said the mayor." for n in range(3000))
    found = differences(was, now)
    assert len(found) == 6000
    assert found[0].now == ""


@pytest.mark.parametrize(
    "span", ["", "the other day", "-3d", "7", "99999999d", "0001-01-01", "٣d x"]
)
def test_a_time_that_is_none_is_refused_with_what_is_taken(newsdesk: Newsdesk, span: str) -> None:
    done = newsdesk("changes", "--since", span)
    assert (done.returncode, done.stdout) == (2, "")
    assert "24h" in done.stderr


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2026-11-28"),
        ("Yesterday", "2026-11-27"),
        ("monday", "2026-11-23"),
        ("saturday", "2026-11-21"),
        ("last  Friday", "2026-11-27"),
        ("this week", "2026-11-23"),
        ("last week", "2026-11-16"),
        ("this month", "2026-11-01"),
        ("last month", "2026-10-01"),
        ("last year", "2025-01-01"),
    ],
)
def test_a_day_is_taken_by_its_name(text: str, day: str) -> None:
    saturday = datetime.fromisoformat("2026-11-28T12:00:00").astimezone()
    assert since(text, saturday) == datetime.fromisoformat(day).astimezone()


def test_a_span_or_a_day_is_taken() -> None:
    now = datetime.fromisoformat("2026-11-28T12:00:00+00:00")
    assert now - since("36h", now) == timedelta(hours=36)
    assert now - since("2w", now) == timedelta(days=14)
    assert since("2026-11-01").isoformat()[:10] == "2026-11-01"
    with pytest.raises(BadQuestion):
        since("99999w9")
