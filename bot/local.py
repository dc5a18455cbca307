"""Tells whether a host is this machine."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

OWN_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
"""The names by which this machine calls itself, as a request's `Host` has them."""


def is_loopback(host: str) -> bool:
    """Return whether what listens at a host can only be reached from this machine."""
    try:
        address = ip_address(host)
    except ValueError:
        return host.lower() == "localhost"
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
