"""Chats follow topics, and are told once when articles come in that bear on them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.telegram.botapi import Person, Room, Shown
from tests.telegram.bots import Bot, BotThread, ScriptedProcess
from tests.telegram.killing import PROBES
from tests.telegram.test_forgetting import forgets, remarkable, traces, word

ME = "@newsdesk_test_bot"
HARBOUR = (
    "Velm harbour strike ends after nine days",
    "Dock workers in the port of Velm ended their strike on Tuesday after nine days. "
    "The union and the harbour company agreed on a rise of six percent. "
    "The first container ships are to be unloaded on Wednesday morning.",
)
ELSEWHERE = (
    "Nine-day strike in Velm harbour is over",
    "The dock workers of Velm are back in the port: their strike ended on Tuesday after nine "
    "days. Union and harbour company agreed to pay six percent more.",
)
PARROT = (
    "Zoo in Ostrand looks for its parrot",
    "A grey parrot called Biscuit has flown out of the zoo of Ostrand. "
    "The keepers ask everybody to leave a window open and a nut on the sill.",
)
WOLVES = (
    "Wolves kill fourteen sheep in the Halden valley",
    "Wolves have killed fourteen sheep on a farm near Upper Halden, the ranger confirmed. "
    "Farmers demand that the animals may be shot.",
)
FLOOD = (
    "River Orle floods the old town of Tessel",
    "The flood of the river Orle has damaged three hundred homes in Tessel. "
    "The mayor put the damage at twenty million crowns.",
)
TOPIC = "strike in the port of Velm"
DAY = 86_400.0


def comes(bot: Bot, *articles: tuple[str, str], days_ago: int = 0, source: str = "Courier") -> None:
    """Articles come into the archive, in one file, from another process's hands."""
    day = datetime.now(UTC).date() - timedelta(days=days_ago)
    rows = [
        {"title": title, "text": body, "date": day.isoformat(), "source": source}
        for title, body in articles
    ]
    path = bot.folder / f"{source}-{len(list(bot.folder.iterdir()))}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    ingests(bot, path)


def ingests(bot: Bot, path: Path) -> None:
    """A file is read into the archive, while the bot runs."""
    with bot.resting():
        done = bot.newsdesk("ingest", path)
    assert done.returncode == 0, done.stderr


def follows(person: Person, topic: str = TOPIC, room: Room | None = None) -> Shown:
    """A person follows a topic; the bot's word that it does."""
    room = room or person.private
    return room.reply(room.said(person, f"/follow{'' if room.is_private else ME} {topic}"))


def looked(bot: Bot) -> None:
    """Waits until the bot has compared all topics with all articles, and tells what it found."""
    catalog, own = (bot.newsdesk.home / name for name in ("catalog.db", "telegram.db"))
    with closing(sqlite3.connect(catalog)) as archive:
        (last,) = archive.execute("SELECT max(added) FROM details").fetchone()

    def is_done() -> bool:
        with closing(sqlite3.connect(f"file:{own}?mode=ro", uri=True)) as store:
            behind = store.execute("SELECT 1 FROM topics WHERE since < ?", (last,)).fetchall()
            open_ = store.execute("SELECT 1 FROM updates WHERE outcome IS NULL").fetchall()
            undecided = store.execute(
                "SELECT 1 FROM news WHERE update_id IS NULL AND NOT held"
            ).fetchall()
            return not (behind or open_ or undecided)

    bot.api.wait(is_done, 30, lambda: f"a look at what is new; the log:\n{bot.log}")


def at_hour(hour: int, days: int = 0) -> float:
    """An hour of today by UTC, or of a later day."""
    day = datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    return (day + timedelta(days=days)).timestamp()


@pytest.fixture
def desk(own_bot: BotThread) -> BotThread:
    """A bot of the test's own that runs, at midday: nobody has quiet hours."""
    own_bot.clock = at_hour(12)
    return own_bot.start()


def test_one_message_with_quote_and_source(desk: BotThread) -> None:
    ann = desk.api.person("Ann")
    followed = follows(ann)
    assert TOPIC in followed.text
    comes(desk, PARROT, HARBOUR)
    news = ann.private.next(followed)
    assert news.text.startswith(f"News on “{TOPIC}”")
    assert "ended their strike on Tuesday after nine days. [1]" in news.text
    assert f"[1] {HARBOUR[0]} — Courier" in news.text
    assert PARROT[0] not in news.text
    ann.private.pressed(ann, news, "❝ 1")
    quote = ann.private.next(news, lambda shown: bool(shown.spans("expandable_blockquote")))
    assert "six percent" in quote.text
    comes(desk, ELSEWHERE, source="Herald")  # the same event: it does not ring twice
    comes(desk, HARBOUR, source="Echo")
    looked(desk)
    assert ann.private.after(followed) == [news, quote]


