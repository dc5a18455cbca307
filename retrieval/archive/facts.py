"""Keeps named values beside the articles, such as the name of the index."""

from __future__ import annotations

import secrets

from retrieval.databases.database import Database
from retrieval.errors import ArchiveUnreadable

_ARCHIVE = "archive"
"""Name of the fact that tells the archive from others on one server."""

UNFINISHED_FACT = "unfinished copy of"
"""Name of the fact that an archive has until all of another was copied into it."""


class Facts:
    """The named values of an archive."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> str | None:
        """Return a value, or None."""
        value = self._database.one("SELECT value FROM facts WHERE name = ?", name)
        return None if value is None else str(value)

    def set(self, name: str, value: str) -> None:
        """Store a value, in the caller's transaction."""
        self._database.write(
            "INSERT INTO facts VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            name,
            value,
        )

    def require_whole(self) -> None:
        """Refuse an archive into which another was not copied to the end.

        Raises:
            ArchiveUnreadable: a copy was stopped.
        """
        if source := self.get(UNFINISHED_FACT):
            raise ArchiveUnreadable(
                f"The archive is an unfinished copy of {source}: run the same `newsdesk copy` "
                "again."
            )

    def archive_id(self) -> str:
        """Return what tells this archive from others on one server; it is made at the first call.

        A copy of the catalog is the same archive.
        """
        if (held := self.get(_ARCHIVE)) is None:
            with self._database.transaction():
                self._database.write(
                    "INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING",
                    *(_ARCHIVE, secrets.token_hex(8)),
                )
            held = self.get(_ARCHIVE)
        return str(held)
