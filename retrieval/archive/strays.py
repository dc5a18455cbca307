"""Keeps the record of stray vectors: those that may be in a collection without having a passage."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from retrieval.databases.database import Database


class Strays:
    """The recorded stray vectors of an archive. Writes in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, collection: str, passage_ids: Iterable[str], *, writer: str = "") -> None:
        """Record some of a collection.

        `writer` is who puts or deletes them now, where there are several (`Claims.name`).
        """
        self._database.write_many(
            "INSERT INTO stray_vectors VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(collection, passage_id, writer) for passage_id in passage_ids],
        )

    def writers(self) -> set[str]:
        """Return who recorded some."""
        return {row[0] for row in self._database.rows("SELECT DISTINCT writer FROM stray_vectors")}

    def by_collection(self, writers: Collection[str] | None = None) -> dict[str, list[str]]:
        """Return them as passage ids by collection.

        Of some writers, without those that another of them recorded too; or all.
        """
        sql = "SELECT collection, passage_id, writer FROM stray_vectors"
        others: set[tuple[str, str]] = set()
        found: dict[tuple[str, str], None] = {}
        for collection, passage_id, writer in self._database.rows(sql):
            is_theirs = writers is None or writer in writers
            found |= {(collection, passage_id): None} if is_theirs else {}
            others |= set() if is_theirs else {(collection, passage_id)}
        by_collection: dict[str, list[str]] = {}
        for collection, passage_id in found:
            if (collection, passage_id) not in others:
                by_collection.setdefault(collection, []).append(passage_id)
        return by_collection

    def forget(
        self, collection: str, passage_ids: Iterable[str], writers: Collection[str] = ("",)
    ) -> None:
        """Remove what some writers recorded: they have a passage now, or were deleted."""
        self._database.write_many(
            "DELETE FROM stray_vectors WHERE collection = ? AND passage_id = ? AND writer = ?",
            [(collection, i, writer) for i in passage_ids for writer in writers],
        )