def test_what_is_not_told(desk: BotThread) -> None:
    ann, bob, eve = (desk.api.person(name) for name in ("Ann", "Bob", "Eve"))
    said = follows(ann)
    old = follows(bob, f"old: {TOPIC}")
    follows(eve)
    gone = eve.private.reply(eve.says("/unfollow 1"))
    assert TOPIC in gone.text
    assert "Nothing" in eve.private.reply(eve.says("/following")).text
    comes(desk, HARBOUR, days_ago=400)
    told = bob.private.next(old)
    assert HARBOUR[0] in told.text, "who wished it is told of what was published long ago"
    looked(desk)
    assert ann.private.after(said) == []
    assert len(eve.private.after(gone)) == 1


def test_quiet_hours_and_the_most_of_a_day(own_bot: BotThread) -> None:
    own_bot.told(TELEGRAM_DAILY_NEWS="2").clock = at_hour(21)
    bot = own_bot.start()
    ann = bot.api.person("Ann")
    for topic in (TOPIC, "zoo parrot", "wolves in the Halden valley", "floods of the Orle"):
        follows(ann, topic)
    said = ann.private.reply(ann.says("/quiet 22-7 +2"))
    assert "23:00" in said.text
    comes(bot, HARBOUR, PARROT)
    looked(bot)
    assert ann.private.after(said) == [], "it is quiet"
    bot.clock = at_hour(6, days=1)
    morning = ann.private.next(said)
    assert morning.text.startswith("2 stories on")
    assert all(title in morning.text for title, _ in (HARBOUR, PARROT))
    comes(bot, WOLVES)
    single = ann.private.next(morning)
    assert single.text.startswith("News on “wolves in the Halden valley”")
    comes(bot, FLOOD)
    looked(bot)
    assert ann.private.after(single) == [], "two messages are the most of a day"
    bot.clock = at_hour(12, days=2)
    assert FLOOD[0] in ann.private.next(single).text


def test_what_is_left_of_a_person(desk: BotThread) -> None:
    api = desk.api
    ann, bob, room = remarkable(api), api.person("Bob"), api.group()
    follows(ann, f"{TOPIC} {word(ann)}")
    follows(ann, f"{TOPIC} {word(ann)}", room)
    kept = follows(bob)
    follows(bob, "zoo parrot")
    ann.private.reply(ann.says("/digest daily 8"))
    comes(desk, HARBOUR)
    bob.private.next(kept)
    looked(desk)
    assert traces(desk.newsdesk.home, ann)
    forgets(desk, ann)
    assert traces(desk.newsdesk.home, ann) == []
    bob.private.blocked = True
    comes(desk, PARROT)
    api.wait(lambda: rows(desk, "SELECT 1 FROM topics") == [], 30, "an end of Bob's topics")


def rows(bot: Bot, sql: str) -> list[tuple[object, ...]]:
    """Rows of the bot's file."""
    path = bot.newsdesk.home / "telegram.db"
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as store:
        return store.execute(sql).fetchall()


def test_a_group_that_moves_keeps_its_topics(desk: BotThread) -> None:
    ann, old = desk.api.person("Ann"), desk.api.group(kind="group")
    follows(ann, room=old)
    new = old.upgraded(ann)
    listed = new.reply(new.said(ann, f"/following{ME}"))
    assert TOPIC in listed.text
    comes(desk, HARBOUR)
    assert HARBOUR[0] in new.next(listed).text


def test_digests(desk: BotThread) -> None:
    ann = desk.api.person("Ann")
    nothing = ann.private.reply(ann.says("/digest"))
    assert "no article" in nothing.text
    comes(desk, HARBOUR, PARROT)
    comes(desk, ELSEWHERE, source="Herald")
    asked = ann.says("/digest 48h")
    digest = ann.private.reply(asked)
    assert all(word in digest.text for word in (PARROT[0], "Velm", "[1]"))
    about = ann.private.reply(ann.says("/digest 2d strike in Velm"))
    assert "Velm" in about.text
    assert PARROT[0] not in about.text
    said = ann.private.reply(ann.says("/digest daily 8"))
    assert "8 o'clock" in said.text
    desk.clock = at_hour(8, days=1)
    daily = ann.private.next(said)
    assert PARROT[0] in daily.text
    off = ann.private.reply(ann.says("/digest off"))
    desk.clock = at_hour(9, days=2)
    follows(ann)
    looked(desk)
    assert len(ann.private.after(off)) == 1


