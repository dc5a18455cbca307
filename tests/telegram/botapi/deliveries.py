"""Deliveries to the webhook."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import ClientError, ClientSession, ClientTimeout

if TYPE_CHECKING:
    from tests.telegram.botapi.server import BotApi


@dataclass(frozen=True)
class Delivery:
    """An update that went to the webhook: when, what came back, after how many seconds."""

    update_id: int
    at: float
    status: int
    seconds: float


async def deliver(api: BotApi) -> None:
    """Sends pending updates to the webhook until each is taken, those of a chat one by one.

    Where several processes listen, any of them gets one, and sometimes two get it at once.
    """
    under_way: dict[object, asyncio.Task[None]] = {}
    async with ClientSession(timeout=ClientTimeout(10)) as client:
        while True:
            with api.lock:
                pending = api.queue.take(100 if api.listeners else 1) if api.webhook else []
            for update in pending:
                chat = _chat(update)
                if chat not in under_way or under_way[chat].done():
                    under_way[chat] = asyncio.create_task(_deliver(api, client, update))
            if pending and not api.listeners:
                await asyncio.wait(under_way.values())
            else:
                await asyncio.sleep(0.02)


def _chat(update: dict[str, Any]) -> object:
    content = next(value for name, value in update.items() if name != "update_id")
    return content.get("message", content).get("chat", content.get("from", {})).get("id")


async def _deliver(api: BotApi, client: ClientSession, update: dict[str, Any]) -> None:
    hook = api.webhook
    assert hook is not None
    urls = _receivers(api, hook["url"])
    taken = await asyncio.gather(*(_post(api, client, update, hook, url) for url in urls))
    if not any(taken):
        await asyncio.sleep(0.02 if api.listeners else 0.3)


def _receivers(api: BotApi, url: str) -> list[str]:
    """The addresses that get an update: the webhook's, or those of some that listen behind it."""
    if not api.listeners:
        return [url]
    return random.sample(api.listeners, min(len(api.listeners), random.choice((1, 1, 1, 2))))


async def _post(
    api: BotApi, client: ClientSession, update: dict[str, Any], hook: dict[str, Any], url: str
) -> bool:
    headers = {}
    if hook.get("secret_token"):
        headers["X-Telegram-Bot-Api-Secret-Token"] = hook["secret_token"]
    begun = time.monotonic()
    try:
        async with client.post(url, json=update, headers=headers) as response:
            status = response.status
    except (ClientError, TimeoutError):
        status = 0
    taken = 200 <= status < 300
    with api.lock:
        took = time.monotonic() - begun
        api.deliveries.append(Delivery(update["update_id"], begun, status, took))
        if taken and update in api.queue.pending:
            api.queue.pending.remove(update)
        api.changed.notify_all()
    return taken
