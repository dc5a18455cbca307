"""Obeys robots.txt (RFC 9309), which Protego reads."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from threading import Lock

import httpx2
from protego import Protego

from corpus.errors import NotFetched
from corpus.web.few import Few

LONGEST = 500 << 10
"""Bytes of a robots.txt that are read; the rest is passed over (RFC 9309, 2.5)."""

_KEPT = 4 * 3600.0
_KEPT_FAULT = 600.0
_LONGEST_DELAY = 30.0
"""Seconds between two requests that a site can ask for; with more, few articles would come."""


@dataclass
class _Rules:
    lock: Lock = field(default_factory=Lock)
    until: float = float("-inf")
    rules: Protego | None = None
    fault: NotFetched | None = None


class Robots:
    """What sites want robots to leave alone.

    Args:
        read: fetches an address of a robots.txt; it returns None where there is none, and raises
            NotFetched where that cannot be known.
        token: our name as sites may call us: "Newsdesk".
        ignored: hosts, or host:port, whose robots.txt is not asked for: one's own.
        clock: tells the time in seconds.
    """

    def __init__(
        self,
        read: Callable[[str], str | None],
        token: str,
        ignored: Collection[str],
        clock: Callable[[], float],
    ) -> None:
        self._read = read
        self._token = token
        self._ignored = frozenset(ignored)
        self._clock = clock
        self._sites: Few[_Rules] = Few(_Rules, 1_000)

    def delay(self, url: httpx2.URL) -> float:
        """Return the seconds between requests that a site asks for, if it lets an address be asked.

        Raises:
            NotFetched: it does not, or its robots.txt cannot be had now.
        """
        if not self._ignored.isdisjoint((url.raw_host.decode("ascii"), url.netloc.decode("ascii"))):
            return 0.0
        rules = self._rules(url)
        if rules is None:
            return 0.0
        if not rules.can_fetch(str(url), self._token):
            raise NotFetched("the site's robots.txt asks not to fetch it", "robots")
        return min(rules.crawl_delay(self._token) or 0.0, _LONGEST_DELAY)

    def _rules(self, url: httpx2.URL) -> Protego | None:
        place = str(url.copy_with(raw_path=b"/robots.txt"))
        site = self._sites.of(place)
        with site.lock:
            if site.until <= self._clock():
                self._refresh(site, place)
            if fault := site.fault:
                raise NotFetched(
                    f"the site's robots.txt cannot be had: {fault}", fault.kind, fault.retry_after
                )
            return site.rules

    def _refresh(self, site: _Rules, place: str) -> None:
        try:
            text = self._read(place)
        except NotFetched as error:
            site.fault = error.with_traceback(None)
            site.until = self._clock() + min(_KEPT_FAULT, error.retry_after or _KEPT_FAULT)
        else:
            site.rules, site.fault = Protego.parse(text) if text else None, None
            site.until = self._clock() + _KEPT
