"""Several processes of one bot over one PostgreSQL database, killed while people ask."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, Generic, TypeVar

import psycopg

from tests.conftest import Newsdesk
from tests.ports import free_port
from tests.telegram.botapi import BotApi, Person, Room, Shown
from tests.telegram.bots import START, Scripted, ScriptedProcess, ScriptedThread
from tests.telegram.desk import QUESTIONS, finished
from tests.telegram.killing import ME, PROBES


class Listening(Scripted):
    """One of the processes, which perhaps listens at an address of its own."""

    listens = ""

    def ready(self) -> bool:
        """Whether it takes part, or has ended."""
        return "this process" in self.log or not self.running


class Member(Listening, ScriptedProcess):
    """One that can be killed."""


class ThreadMember(Listening, ScriptedThread):
    """One in this process: it starts faster."""


AnyMember = TypeVar("AnyMember", Member, ThreadMember)


def serve(sample: Newsdesk, database: str, chroma: str) -> None:
    """Copy the archive of a home to servers."""
    done = sample("copy", "--to", database, "--to-chroma", chroma)
    assert done.returncode == 0, done.stderr


class Fleet(Generic[AnyMember]):
    """The processes of one bot, as on machines of their own: each has its home and its port.

    They share the servers alone, and the script of what they answer.

    Args:
        kind: what they are.
        api: the Bot API server.
        folder: for what they write.
        database: the address of a database that holds an archive.
        chroma: the address of the server that holds the archive's vectors.
        webhook: whether updates are delivered; else one of the processes fetches them.
    """

    def __init__(
        self,
        kind: type[AnyMember],
        api: BotApi,
        folder: Path,
        database: str,
        chroma: str,
        *,
        webhook: bool = True,
    ) -> None:
        self.kind: type[AnyMember] = kind
        self.api, self.url, self.webhook = api, database, webhook
        self.folder = folder
        elsewhere = folder / "elsewhere"
        elsewhere.mkdir()
        self._newsdesk = Newsdesk(folder, elsewhere).told(
            NEWSDESK_DATABASE_URL=database,
            NEWSDESK_CHROMA_URL=chroma,
            TELEGRAM_BOT_TOKEN=api.token,
            TELEGRAM_API_URL=api.url,
            NEWSDESK_LOG="json",
        )
        self.members: list[AnyMember] = []

    def told(self, **settings: str) -> Fleet[AnyMember]:
        """The same with more settings, for those that are started from now on."""
        self._newsdesk = self._newsdesk.told(**settings)
        return self

    def add(self) -> AnyMember:
        """One more process, whose home is not there yet; not started yet."""
        number = len(self.members)
        own = replace(self._newsdesk, home=self.folder / f"home-{number}")
        member = self.kind(self.api, own, self.folder)
        member.log_file = self.folder / f"bot-{number}.log"
        if self.webhook:
            address = f"127.0.0.1:{free_port()}"
            member.listens = f"http://{address}/hook"
            member.told(
                TELEGRAM_WEBHOOK_URL="http://127.0.0.1:9/hook", TELEGRAM_WEBHOOK_LISTEN=address
            )
        self.members.append(member)
        return member

    def start(self, count: int) -> Fleet[AnyMember]:
        """Start so many processes; returns when all take part."""
        added = [self.add() for _ in range(count)]
        for member in added:
            self.launch(member)
        for member in added:
            self.wait_ready(member)
        if self.webhook:
            self.deliver_to(*self.members)
        return self

    def launch(self, member: AnyMember) -> None:
        """Start a process, or start it again."""
        member.log_file.unlink(missing_ok=True)
        member.launch()

    def wait_ready(self, member: AnyMember) -> None:
        """Wait until a process takes part."""
        self.api.wait(member.ready, START, lambda: f"a bot that is ready:\n{member.log}")
        assert member.running, member.log
        self.api.wait(lambda: self.api.webhook or not self.webhook, START, "a webhook")

    def deliver_to(self, *members: AnyMember) -> None:
        """From now on updates are delivered to some of the processes only."""
        with self.api.lock:
            self.api.listeners = [member.listens for member in members]

    def __enter__(self) -> Fleet[AnyMember]:
        return self

    def __exit__(self, *error: object) -> None:
        """However they stand, they are gone afterwards."""
        for member in self.members:
            member.end()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the bot's store says."""
        with psycopg.connect(self.url, options="-c search_path=newsdesk_telegram") as connection:
            return connection.execute(sql.encode()).fetchall()

    def closed(self, *questions: Shown) -> bool:
        """Whether questions have their outcome."""
        done = {number for (number,) in self.rows("SELECT id FROM updates WHERE outcome <> ''")}
        return all(question.update_id in done for question in questions)

    def owner(self, question: Shown) -> int | None:
        """The number of the process that has a question, while it is open."""
        found = self.rows(f"SELECT worker FROM queue WHERE update_id = {question.update_id}")
        return found[0][0] if found else None

    def settle(self, *questions: Shown, timeout: float = 60) -> None:
        """Wait until questions have their outcome."""
        self.api.wait(
            lambda: self.closed(*questions) or None, timeout, lambda: f"an end; {self.logs}"
        )

    @property
    def logs(self) -> str:
        """What all of them have logged."""
        return "\n".join(f"--- {member.log_file.name}\n{member.log}" for member in self.members)


