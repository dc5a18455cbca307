"""The version of Newsdesk that runs."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def installed_version() -> str:
    """Return the installed version, such as "0.1.0", or "0+source" for a bare checkout."""
    try:
        return version("newsdesk")
    except PackageNotFoundError:
        return "0+source"
