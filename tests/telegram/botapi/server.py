"""HTTP on 127.0.0.1: methods, files, long polls and webhook deliveries."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from aiogram.types import BufferedInputFile
from aiohttp import web

from tests.telegram.botapi.deliveries import Delivery, deliver
from tests.telegram.botapi.faults import Fault, Flood, Kind, dropped, refusal_response
from tests.telegram.botapi.judge import MODELS, Refused, decode, faults_of
from tests.telegram.botapi.methods import Methods
from tests.telegram.botapi.people import PATIENCE, Person, Room, file_type
from tests.telegram.botapi.record import Request, Shown
from tests.telegram.botapi.updates import Queue

T = TypeVar("T")

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0"
_EXCUSED = ("query is too old", "group chat was upgraded")
"""Refusals that are nobody's mistake: a bot cannot know them beforehand."""


@dataclass(frozen=True)
class File:
    """What can be downloaded."""

    path: str
    content: bytes
    size: int


class BotApi:
    """The server. Its HTTP runs in a thread; tests use it from theirs.

    Args:
        token: the only token it takes.
        port: 0 takes a free one; it stays the same when the server is started again.
    """

    def __init__(self, token: str = TOKEN, port: int = 0) -> None:
        self.token = token
        self.port = port
        self.me = {
            "id": int(token.partition(":")[0]),
            "is_bot": True,
            "first_name": "Newsdesk",
            "username": "newsdesk_test_bot",
            "can_join_groups": True,
            "can_read_all_group_messages": True,
            "supports_inline_queries": True,
        }
        self.as_sender = {k: v for k, v in self.me.items() if not k.startswith(("can", "supp"))}
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.rooms: dict[int, Room] = {}
        self.people: dict[int, Person] = {}
        self.files: dict[str, File] = {}
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.excused: list[str] = list(_EXCUSED)
        self.profile: dict[str, Any] = {}
        self.command_scopes: list[tuple[dict[str, Any], list[dict[str, str]]]] = []
        self.presses: set[str] = set()
        self.press_answers: dict[str, dict[str, Any]] = {}
        self.inline_answers: dict[str, dict[str, Any]] = {}
        self.inline_messages: dict[str, Shown] = {}
        self.deliveries: list[Delivery] = []
        self.webhook: dict[str, Any] | None = None
        self.listeners: list[str] = []
        """The addresses of the processes behind the webhook's, if there are several."""
        self.takes_drafts = True
        self.revoked = False
        self.floods: list[Flood] = []
        self.queue = Queue()
        self._faults: list[Fault] = []
        self._methods = Methods(self)
        self._numbers = itertools.count(1)
        self._message_ids = itertools.count(101)
        self._poll = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._ending: asyncio.Event | None = None

    # Its life.

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> BotApi:
        """Open the port; returns when it is open."""
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(10), "the server does not start"
        return self

    def stop(self) -> None:
        """Close the port and every connection."""
        if self._loop and self._ending and self._thread:
            self._loop.call_soon_threadsafe(self._ending.set)
            self._thread.join(10)
        self._loop = None

    async def _serve(self, ready: threading.Event) -> None:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/file/bot{token}/{path:.*}", self._download)
        app.router.add_route("*", "/bot{token}/{method}", self._respond)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        assert site._server is not None
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        self.queue.fresh = asyncio.Event()
        deliveries = asyncio.create_task(deliver(self))
        ready.set()
        await self._ending.wait()
        deliveries.cancel()
        await runner.cleanup()

    # What tests do.

    def person(self, name: str = "Ann", *, bot: bool = False, number: int | None = None) -> Person:
        """A new user; `number` is the id, if a test must know it from all other numbers."""
        with self.lock:
            number = number or 5_000_000 + next(self._numbers)
            person = Person(self, number, name, bot=bot)
            self.people[person.id] = person
            return person

    def group(self, *, kind: str = "supergroup", title: str = "Desk", forum: bool = False) -> Room:
        """A new group, of which the bot is a member."""
        with self.lock:
            number = next(self._numbers)
            chat_id = -1_001_000_000_000 - number if kind != "group" else -4_000_000 - number
            raw: dict[str, Any] = {"id": chat_id, "type": kind, "title": title}
            return self.add_room(raw | ({"is_forum": True} if forum else {}))

    def add_room(self, raw: dict[str, Any]) -> Room:
        """A chat."""
        with self.lock:
            return self.rooms.setdefault(raw["id"], Room(self, raw))

    def add_file(self, name: str, content: bytes, size: int | None = None) -> dict[str, Any]:
        """A file that can be downloaded; returns its `Document`."""
        number = f"file{next(self._numbers)}"
        size = len(content) if size is None else size
        self.files[number] = File(f"documents/{number}", content, size)
        return {
            "file_id": number, "file_unique_id": f"u{number}", "file_name": name,
            "mime_type": file_type(name), "file_size": size,
        }  # fmt: skip

    def update(self, kind: str, content: Mapping[str, Any]) -> int:
        """Something happens that the bot is told of; returns the update's number."""
        with self.lock:
            number = self.queue.add(kind, content)
            self._wake()
            return number

    def broken_update(self) -> int:
        """An update that cannot be parsed."""
        with self.lock:
            number = self.queue.add_broken()
            self._wake()
            return number

    def repeat(self, update_id: int, kind: str, content: Mapping[str, Any]) -> None:
        """An update that was delivered is delivered once more."""
        with self.lock:
            self.queue.once_more.append({"update_id": update_id, kind: dict(content)})
            self._wake()

    def fail(self, method: str, kind: Kind = "error", *, room: Room | None = None,
             **how: Any) -> Fault:  # fmt: skip
        """The next requests of a method meet a fault (see `Fault`)."""
        if room is not None:
            how["concerns"] = lambda params: params.get("chat_id") == room.id
        with self.lock:
            fault = Fault(kind, method, **how)
            self._faults.append(fault)
            return fault

    def flood(self, room: Room, seconds: int) -> Flood:
        """From its next message on, a chat takes none for some seconds (429)."""
        with self.lock:
            flood = Flood(room.id, seconds)
            self.floods.append(flood)
            return flood

    def calm(self) -> None:
        """Faults that have not been met are over; what was excused is not any more."""
        with self.lock:
            self._faults.clear()
            self.floods.clear()
            self.excused = list(_EXCUSED)
            self.violations.clear()

    def revoke(self) -> None:
        """The token is worth nothing any more."""
        with self.lock:
            self.revoked = True
            self._wake()

    def wait(
        self,
        condition: Callable[[], T | None],
        timeout: float = PATIENCE,
        what: str | Callable[[], str] = "the condition",
    ) -> T:
        """Waits until a condition holds; returns what it gave.

        The condition is tried under the lock: it must not talk to the server.

        Raises:
            AssertionError: it did not in time.
        """
        deadline = time.monotonic() + timeout
        with self.lock:
            while not (value := condition()):
                left = deadline - time.monotonic()
                if left <= 0:
                    told = what if isinstance(what, str) else what()
                    raise AssertionError(f"after {timeout:g} s there is not {told}")
                self.changed.wait(min(left, 0.25))
            return value

    def requested(self, method: str, room: Room | None = None) -> list[Request]:
        """The requests of a method, perhaps about one chat."""
        with self.lock:
            return [
                request
                for request in self.requests
                if request.method == method.lower() and (room is None or request.chat == room.id)
            ]

    def new_number(self) -> str:
        return str(9_000_000_000 + next(self._numbers))

    def new_message_id(self) -> int:
        return next(self._message_ids)

    def _wake(self) -> None:
        """Polls look again. Needs the lock."""
        self.changed.notify_all()
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.queue.fresh.set)

    # HTTP.

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"].lower()
        if refusal := self._stranger(request.match_info["token"]):
            return refusal_response(refusal)
        if method not in MODELS or (method != "getupdates" and method not in self._methods):
            self._violation(f"{method}: this server does not have it")
            return refusal_response(Refused(404, "Not Found: method not found"))
        params = await self._params(request, method)
        fault = next((fault for fault in self._faults if fault.meets(method, params)), None)
        if fault is not None:
            with self.lock:
                status = fault.code if fault.kind in ("error", "page") else 0
                if fault.kind in ("drop", "hang", "error", "page"):
                    self.requests.append(
                        Request(method, params, status=status, injected=True)
                    )  # fmt: skip
                self.changed.notify_all()
            if (response := await self._misbehave(fault, request)) is not None:
                return response
        try:
            result = await self._do(method, params)
        except Refused as refused:
            self._refused(method, params, refused)
            return refusal_response(refused)
        if fault is not None and fault.kind in ("drop_after", "hang_after"):
            await asyncio.sleep(fault.seconds)
            return dropped(request)
        return web.json_response({"ok": True, "result": result})

    async def _params(self, request: web.Request, method: str) -> dict[str, Any]:
        raw: dict[str, Any] = dict(request.query)
        files: dict[str, Any] = {}
        if request.content_type == "application/json":
            return raw | await request.json()
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = BufferedInputFile(value.file.read(), value.filename)
            else:
                raw[name] = value
        params = decode(method, raw)
        for name, value in params.items():
            if isinstance(value, str) and value.startswith("attach://"):
                params[name] = files.pop(value.removeprefix("attach://"))
        return params | files

    async def _misbehave(self, fault: Fault, request: web.Request) -> web.StreamResponse | None:
        if fault.kind == "error":
            more = {} if fault.retry_after is None else {"retry_after": fault.retry_after}
            return refusal_response(Refused(fault.code, fault.description, **more))
        if fault.kind == "page":
            page = "<html><head><title>Bad Gateway</title></head></html>"
            return web.Response(status=fault.code, text=page, content_type="text/html")
        if fault.kind == "drop":
            return dropped(request)
        if fault.kind in ("hang", "slow"):
            await asyncio.sleep(fault.seconds)
            if fault.kind == "hang":
                return dropped(request)
        return None

    async def _do(self, method: str, params: dict[str, Any]) -> Any:
        problems = faults_of(method, params)
        for problem in problems:
            self._violation(f"{method}: {problem}")
        if any(not problem.endswith(": unknown") for problem in problems):
            raise Refused(400, f"Bad Request: {problems[0]}")
        if method == "getupdates":
            return await self._get_updates(params)
        with self.lock:
            result = self._methods(method, params)
            self.requests.append(Request(method, params))
            self._wake()
            return result

    def _refused(self, method: str, params: dict[str, Any], refused: Refused) -> None:
        with self.lock:
            self.requests.append(Request(method, params, status=refused.code))
            if refused.code == 400 and not any(e in refused.description for e in self.excused):
                told = {k: v for k, v in params.items() if k != "reply_markup"}
                self._violation(f"{method} {json.dumps(told, default=str)}: {refused.description}")
            self.changed.notify_all()

    def _violation(self, what: str) -> None:
        with self.lock:
            self.violations.append(what)

    def _stranger(self, token: str) -> Refused | None:
        if token == self.token and not self.revoked:
            return None
        name, _, secret = token.partition(":")
        if name.isdecimal() and len(secret) >= 30:
            return Refused(401, "Unauthorized")
        return Refused(404, "Not Found")

    async def _get_updates(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        with self.lock:
            if self.webhook is not None:
                raise Refused(
                    409,
                    "Conflict: can't use getUpdates method while webhook is active; use "
                    "deleteWebhook to delete the webhook first",
                )
            self._poll += 1
            poll = self._poll
            self.requests.append(Request("getupdates", params))
            if params.get("allowed_updates") is not None:
                self.queue.allowed = params["allowed_updates"]
            if params.get("offset"):
                self.queue.confirm(params["offset"])
            self._wake()
        deadline = time.monotonic() + params.get("timeout", 0)
        while True:
            with self.lock:
                self.queue.fresh.clear()
                if self.revoked:
                    raise Refused(401, "Unauthorized")
                if poll != self._poll:
                    raise Refused(
                        409,
                        "Conflict: terminated by other getUpdates request; make sure that only "
                        "one bot instance is running",
                    )
                if batch := self.queue.take(params.get("limit", 100)):
                    return batch
            left = deadline - time.monotonic()
            if left <= 0:
                return []
            try:
                # Polls that wait together are all woken; the event is cleared by the first.
                await asyncio.wait_for(self.queue.fresh.wait(), min(left, 0.2))
            except TimeoutError:
                continue

    async def _download(self, request: web.Request) -> web.StreamResponse:
        if refusal := self._stranger(request.match_info["token"]):
            return refusal_response(refusal)
        for file in self.files.values():
            if file.path == request.match_info["path"]:
                return web.Response(body=file.content)
        return refusal_response(Refused(404, "Not Found"))
