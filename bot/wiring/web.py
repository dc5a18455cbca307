"""Builds what fetches from the web."""

from __future__ import annotations

from bot import proxies
from bot.settings import Settings
from bot.version import installed_version
from corpus.web.fetching import Fetcher, agent


def build_fetcher(settings: Settings) -> Fetcher:
    """Return what fetches from the web, slowly and nothing of private networks."""
    return Fetcher(
        agent=agent(installed_version(), settings.contact),
        hosts=settings.fetch_hosts,
        own=settings.robots_off,
        proxy=proxies.proxy_for,
    )
