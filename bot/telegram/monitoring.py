"""Shows whether the bot is well, and what it has done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from telegram.ext import ExtBot

from bot.monitoring.access import Readers
from bot.monitoring.metrics import Metrics
from bot.monitoring.monitor import Monitor
from bot.monitoring.readiness import Readiness
from bot.telegram.service import Service
from bot.telegram.transport.reach import reach_of

if TYPE_CHECKING:
    from bot.wiring import Desk

UPDATES = ("newsdesk_updates", "Updates of Telegram by what became of them.", "outcome")


def monitor_of(desk: Desk, bot: ExtBot[Any], service: Service, metrics: Metrics) -> Monitor:
    """Return what shows the state of a bot; it needs Telegram beside the archive."""
    depth = "newsdesk_queue_depth", "What is worked on or waits."
    metrics.gauge(*depth, lambda: service.depth("answers"), queue="answers")
    metrics.gauge(*depth, lambda: service.depth("commands"), queue="commands")
    metrics.gauge(
        "newsdesk_journal_oldest_open_seconds",
        "Since when the update waits that has waited longest, of all processes of the bot.",
        service.oldest_wait,
    )
    reach = reach_of(bot)
    metrics.gauge(
        "newsdesk_telegram_reached",
        "1 if the Bot API answered when it was last asked, else 0.",
        lambda: reach.is_reached,
    )
    metrics.gauge(
        "newsdesk_bot_leads",
        "1 in the process that fetches updates and sends news, 0 in others of the same bot.",
        lambda: service.role != "standby",
    )
    service.count = metrics.count(*UPDATES)
    readiness = Readiness(desk, lambda: reach.is_reached)
    return Monitor(metrics, readiness, Readers(desk.settings.metrics_token))