@dataclass(frozen=True)
class Tally:
    """What became of the questions that were asked while processes were killed.

    `once` have exactly one reply, which is an answer; `twice` have more; `none` have no answer;
    `disordered` were answered before an earlier question of the same person there. `longest` is
    the most seconds from a question to its answer. `odd` names the questions that are not `once`.
    """

    kills: int = 0
    asked: int = 0
    once: int = 0
    twice: int = 0
    none: int = 0
    disordered: int = 0
    longest: float = 0.0
    odd: tuple[str, ...] = ()


@dataclass
class Massacre:
    """People in many chats ask, while one process after the other is killed with -9."""

    fleet: Fleet[Member]
    chats: int
    seed: int = 1
    asked: list[tuple[Person, Room, Shown]] = field(default_factory=list)

    def run(self, seconds: float, every: float) -> Tally:
        """Have people ask for some seconds, and kill a process `every` so many."""
        fleet, api = self.fleet, self.fleet.api
        api.excused += PROBES
        self.order = random.Random(self.seed)
        fleet.members[0].answers("slowly", *["So it goes [1]. "] * 4, pause=0.3)
        seats = [*self._seats()]
        begun, kills = time.monotonic(), 0
        while (now := time.monotonic() - begun) < seconds:
            if now >= (kills + 1) * every:
                member = fleet.members[kills % len(fleet.members)]
                member.kill()
                fleet.launch(member)
                kills += 1
            person, room = self.order.choice(seats)
            words = self.order.choice(QUESTIONS) + self.order.choice(["", "", " slowly"])
            self.asked.append((person, room, room.said(person, f"{ME} {words}")))
            time.sleep(self.order.uniform(0, 0.6))
        fleet.settle(*(question for _, _, question in self.asked), timeout=300)
        return replace(self._count(), kills=kills)

    def _seats(self) -> Iterator[tuple[Person, Room]]:
        """People and where they ask: in private, and two in each of some groups."""
        for number in range(self.chats - self.chats // 10):
            person = self.fleet.api.person(f"P{number}")
            yield person, person.private
        for number in range(self.chats // 10):
            room = self.fleet.api.group(kind=self.order.choice(["group", "supergroup"]))
            for name in ("A", "B"):
                yield self.fleet.api.person(f"{name}{number}"), room

    def _count(self) -> Tally:
        replies = [(person, room, room.replies(asked)) for person, room, asked in self.asked]
        answers: dict[tuple[int, int], list[int]] = {}
        for person, room, given in replies:
            if len(given) == 1:
                answers.setdefault((person.id, room.id), []).append(given[0].id)
        waits = [
            given[0].versions[-1].at - asked.at
            for (_, _, asked), (_, _, given) in zip(self.asked, replies, strict=True)
            if given
        ]
        return Tally(
            asked=len(replies),
            once=sum(len(given) == 1 and finished(given[0]) for _, _, given in replies),
            twice=sum(len(given) > 1 for _, _, given in replies),
            none=sum(not any(map(finished, given)) for _, _, given in replies),
            disordered=sum(a > b for ids in answers.values() for a, b in pairwise(ids)),
            longest=max(waits, default=0.0),
            odd=tuple(
                f"{asked.update_id} {asked}: {given}"
                for (_, _, asked), (_, _, given) in zip(self.asked, replies, strict=True)
                if len(given) != 1 or not finished(given[0])
            ),
        )
