"""Deliveries to the webhook."""

from __future__ import annotations

import asyncio
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
    """Sends pending updates to the webhook, one after another, until each is taken."""
    async with ClientSession(timeout=ClientTimeout(10)) as client:
        while True:
            with api.lock:
                batch = api.queue.take(1) if api.webhook else []
            if not batch:
                await asyncio.sleep(0.02)
                continue
            if not await _post(api, client, batch[0]):
                await asyncio.sleep(0.3)


async def _post(api: BotApi, client: ClientSession, update: dict[str, Any]) -> bool:
    hook = api.webhook
    assert hook is not None
    headers = {}
    if hook.get("secret_token"):
        headers["X-Telegram-Bot-Api-Secret-Token"] = hook["secret_token"]
    begun = time.monotonic()
    try:
        async with client.post(hook["url"], json=update, headers=headers) as response:
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
