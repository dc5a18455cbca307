"""The commands about what a chat follows: topics, quiet hours, digests and corrections."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.hours import Hours, read_hours
from bot.telegram.conversation import texts
from bot.telegram.storage.conversations import Place
from bot.telegram.storage.topics import Topic, Topics
from bot.telegram.storage.wishes import Wishes
from bot.telegram.transport.parsing import Incoming
from corpus.cleaning import clean_line

VERBS = frozenset({"follow", "following", "unfollow", "quiet", "corrections"})
LONGEST_TOPIC = 200
MOST_TOPICS = 20
"""The most topics of a chat, or a thread of it."""

_MORNING = 8
_DAILY = re.compile(r"off|daily(?: +(?:at +)?(?P<hour>\d{1,2})(?:[:.]00)?)?")
_NO_DIGEST = re.compile(r"daily\b.*|on|(?!\d{1,4}$)[\W\d_]+", re.I | re.S)
"""What is neither a span of time nor a topic: "-5", "daily at noon"."""

_OLD = re.compile(r"old\s*:\s*", re.I)
_ADDRESS = re.compile(r"(?:\w+://|www\.)\S|[\w-]+(?:\.[\w-]+)+(?::\d+)?/\S*$", re.I)
_QUOTED = 40
"""Code points of what was not understood that are said back."""


@dataclass(frozen=True, slots=True)
class Following:
    """Runs these commands; a method's name is the command's.

    `place` tells the place of a message, `last_arrival` when the newest article came, and `now`
    the time, both in seconds since 1970.
    """

    topics: Topics
    wishes: Wishes
    place: Callable[[Incoming], Place]
    last_arrival: Callable[[], float]
    now: Callable[[], float]

    async def reply(self, incoming: Incoming) -> str:
        """Run a command and return the reply's text."""
        verb: Callable[[Incoming], str] = getattr(self, incoming.verb)
        return verb(incoming)

    def follow(self, incoming: Incoming) -> str:
        """Follow a topic (/follow)."""
        words = clean_line(incoming.text or incoming.quoted)
        old = _OLD.match(words)
        words = words[old.end() :] if old else words
        if not re.search(r"\w", words):
            return texts.FOLLOW_HOW
        if _ADDRESS.match(words):
            return texts.FOLLOW_ADDRESS
        if len(words) > LONGEST_TOPIC:
            return texts.FOLLOWED_TOO_LONG.format(most=LONGEST_TOPIC)
        place = self.place(incoming)
        if len(self.topics.of(place)) >= MOST_TOPICS:
            return texts.FOLLOWED_TOO_MANY.format(most=MOST_TOPICS)
        # Not the clock's time: what is being stored just now came before it.
        new = self.topics.follow(place, words, old=bool(old), since=self.last_arrival())
        return texts.FOLLOWED.format(topic=words) if new else texts.FOLLOWED_ALREADY

    def following(self, incoming: Incoming) -> str:
        """List the topics followed here (/following)."""
        topics = self.topics.of(self.place(incoming))
        if not topics:
            return texts.FOLLOWING_NOTHING
        lines = [f"{number}. {_named(topic)}" for number, topic in enumerate(topics, start=1)]
        return texts.FOLLOWING.format(topics="\n".join(lines))

    def unfollow(self, incoming: Incoming) -> str:
        """Follow a topic no longer, or none (/unfollow)."""
        topics, wanted = self.topics.of(self.place(incoming)), clean_line(incoming.text).casefold()
        gone = [
            topic
            for number, topic in enumerate(topics, start=1)
            if wanted in ("all", str(number), _named(topic).casefold(), topic.words.casefold())
        ]
        if not gone:
            return texts.UNFOLLOW_HOW if topics else texts.FOLLOWING_NOTHING
        for topic in gone:
            self.topics.unfollow(topic.id)
        return texts.UNFOLLOWED.format(topics=", ".join(f"“{topic.words}”" for topic in gone))

    def quiet(self, incoming: Incoming) -> str:
        """Show or change the hours in which nothing is told (/quiet)."""
        place = self.place(incoming)
        hours = self.wishes.of(place).hours
        if incoming.text:
            try:
                hours = read_hours(incoming.text, hours.ahead)
            except ValueError:
                return f"{_not_understood(incoming)} {self._quiet(hours)}"
            self.wishes.set(place, hours=str(hours))
        return self._quiet(hours)

    def corrections(self, incoming: Incoming) -> str:
        """Switch on or off that chats are told what no longer stands (/corrections)."""
        place = self.place(incoming)
        wanted = {"on": True, "off": False}.get(incoming.text.strip().lower())
        if wanted is not None:
            self.wishes.set(place, corrections=wanted)
        state = texts.CORRECTIONS[self.wishes.of(place).corrections]
        if wanted is None and incoming.text.strip():
            return f"{_not_understood(incoming)} {texts.CORRECTIONS_HOW} {state}"
        return state

    def daily_digest(self, incoming: Incoming) -> str | None:
        """Have a digest sent every day, or no longer. Return None if that is not asked for.

        It is asked for with "daily", an hour or none, or "off". What asks for no digest at all is
        answered with what does.
        """
        place, wanted = self.place(incoming), _DAILY.fullmatch(incoming.text.strip().lower())
        if wanted is None:
            if _NO_DIGEST.fullmatch(incoming.text.strip()):
                return f"{_not_understood(incoming)} {texts.DIGEST_HOW}"
            return None
        if wanted[0] == "off":
            self.wishes.set(place, digest=None)
            return texts.DIGEST_OFF
        hour = int(wanted["hour"] or _MORNING)
        if hour > 23:
            return f"{_not_understood(incoming)} {texts.DIGEST_HOW}"
        clock = self.wishes.of(place).hours.clock(self.now())
        today = clock.date().isoformat() if clock.hour >= hour else None
        self.wishes.set(place, digest=hour, digested=today)
        return texts.DIGEST_DAILY.format(hour=hour, clock=f"{clock:%H:%M}")

    def _quiet(self, hours: Hours) -> str:
        quiet = texts.QUIET_NEVER
        if hours.quiet:
            quiet = texts.QUIET_FROM.format(first=hours.quiet[0], last=hours.quiet[1])
        return texts.QUIET.format(quiet=quiet, clock=f"{hours.clock(self.now()):%H:%M}")


def _not_understood(incoming: Incoming) -> str:
    said = clean_line(incoming.text)
    said = said if len(said) <= _QUOTED else f"{said[:_QUOTED]}…"
    return texts.NOT_UNDERSTOOD.format(said=said)


def _named(topic: Topic) -> str:
    return f"old: {topic.words}" if topic.old else topic.words
