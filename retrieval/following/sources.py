"""Keeps what is followed, and what it named, in the catalog's file: a copy of that is whole."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from corpus.article import Article
from corpus.entries import Entry, entry_of
from corpus.web.addresses import same_article, same_site
from retrieval.archive.lookups import look_up
from retrieval.archive.texts import text_digest
from retrieval.databases.database import Database
from retrieval.following.records import Counts, Followed, Miss, Named, host_key, named_of


class Sources:
    """The followed addresses of an archive, and the articles that they named.

    Raises:
        ArchiveUnreadable: from any method, when the file cannot be used.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def followed(self) -> list[Followed]:
        """Return all that is followed, by address."""
        rows = self._database.rows(f"SELECT {_FOLLOWED} FROM followed ORDER BY address")
        return [Followed(*row) for row in rows]

    def find(self, address: str) -> Followed | None:
        """Return what is followed at an address, in whatever form that is given."""
        key = same_article(address)
        return next((f for f in self.followed() if same_article(f.address) == key), None)

    def follow(self, followed: Followed) -> None:
        """Store a followed address, or what has changed of it."""
        with self._database.transaction():
            self._put(followed)

    def _put(self, followed: Followed) -> None:
        values = [getattr(followed, name) for name in Followed.__slots__]
        marks = ",".join("?" * len(values))
        others = ", ".join(f"{name} = excluded.{name}" for name in Followed.__slots__[1:])
        self._database.write(
            f"INSERT INTO followed ({_FOLLOWED}) VALUES ({marks}) "
            f"ON CONFLICT (address) DO UPDATE SET {others}",
            *values,
        )

    def unfollow(self, address: str) -> None:
        """Forget a followed address and what it named; stored articles stay, and marks of gone.

        The others are read again whole: they may name the same articles.
        """
        with self._database.transaction():
            self._database.write("DELETE FROM followed WHERE address = ?", address)
            self._database.write_many(
                "DELETE FROM named WHERE followed = ? AND gone IS NULL", [(address,)]
            )
            self._database.write(
                "UPDATE followed SET etag = '', modified = ''",
            )

    def note(self, followed: Followed, entries: Sequence[Entry], now: float, old: str = "") -> None:
        """Store what a fetch of a followed address gave, and the articles that are new or changed.

        Once this is done nothing of it is lost: what is not fetched yet is due.

        Args:
            followed: the address as it is from now on.
            entries: what it names.
            now: the time.
            old: its address until now, if that changed.
        """
        named = {same_article(entry.address): entry for entry in entries}
        known = self._digests(list(named))
        with self._database.transaction():
            if old and old != followed.address:
                self._database.write("DELETE FROM followed WHERE address = ?", old)
                self._database.write_many(
                    "UPDATE named SET followed = ? WHERE followed = ?", [(followed.address, old)]
                )
            self._put(followed)
            for key, entry in named.items():
                if key in known:
                    self._renew(followed.address, key, entry, now, known[key])
                elif not self._move(followed.address, key, entry, now, named):
                    self._add(followed.address, key, entry, now)

    def _add(self, followed: str, key: str, entry: Entry, now: float) -> None:
        host = host_key(entry.address)
        self._database.write_many(
            "INSERT INTO named (key, followed, host, guid, entry, digest, found, due) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [(key, followed, host, entry.guid, entry.as_json(), entry.digest, now, now)],
        )

    def _renew(
        self, followed: str, key: str, entry: Entry, now: float, known: tuple[str, str]
    ) -> None:
        """Have an article fetched again of which the feed that speaks for it says new things.

        That is the one that named it first, but one of the article's own site comes before all.
        """
        first = known[0]
        is_heard = followed == first or (
            same_site(entry.address, followed) and not same_site(entry.address, first)
        )
        if is_heard and (followed, entry.digest) != known:
            self._database.write_many(
                "UPDATE named SET followed = ?, guid = ?, entry = ?, digest = ?, due = ? "
                "WHERE key = ?",
                [(followed, entry.guid, entry.as_json(), entry.digest, now, key)],
            )

    def _move(
        self, followed: str, key: str, entry: Entry, now: float, named: Collection[str]
    ) -> bool:
        """Note that an article has another address now, if the feed says so by its own mark."""
        sql = "SELECT key FROM named WHERE followed = ? AND guid = ? AND guid <> ''"
        olds = [row[0] for row in self._database.rows(sql, followed, entry.guid)]
        if len(olds) != 1 or olds[0] in named:
            return False
        self._database.write_many(
            "UPDATE named SET key = ?, host = ?, entry = ?, digest = ?, etag = '', modified = '', "
            "due = ? WHERE key = ?",
            [(key, host_key(entry.address), entry.as_json(), entry.digest, now, olds[0])],
        )
        return True

    def _digests(self, keys: Sequence[str]) -> dict[str, tuple[str, str]]:
        sql = "SELECT key, followed, digest FROM named WHERE key IN (?)"
        rows = look_up(self._database, sql, keys)
        return {key: (followed, digest) for key, followed, digest in rows}

    def keep_away(self, articles: Collection[Article]) -> None:
        """Have articles that a person takes out come in no more by what is followed.

        Not under any address by which they are known, nor with the same text under another, until
        they are stored again.
        """
        with self._database.transaction():
            for article in articles:
                self._database.write(
                    "INSERT INTO removed SELECT key, article_id FROM places WHERE article_id = ? "
                    "UNION SELECT n.key, a.id FROM named n JOIN articles a ON a.uri = n.uri "
                    f"WHERE a.id = ? {_OF_ANOTHER.format('key')}",
                    *(article.id, article.id),
                )
                self._database.write(
                    "INSERT INTO removed_texts SELECT t.digest, a.title, a.id "
                    "FROM texts t JOIN articles a ON a.id = t.article_id WHERE a.id = ? UNION "
                    "SELECT t.digest, d.title, t.article_id FROM texts t "
                    "JOIN addresses d ON d.article_id = t.article_id WHERE t.article_id = ? "
                    f"{_OF_ANOTHER.format('digest, title')}",
                    *(article.id, article.id),
                )
                self._database.write_many(  # there may be something else later
                    "UPDATE named SET uri = '', excerpt = 0 "
                    "WHERE uri IN (SELECT uri FROM addresses WHERE article_id = ?)",
                    [(article.id,)],
                )

    def kept_away(self, addresses: Collection[str]) -> set[str]:
        """Return those of some addresses whose article a person took out."""
        keys = {address: same_article(address) for address in addresses}
        sql = (
            "SELECT key FROM removed WHERE key IN (?) "
            "AND article_id NOT IN (SELECT id FROM articles) "
            "AND key NOT IN (SELECT key FROM places)"
        )
        found = {row[0] for row in look_up(self._database, sql, keys.values())}
        return {address for address, key in keys.items() if key in found}

    def is_kept_away(self, article: Article) -> bool:
        """Return whether a person took out an article with the text of this one."""
        sql = (
            "SELECT count(*) FROM removed_texts WHERE digest = ? AND title = ? "
            "AND article_id NOT IN (SELECT id FROM articles) "
            "AND digest NOT IN (SELECT digest FROM texts)"
        )
        return bool(self._database.one(sql, text_digest(article.body), article.title))

    def welcome_back(self, error: str, now: float) -> None:
        """Have those looked at again that were left out with an error, and are stored since."""
        with self._database.transaction():
            self._database.write_many(
                "UPDATE named SET due = ?, error = '' WHERE error = ? AND key IN ("
                "SELECT key FROM removed WHERE article_id IN (SELECT id FROM articles) "
                "UNION SELECT key FROM places)",
                [(now, error)],
            )

    def due(
        self, until: float, most: int, followed: Collection[str] = (), hosts: Collection[str] = ()
    ) -> list[Named]:
        """Return the articles that are due by a time, new ones first; `most` of a host.

        Args:
            until: the time.
            most: how many of a host.
            followed: of these addresses alone, if any are given.
            hosts: of none of these.
        """
        among = f"AND followed IN ({','.join('?' * len(followed))})" if followed else ""
        without = f"AND host NOT IN ({','.join('?' * len(hosts))})" if hosts else ""
        rows = self._database.rows(
            f"SELECT {_NAMED} FROM (SELECT *, row_number() OVER (PARTITION BY host "
            "ORDER BY uri <> '', due, number) AS place FROM named "
            f"WHERE due <= ? {among} {without}) waiting WHERE place <= ?",
            until,
            *followed,
            *hosts,
            most,
        )
        return [named_of(row) for row in rows]

    def count_due(self, until: float, followed: Collection[str] = ()) -> int:
        """Return how many articles are due by a time, of all or of some followed addresses."""
        marks = ",".join("?" * len(followed))
        among = f"AND followed IN ({marks})" if followed else ""
        sql = f"SELECT count(*) FROM named WHERE due <= ? {among}"
        return int(self._database.one(sql, until, *followed))

    def next_due(self) -> float | None:
        """Return when the next address is due, or None where nothing is followed."""
        found = self._database.one(
            "SELECT min(due) FROM (SELECT due FROM followed UNION ALL SELECT due FROM named) d"
        )
        return None if found is None else float(found)

    def settle(self, named: Sequence[Named], new: Mapping[str, int]) -> None:
        """Store what came of some articles, and how many more are new of each followed address."""
        with self._database.transaction():
            self._database.write_many(
                "UPDATE named SET entry = ?, uri = ?, excerpt = ?, etag = ?, modified = ?, due = ?,"
                " failures = ?, error = ?, misses = ?, missed = ?, gone = ? "
                "WHERE key = ? AND digest = ?",
                [
                    (
                        *(n.entry.as_json(), n.uri, n.excerpt, n.etag, n.modified, n.due),
                        *(n.failures, n.error, n.misses, n.missed, n.gone, n.key, n.digest),
                    )
                    for n in named
                ],
            )
            self._database.write_many(
                "UPDATE followed SET new = new + ? WHERE address = ?",
                [(count, address) for address, count in new.items()],
            )

    def hasten(self, followed: Collection[str], now: float) -> None:
        """Have followed addresses fetched now, and of what they named all that is still checked.

        What is only as the feed has it is tried again too, however old it is.
        """
        with self._database.transaction():
            self._database.write_many(
                "UPDATE followed SET due = ? WHERE address = ? AND due > ?",
                [(now, address, now) for address in followed],
            )
            self._database.write_many(
                "UPDATE named SET due = ? WHERE followed = ? "
                "AND (due > ? OR due IS NULL AND excerpt <> 0 AND gone IS NULL)",
                [(now, address, now) for address in followed],
            )

    def counts(self, address: str) -> Counts:
        """Return how many articles a followed address named, and what came of them."""
        row = self._database.rows(
            f"SELECT count(*), count(*) FILTER (WHERE uri <> '' AND NOT {_EXCERPT}), "
            f"count(*) FILTER (WHERE {_EXCERPT}), "
            "count(*) FILTER (WHERE uri = '' AND error = ''), "
            "count(*) FILTER (WHERE uri = '' AND error <> '') FROM named WHERE followed = ?",
            address,
        )[0]
        return Counts(*map(int, row))

    def reasons(self, address: str, *, excerpt: bool) -> dict[str, int]:
        """Return why articles that a followed address named could not be had, commonest first.

        Args:
            address: the followed address.
            excerpt: of those that are stored as the feed has them, or of those that are not stored.
        """
        sql = f"SELECT error, count(*) {_MISSED} AND excerpt = ? GROUP BY error ORDER BY 2 DESC, 1"
        return dict(self._database.rows(sql, address, excerpt))

    def missed(self, address: str, most: int) -> list[Miss]:
        """Return articles that a followed address named and that could not be had, newest first."""
        sql = f"SELECT entry, error, excerpt {_MISSED} ORDER BY found DESC, number LIMIT ?"
        return [
            Miss(entry.address, entry.title, error, bool(excerpt))
            for entry, error, excerpt in (
                (entry_of(row[0]), row[1], row[2])
                for row in self._database.rows(sql, address, most)
            )
        ]

    def gone(self, uris: Collection[str] | None = None) -> dict[str, float]:
        """Return since when articles, all or of some URIs, are gone from the web, by URI."""
        if uris is None:
            return dict(self._database.rows(f"{_GONE} GROUP BY uri"))
        return dict(look_up(self._database, f"{_GONE} AND uri IN (?) GROUP BY uri", uris))


_OF_ANOTHER = "ON CONFLICT ({}) DO UPDATE SET article_id = excluded.article_id"
"""What a row says that was another article's until now."""
_FOLLOWED = ", ".join(Followed.__slots__)
_NAMED = ", ".join(Named.__slots__)
_EXCERPT = (
    "(excerpt <> 0 AND uri IN (SELECT a.uri FROM details d JOIN articles a ON a.id = d.article_id "
    "WHERE d.excerpt <> 0))"
)
"""Of some there is a file with the text by now."""
_MISSED = f"FROM named WHERE followed = ? AND error <> '' AND (uri = '' OR {_EXCERPT})"
_GONE = "SELECT uri, max(gone) FROM named WHERE gone IS NOT NULL"
