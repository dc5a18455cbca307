"""Has the figures of a process follow its desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.monitoring.archive_size import ArchiveSize
from bot.monitoring.metrics import Metrics
from retrieval.answers import EXTRACTIVE

if TYPE_CHECKING:
    from bot.wiring import Desk


def watch(desk: Desk, mode: str) -> Metrics:
    """Return figures that follow what a desk is asked, its archive and its model.

    `mode` is what the process is: "serve" or "telegram".
    """
    metrics = Metrics(mode, desk.engine)
    desk.observers.add(metrics)
    size = ArchiveSize(lambda: desk.catalog)
    metrics.gauge("newsdesk_archive_articles", "Articles of the archive.", size.articles)
    metrics.gauge("newsdesk_archive_passages", "Passages of the archive.", size.passages)
    if desk.engine != EXTRACTIVE:
        metrics.gauge(
            "newsdesk_model_failing",
            "1 while the model's service keeps failing and is left alone, else 0.",
            lambda: desk.breaker.is_open,
        )
    return metrics