def test_what_is_not_understood_is_said_and_changes_nothing(desk: BotThread) -> None:
    ann = desk.api.person("Ann")

    def told(text: str) -> str:
        return ann.private.reply(ann.says(text)).text

    for wrong in ("99", "soon", "25-7"):
        said = told(f"/quiet {wrong}")
        assert f"I did not understand “{wrong}”. " in said
        assert "/quiet 22-7 +2 has me" in said
    said = told("/corrections maybe")
    assert "“maybe”. /corrections takes “on” or “off”. I do not tell you" in said
    for wrong in ("-5", "daily 24", "daily at noon", "on", "???"):
        said = told(f"/digest {wrong}")
        assert f"I did not understand “{wrong}”. " in said
        assert "/digest 48 those of 48 hours" in said
    for address in ("https://example.org/feed.xml", "example.org/feed", "www.example.org"):
        said = told(f"/follow {address}")
        assert "newsdesk follow" in said
    assert "Nothing is followed here" in told("/following")
    assert rows(desk, "SELECT 1 FROM wishes WHERE hours IS NOT NULL OR corrections") == []


def test_corrections_reply_to_the_answer(desk: BotThread) -> None:
    ann, bob = desk.api.person("Ann"), desk.api.person("Bob")
    path = desk.folder / "harbour.md"
    text = f"---\ntitle: {HARBOUR[0]}\nsource: Courier\n---\n{HARBOUR[1]}\n"
    path.write_text(text)
    ingests(desk, path)
    assert "on" in ann.private.reply(ann.says("/corrections on")).text
    answers = [
        person.private.reply(
            person.says("When did the strike of the dock workers of Velm end?"),
            lambda shown: any("👍" in button["text"] for button in shown.buttons),
        )
        for person in (ann, bob)
    ]
    assert "on Tuesday after nine days" in answers[0].text
    path.write_text(text.replace("on Tuesday after nine days", "on Monday after eight days"))
    ingests(desk, path)
    note = ann.private.reply(answers[0])
    assert "“Dock workers in the port of Velm ended their strike on Tuesday" in note.text
    assert "on Monday after eight days" in note.text
    assert HARBOUR[0] in note.text
    follows(ann)
    looked(desk)
    assert bob.private.after(answers[1]) == []
    assert ann.private.replies(answers[0]) == [note]


def test_what_is_gone_from_the_web_is_said_with_its_source(desk: BotThread) -> None:
    ann = desk.api.person("Ann")
    comes(desk, HARBOUR)
    with closing(sqlite3.connect(desk.newsdesk.home / "catalog.db")) as catalog, catalog:
        catalog.execute(
            "INSERT INTO named (key, followed, host, guid, entry, digest, uri, found, gone) "
            "SELECT id, 'f', 'h', '', '{}', '', uri, 0, ? FROM articles",
            (at_hour(12),),
        )
    answer = ann.private.reply(
        ann.says("When did the strike of the dock workers of Velm end?"),
        lambda shown: any("👍" in button["text"] for button in shown.buttons),
    )
    assert ", gone from the web since " in answer.text
    ann.private.pressed(ann, answer, "❝ 1")
    quote = ann.private.next(answer, lambda shown: bool(shown.spans("expandable_blockquote")))
    assert ", gone from the web since " in quote.text


@pytest.mark.process
@pytest.mark.parametrize("fault", ["hang", "hang_after"], ids=["before it arrived", "after"])
def test_killed_while_it_tells(scripted_process: ScriptedProcess, fault: str) -> None:
    """Killed between the plan and its end, it tells the news once after the next start."""
    bot = scripted_process.told(TELEGRAM_QUIET="off").start()
    api = bot.api
    api.excused += PROBES
    ann = api.person("Ann")
    followed = follows(ann)
    met = api.fail("sendMessage", fault, seconds=2, room=ann.private)  # type: ignore[arg-type]
    comes(bot, HARBOUR)
    api.wait(lambda: met.met, 60, "the news sent")
    bot.kill()
    bot.start()
    news = ann.private.next(followed, timeout=60)
    looked(bot)
    assert HARBOUR[0] in news.text
    assert [shown for shown in ann.private.shown.values() if shown.by_bot][1:] == [news]
