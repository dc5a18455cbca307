"""Kills the bot again and again while people ask, and counts what became of their questions."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from tests.telegram.botapi import BotApi, Person, Room, Shown
from tests.telegram.botapi.faults import Fault
from tests.telegram.bots import ScriptedProcess
from tests.telegram.desk import QUESTIONS, finished

ME = "@newsdesk_test_bot"
PROBES = (
    "message to edit not found",
    "message can't be edited",
    "message to delete not found",
    "message is not modified",
)
"""Refusals by which the bot finds out which of its messages arrived."""

_A_MOMENT = 2.5
"""A bot is killed at most so many seconds after it polls, or was started."""
_MET = 4.0
"""Seconds to wait for a request that is to be cut off."""


@dataclass
class Tally:
    """What became of the questions.

    Attributes:
        kills: how often the bot was killed, by signal and moment.
        asked: the questions.
        once: those with exactly one reply, which is an answer.
        twice: those with more than one reply.
        none: those without an answer.
        cut_off: messages that Telegram took and whose request was never answered, on purpose.
        notices: the most messages at one time in a chat that are no part of an answer.
        under_one: the most messages at one time under one question.
    """

    kills: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    once: int = 0
    twice: int = 0
    none: int = 0
    cut_off: int = 0
    notices: int = 0
    under_one: int = 0


class Killing:
    """One run of rounds: in each, people ask, and the bot is killed and started again."""

    def __init__(self, bot: ScriptedProcess, seed: int) -> None:
        self.bot, self.api = bot, bot.api
        self.order = random.Random(seed)
        self.tally = Tally()
        self.asked: list[tuple[Room, Shown]] = []
        self.seats = list(_seats(bot.api))

    def run(self, rounds: int) -> Tally:
        """Kill the bot so many times; return the tally when all questions are closed."""
        self.bot.answers("slowly", *["So it goes [1]. "] * 4, pause=0.3)
        self.bot.start()
        self.api.excused += PROBES
        moments = [self.at_any_time, self.while_sending, self.while_editing, self.while_looking]
        for _ in range(rounds):
            self.api.takes_drafts = self.order.random() < 0.5
            self.ask()
            self.order.choice(moments)()
            self.bot.start()
            if self.order.random() < 0.5:
                self.api.wait(self.all_closed, 120, "the end of all questions")
        self.api.wait(self.all_closed, 120, lambda: f"the end of all questions; {self.bot.log}")
        return self.count()

    def ask(self) -> None:
        """Some people ask one question or two."""
        for person, room in self.seats:
            for _ in range(self.order.randrange(3)):
                words = self.order.choice(QUESTIONS) + self.order.choice(["", "", " slowly"])
                self.asked.append((room, room.said(person, f"{ME} {words}")))

    def at_any_time(self) -> None:
        """Kill it at a random moment, or while it starts."""
        if self.order.random() < 0.3:
            self.end("working")
            self.bot.launch()
        time.sleep(self.order.uniform(0, _A_MOMENT))
        self.end("working or starting")

    def while_sending(self) -> None:
        """Kill it when a message has been sent, before or after Telegram took it."""
        kind = self.order.choice(["hang", "hang_after"])
        fault = self.api.fail("sendMessage", kind, seconds=_MET)  # type: ignore[arg-type]
        if self.met(fault) and kind == "hang_after":
            self.tally.cut_off += 1
        self.end("sending")

    def while_editing(self) -> None:
        """Kill it during an edit: of a preview, or of a candidate when it looks for a message."""
        self.met(self.api.fail("editMessageText", "hang_after", seconds=_MET))
        self.end("editing")

    def while_looking(self) -> None:
        """Kill it when a message has been sent, and again while it looks for that message."""
        self.while_sending()
        for _ in range(self.order.randrange(1, 4)):
            fault = self.api.fail("editMessageText", "hang", seconds=_MET)
            self.bot.launch()
            self.met(fault)
            self.end("looking")

    def met(self, fault: Fault) -> bool:
        """Wait a while for a fault to be met; no later request meets it."""
        with suppress(AssertionError):
            self.api.wait(lambda: fault.met, _MET)
        with self.api.lock:
            fault.times = 0
        return bool(fault.met)

    def end(self, moment: str) -> None:
        """Kill the bot; or stop it as a service is stopped: killed if that takes long."""
        bot = self.bot
        if self.order.random() < 0.75:
            bot.kill()
            self.tally.kills[f"SIGKILL while {moment}"] += 1
            return
        bot.signal(signal.SIGTERM)
        self.tally.kills[f"SIGTERM while {moment}"] += 1
        try:
            bot.wait(self.order.uniform(0, 2 * _A_MOMENT))
        except subprocess.TimeoutExpired:
            bot.kill()

    def all_closed(self) -> bool:
        return all(self.bot.closed(question.update_id) for _, question in self.asked)

    def count(self) -> Tally:
        """Count the replies, and what was to be seen at the same time."""
        tally = self.tally
        tally.asked = len(self.asked)
        for room, question in self.asked:
            replies = room.replies(question)
            tally.once += len(replies) == 1 and finished(replies[0])
            tally.twice += len(replies) > 1
            tally.none += not any(map(finished, replies))
            under = [s for s in room.shown.values() if s.by_bot and s.reply_to == question.id]
            tally.under_one = max(tally.under_one, _most_at_once(under, lambda text: True))
        for room in {room.id: room for _, room in self.seats}.values():
            shown = [shown for shown in room.shown.values() if shown.by_bot]
            notices = _most_at_once(shown, lambda text: "[1]" not in text)
            tally.notices = max(tally.notices, notices)
        return tally


def _seats(api: BotApi) -> Iterator[tuple[Person, Room]]:
    """People and where they ask: three in private, two in a group, two in a supergroup."""
    for number in range(3):
        person = api.person(f"P{number}")
        yield person, person.private
    for kind in ("group", "supergroup"):
        room = api.group(kind=kind)
        for number in range(2):
            yield api.person(f"{kind}{number}"), room


def _most_at_once(messages: list[Shown], counts: Callable[[str], bool]) -> int:
    """The most messages whose text counts, of those that were to be seen at the same time."""
    changes: list[tuple[float, int]] = []
    for message in messages:
        ends = [version.at for version in message.versions[1:]]
        ends.append(message.deleted_at or float("inf"))
        for version, end in zip(message.versions, ends, strict=True):
            if counts(version.text):
                changes += [(version.at, 1), (end, -1)]
    most = now = 0
    for _, change in sorted(changes):
        now += change
        most = max(most, now)
    return most
