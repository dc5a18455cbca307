"""Says which addresses may be asked at all: those of the public web.

An address in a feed or a redirect is a stranger's. It must not make this machine ask itself, its
network, or the metadata service of its cloud (SSRF: CWE-918).
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Collection, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx2

from corpus.cleaning import clean_line
from corpus.errors import NotFetched

Resolve = Callable[[str, int], Sequence[str]]
"""Looks a host up for a port: its addresses as text. Raises OSError where it has none."""

_LONGEST = 4_000
_PORTS = (80, 443)
_HOST = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"(.*\.)?(\d+|0x[0-9a-f]*)")
"""A host whose last label is a number: an IPv4 address, or one spelt to look like none
(https://url.spec.whatwg.org/#ends-in-a-number-checker)."""

_PRIVATE_NAME = re.compile(r"[^.]+|(.+\.)?(localhost|local|internal|home\.arpa)")
"""Names of machines and networks, which a proxy may know if this machine does not (RFC 6761, 6762,
8375)."""

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_GLOBAL_V6 = IPv6Network("2000::/3")
_SPECIAL: Sequence[IPv4Network | IPv6Network] = (
    IPv4Network("100.64.0.0/10"),  # shared by customers of a provider
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv6Network("2001::/23"),  # Teredo and other tunnels
    IPv6Network("2001:db8::/32"),
    IPv6Network("2002::/16"),  # 6to4: a tunnel to the IPv4 address in it
    IPv6Network("3fff::/20"),
)
"""Special addresses that not every Python calls so (IANA's special-purpose registries)."""


def look_up(host: str, port: int) -> list[str]:
    """Look a host up as this machine does, which takes as long as the system lets it.

    Raises:
        OSError: it has no address.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: str) -> bool:
    """Return whether an IP address is one of the public internet that a site can have."""
    try:
        ip: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    if "%" in address:  # of one of this machine's interfaces
        return False
    if isinstance(ip, IPv6Address):
        if ip in _NAT64:
            ip = IPv4Address(ip.packed[-4:])
        elif ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        elif ip not in _GLOBAL_V6:
            return False
    special = any(ip in network for network in _SPECIAL if network.version == ip.version)
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or special)


class Guard:
    """Lets addresses of the public web pass, and of other hosts those that were `allowed`.

    Args:
        allowed: hosts, or host:port, whose addresses and ports are not checked.
        resolve: what looks hosts up.
    """

    def __init__(self, allowed: Collection[str] = (), resolve: Resolve = look_up) -> None:
        self._allowed = frozenset(allowed)
        self._resolve = resolve

    def parsed(self, address: str) -> httpx2.URL:
        """Return an address in parts, without fragment, if it may be asked as far as it shows.

        Raises:
            NotFetched: it is not one of the web, or its host is a forbidden address.
        """
        if len(address) > _LONGEST:
            raise _refused(f"an address of more than {_LONGEST:,} characters is not fetched")
        try:
            url = httpx2.URL(address)
            host = url.raw_host.decode("ascii").removesuffix(".")
        except (httpx2.InvalidURL, ValueError):
            raise _refused("this is no address of the web") from None
        if url.scheme not in ("http", "https"):
            raise _refused("only addresses with http:// and https:// are fetched")
        if url.userinfo or "@" in url.netloc.decode("ascii"):
            raise _refused("an address with a name or password in it is not fetched")
        self._check(host, _port(url))
        return url.copy_with(host=host, fragment=None)

    def _check(self, host: str, port: int) -> None:
        if self._is_allowed(host, port):
            return
        is_ip = ":" in host or bool(_NUMBER.fullmatch(host))
        if not is_ip and not _HOST.fullmatch(host):
            raise _refused("the host in this address is none")
        if not is_ip and "." not in host and not self._known(host, port):
            raise _refused(f"{host} is no address of the web, and no host that this machine knows")
        if not is_public(host) if is_ip else _PRIVATE_NAME.fullmatch(host):
            raise _not_public(host, host)
        if port not in _PORTS:
            raise _refused(f"port {port} is not one of web pages; {_allow(_netloc(host, port))}")

    def checked(self, host: str, port: int) -> list[str]:
        """Return the IP addresses of a host, to connect to these and to no others.

        Raises:
            NotFetched: it has none, or one of them is not public.
        """
        found = self._known(host, port)
        if not found:
            raise NotFetched(f"{host} is not known: its name has no address")
        return found

    def check_if_known(self, url: httpx2.URL) -> None:
        """Check a host that a proxy will look up; this machine may not be able to.

        Raises:
            NotFetched: one of the addresses that this machine knows for it is not public.
        """
        self._known(url.raw_host.decode("ascii"), _port(url))

    def _known(self, host: str, port: int) -> list[str]:
        try:
            found = list(self._resolve(host, port))
        except (OSError, UnicodeError):
            return []
        if not self._is_allowed(host, port):
            for address in found:
                if not is_public(address):
                    raise _not_public(host, address)
        return found

    def _is_allowed(self, host: str, port: int) -> bool:
        return not self._allowed.isdisjoint((_netloc(host), _netloc(host, port)))


def _port(url: httpx2.URL) -> int:
    if url.port is not None:
        return url.port
    return 443 if url.scheme == "https" else 80


def _netloc(host: str, port: int | None = None) -> str:
    """Return host, or host:port, as NEWSDESK_FETCH_HOSTS has it."""
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if port is None else f"{bracketed}:{port}"


def _not_public(host: str, address: str) -> NotFetched:
    host = host[:100]
    of = "" if host == address[:100] else f" has the address {clean_line(address)[:60]}, which"
    return _refused(f"{host}{of} is not of the public web; {_allow(_netloc(host))}")


def _allow(named: str) -> str:
    return f"if it is yours, add {named} to NEWSDESK_FETCH_HOSTS"


def _refused(message: str) -> NotFetched:
    return NotFetched(message, "refused")
