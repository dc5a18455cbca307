"""Conversations at this machine: kept, gone on with, listed and exported."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
import stat
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from bot.conversations import CONVERSATIONS, Conversations, ConversationsUnusable
from retrieval.databases.tables import FileTables
from tests.conftest import Newsdesk, make_read_only

TRUCE = "When did the third truce take effect?"
BROKERED = "It had been brokered by the United States."


def test_a_conversation_is_gone_on_with_listed_and_exported(own_sample: Newsdesk) -> None:
    said = own_sample("chat", input=f"Hello\n{TRUCE}\n/new\nWhere was Ingenuity flown?\n")
    assert said.returncode == 0
    assert stat.S_IMODE((own_sample.home / "conversations.db").stat().st_mode) == 0o600
    asked = own_sample("ask", "--json", TRUCE)
    follow_up = own_sample("chat", "--continue", input="/sources\nWho brokered it?\n")
    assert follow_up.stdout.startswith(f"The last question was: {TRUCE}\n› /sources\n[1] ")
    assert BROKERED in follow_up.stdout

    rows = [line.split("\t") for line in own_sample("log").stdout.splitlines()]
    assert [(row[0], row[2]) for row in rows] == [
        ("3.2", "Who brokered it?"),
        ("3.1", TRUCE),
        ("2.1", "Where was Ingenuity flown?"),
        ("1.1", TRUCE),
    ]
    found = json.loads(own_sample("log", "--search", "brokered STATES", "--json").stdout)
    assert [(one["id"], one["conversation"]) for one in found] == [("3.2", "3")]
    assert own_sample("log", "-n", "1").stdout.count("\n") == 1

    answers = json.loads(own_sample("export", "3", "--format", "json").stdout)
    shown = json.loads(asked.stdout)
    shown.pop("more", None)
    assert answers[0] == shown
    assert [answer["question"] for answer in answers] == [TRUCE, "Who brokered it?"]
    page = own_sample("export", "3.2").stdout
    assert f"{BROKERED} [^2]" in page
    assert re.search(
        rf"^\[\^2\]: “{BROKERED}” — Third .* — .*26 October 2020 — .*\.md$", page, re.M
    )
    for name in ("3.9", "9", "x", ""):
        missing = own_sample("export", name)
        assert (missing.returncode, missing.stdout) == (1, "")
        assert "`newsdesk log` lists them" in missing.stderr


def test_what_is_not_kept(own_sample: Newsdesk, tmp_path: Path) -> None:
    own_sample("ask", "--no-log", TRUCE)
    own_sample("chat", "--no-log", input=TRUCE)
    own_sample.told(NEWSDESK_KEEP_CONVERSATIONS="False")("ask", TRUCE)
    batch = tmp_path / "batch.jsonl"
    batch.write_text(json.dumps({"id": 1, "question": TRUCE}))
    own_sample("ask", "--batch", batch, "--json")
    assert not (own_sample.home / "conversations.db").exists()
    none = own_sample("log")
    assert (none.returncode, none.stdout) == (0, "")
    assert none.stderr == "newsdesk: Nothing is kept.\n"
    anew = own_sample("chat", "--continue", input="Who brokered it?\n")
    assert anew.stdout.startswith("No conversation is kept")


def test_the_chat_writes_itself_to_a_new_file(own_sample: Newsdesk) -> None:
    file = own_sample.folder / "talk.md"
    done = own_sample(
        "chat", input=f"/export\n{TRUCE}\n/export\n/export talk.md\n/export talk.md\n"
    )
    assert "There is no answer yet." in done.stdout
    assert "\n# Conversation of" in done.stdout
    assert "Written to talk.md." in done.stdout
    assert done.stderr == "newsdesk: talk.md exists already: name another file.\n"
    assert file.read_text() == own_sample("export", "1").stdout
    nowhere = own_sample("chat", input=f"{TRUCE}\n/export none/talk.md\n")
    assert "cannot be written: none/talk.md: No such file" in nowhere.stderr


def test_a_home_that_is_read_only_keeps_nothing_and_says_so_once(
    own_sample: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_read_only(own_sample.home, monkeypatch)
    done = own_sample("chat", input=f"{TRUCE}\nWho brokered it?\n/export\n")
    assert BROKERED in done.stdout
    assert "[^2]" in done.stdout
    assert re.fullmatch(
        r"newsdesk: Nothing that is said is kept: .*cannot be written.\n", done.stderr
    )
    assert own_sample("ask", TRUCE).stderr == ""
    assert not (own_sample.home / "conversations.db").exists()


def test_the_export_has_the_quotes_as_they_were_and_makes_no_markup_of_them(
    newsdesk: Newsdesk,
) -> None:
    record = {
        "title": "1. <b>Toll</b> of [the](javascript:alert) *dam* & `more`",
        "text": "The dam of Loam <script>x</script> *burst* on Monday [see](https://evil.example) "
        "www.evil.example, said a minister.",
        "source": "_Echo_ | [x](http://evil.example)",
        "published": "2026-03-19",
        "url": "https://echo.example/dam_(loam)?a=1&b=>2",
    }
    file = newsdesk.folder / "dam.jsonl"
    file.write_text(json.dumps(record))
    assert newsdesk("ingest", file).returncode == 0
    newsdesk("ask", "When did the dam of <i>Loam</i> burst?")
    [article] = json.loads(newsdesk("sources", "--json").stdout)
    newsdesk("sources", "remove", article["id"])
    page = newsdesk("export", "1").stdout
    html = MarkdownIt().render(page)
    assert html.count("<a ") == 1
    assert html.count("<h2>") == 1
    for markup in ("<em>", "<code>", "<script>", "<b>", "<i>", "<ol>"):
        assert markup not in html
    assert r"https\://evil.example)" in page
    assert r"www\.evil.example" in page
    assert page.count("<https://echo.example/dam_(loam)?a=1&b=%3E2>") == 1


def test_a_file_that_cannot_be_used_is_told_of(own_sample: Newsdesk) -> None:
    path = own_sample.home / "conversations.db"
    own_sample("ask", TRUCE)
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    with pytest.raises(ConversationsUnusable, match="newer Newsdesk"):
        Conversations(FileTables(path, CONVERSATIONS)).newest(1)
    path.write_bytes(b"no database at all" * 100)
    told = own_sample("log")
    assert told.returncode == 1
    assert re.fullmatch(
        r"newsdesk: .*conversations\.db cannot be used .*move it away.*\n", told.stderr
    )
    chat = own_sample("chat", input=f"{TRUCE}\n")
    assert "[1]" in chat.stdout
    assert "Nothing that is said is kept" in chat.stderr


@pytest.mark.process
def test_a_chat_that_is_killed_has_kept_what_it_answered(own_sample: Newsdesk) -> None:
    chat = own_sample.start("chat")
    assert chat.stdin
    assert chat.stdout
    chat.stdin.write(f"{TRUCE}\nWho brokered it?\n")
    chat.stdin.flush()
    while "› Who" not in chat.stdout.readline():
        pass
    chat.send_signal(signal.SIGKILL)
    chat.communicate()
    assert TRUCE in own_sample("log").stdout
