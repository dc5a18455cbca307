"""Chats follow topics, and are told once when articles come in that bear on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.telegram.botapi import Person, Shown
from tests.telegram.bots import Bot, BotThread

ME = "@newsdesk_test_bot"
HARBOUR = (
    "Velm harbour strike ends after nine days",
    "Dock workers in the port of Velm ended their strike on Tuesday after nine days. "
    "The union and the harbour company agreed on a rise of six percent. "
    "The first container ships are to be unloaded on Wednesday morning.",
)
PARROT = (
    "Zoo in Ostrand looks for its parrot",
    "A grey parrot called Biscuit has flown out of the zoo of Ostrand. "
    "The keepers ask everybody to leave a window open and a nut on the sill.",
)
TOPIC = "strike in the port of Velm"


def comes(bot: Bot, article: tuple[str, str], *, days_ago: int = 0, name: str = "") -> None:
    """An article comes into the archive, from another process's hands."""
    title, body = article
    day = datetime.now(UTC).date() - timedelta(days=days_ago)
    path = bot.folder / f"{name or title.split()[0]}.md"
    path.write_text(f"---\ntitle: {title}\ndate: {day}\nsource: Velm Courier\n---\n{body}\n")
    done = bot.newsdesk("ingest", path)
    assert done.returncode == 0, done.stderr


def follows(person: Person, topic: str = TOPIC) -> Shown:
    """A person follows a topic; the bot's word that it does."""
    return person.private.reply(person.says(f"/follow {topic}"))


def midday(days: int = 0) -> float:
    """A time at which nobody has quiet hours."""
    day = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    return (day + timedelta(days=days)).timestamp()


@pytest.fixture
def desk(own_bot: BotThread) -> BotThread:
    """A bot of the test's own that runs, at midday."""
    own_bot.clock = midday()
    return own_bot.start()


def test_one_message_with_quote_and_source(desk: BotThread) -> None:
    ann = desk.api.person("Ann")
    followed = follows(ann)
    assert TOPIC in followed.text
    comes(desk, PARROT)
    comes(desk, HARBOUR)
    news = ann.private.next(followed)
    assert f"News on “{TOPIC}”" in news.text
    assert "ended their strike on Tuesday after nine days. [1]" in news.text
    assert HARBOUR[0] in news.text
    assert "Velm Courier" in news.text
    assert PARROT[0] not in news.text
    assert ann.private.after(followed) == [news]
