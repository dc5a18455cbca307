"""Fetches what lies at an address of the web, with good manners and none of its traps."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from threading import Event

import httpx2

from corpus.errors import NotFetched
from corpus.web.guard import Guard, Resolve, look_up
from corpus.web.pacing import Pace
from corpus.web.robots import LONGEST, Robots
from corpus.web.sending import Reply, Sender
from corpus.web.statuses import require_success

_REDIRECTS = (301, 302, 303, 307, 308)
_PERMANENT = (301, 308)
_MOST_REDIRECTS = 5
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)


def agent(version: str = "", contact: str = "") -> str:
    """Return what sites are told of who asks, and whom they may turn to if it is known."""
    name = f"Newsdesk/{version}" if version else "Newsdesk"
    return f"{name} (+{contact})" if contact else f"{name} (reads news for a private archive)"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched.

    Args:
        address: where it was found in the end, after redirects.
        data: its bytes, unpacked.
        media_type: its kind in lower case, such as "text/html"; empty if the server said none.
        charset: the encoding that the server named; empty if none.
        etag: what to give `fetch` the next time, to get only what has changed.
        modified: the same, of servers that tell a date.
        permanent: where permanent redirects alone led: the address to keep from now on.
        unchanged: it is what it was: `data` is empty.
    """

    address: str
    data: bytes
    media_type: str
    charset: str
    etag: str = ""
    modified: str = ""
    permanent: str = ""
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    url: httpx2.URL
    reply: Reply
    permanent: str


class Fetcher:
    """Fetches addresses; threads may share one. A host is asked one thing at a time.

    Args:
        agent: who asks; its first word is the name that robots.txt is searched for.
        hosts: hosts, or host:port, that may be asked although they are not of the public web.
        own: hosts, or host:port, whose robots.txt is not asked for.
        resolve: what looks hosts up.
        proxy: returns the proxy to use for an address, or an empty text.
        tls: what verifies servers' certificates; the usual authorities if not given.
        delay: seconds between two requests to a host.
        seconds: how long a request may take in all.
        clock, sleep: tell the time, and wait, in seconds.
    """

    def __init__(
        self,
        *,
        agent: str = agent(),
        hosts: Collection[str] = (),
        own: Collection[str] = (),
        resolve: Resolve = look_up,
        proxy: Callable[[str], str] = lambda _: "",
        tls: ssl.SSLContext | None = None,
        delay: float = 1.0,
        seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._closed = Event()
        self._guard = Guard(hosts, resolve)
        trusted = tls or httpx2.create_ssl_context()
        self._sender = Sender(self._guard, agent, proxy, trusted, seconds, clock)
        self._pace = Pace(delay, clock, sleep or self._closed.wait)
        self._robots = Robots(self._read_robots, re.split(r"[/\s]", agent)[0], own, clock)

    def close(self) -> None:
        """End pauses, and ask for nothing more. Requests under way have their own end."""
        self._closed.set()

    def fetch(
        self,
        address: str,
        *,
        etag: str = "",
        modified: str = "",
        limit: int = 10 << 20,
        robots: bool = True,
    ) -> Fetched:
        """Fetch an address, or learn that what it holds is as it was.

        Args:
            address: an http or https address.
            etag, modified: those of the last time. They are of what was found in the end, so they
                are shown wherever the address redirects to.
            limit: the most bytes, also unpacked.
            robots: obey robots.txt.

        Raises:
            NotFetched: it could not be had; `kind` says whether to try again.
        """
        headers = {"If-None-Match": etag, "If-Modified-Since": modified}
        asked = {name: value for name, value in headers.items() if _is_plain(value)}
        found = self._follow(address, asked, limit, robots=robots)
        reply, known = found.reply, found.reply.headers
        if reply.status == 304 and asked:
            etag, modified = known.get("etag", etag), known.get("last-modified", modified)
            return Fetched(
                str(found.url), b"", "", "", etag, modified, found.permanent, unchanged=True
            )
        self._require(found)
        kind = known.get("content-type", "")
        charset = _CHARSET.search(kind)
        return Fetched(
            address=str(found.url),
            data=reply.data,
            media_type=kind.partition(";")[0].strip().lower(),
            charset=charset[1].lower() if charset else "",
            etag=known.get("etag", ""),
            modified=known.get("last-modified", ""),
            permanent=found.permanent,
        )

    def _follow(
        self, address: str, headers: dict[str, str], limit: int, *, robots: bool, cut: bool = False
    ) -> _Found:
        """Ask for an address, and for those that it redirects to."""
        url = self._guard.parsed(address)
        trail = [str(url)]
        permanent, only_permanent = "", True
        while True:
            delay = self._robots.delay(url) if robots else 0.0
            with self._pace.turn(url.host, delay):
                if self._closed.is_set():
                    raise NotFetched("fetching was ended before it was its turn")
                reply = self._sender.ask(url, headers, limit, cut=cut)
            if reply.status not in _REDIRECTS or "location" not in reply.headers:
                return _Found(url, reply, permanent)
            url = self._guard.parsed(_joined(url, reply.headers["location"]))
            if str(url) in trail:
                raise NotFetched("its redirects go in a circle")
            if len(trail) > _MOST_REDIRECTS:
                raise NotFetched(f"it redirects more than {_MOST_REDIRECTS} times")
            trail.append(str(url))
            only_permanent = only_permanent and reply.status in _PERMANENT
            permanent = str(url) if only_permanent else permanent

    def _require(self, found: _Found) -> None:
        """Raise NotFetched unless a reply is what was asked for, and heed Retry-After."""
        try:
            require_success(found.reply)
        except NotFetched as error:
            if error.retry_after:
                self._pace.leave(found.url.host, error.retry_after)
            raise

    def _read_robots(self, address: str) -> str | None:
        """Return a robots.txt, or None where a site has none (RFC 9309, 2.3.1)."""
        found = self._follow(address, {}, LONGEST, robots=False, cut=True)
        if 400 <= found.reply.status < 500 and found.reply.status != 429:
            return None
        self._require(found)
        return found.reply.data.decode("utf-8-sig", "replace")


def _joined(url: httpx2.URL, location: str) -> str:
    try:
        return str(url.join(location))
    except (httpx2.InvalidURL, ValueError):
        raise NotFetched("it redirects to what is no address", "refused") from None


def _is_plain(value: str) -> bool:
    """Return whether a header can have a value."""
    return bool(value) and value.isascii() and value.isprintable() and len(value) <= 1_000
