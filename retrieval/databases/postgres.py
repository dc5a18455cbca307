"""A store's tables in PostgreSQL, in a schema of their own."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from retrieval.databases.claims import PostgresClaims
from retrieval.databases.database import Schema, outdated
from retrieval.errors import ArchiveUnreachable, ArchiveUnreadable, SettingsError

if TYPE_CHECKING:
    import psycopg
    from psycopg_pool import ConnectionPool

_SECONDS = 10
"""How long a connection is waited for: a server that is started anew is back by then."""

_AT_ONCE = 8
"""The most connections of a store in one process."""

_DEAF = 30
"""Seconds after which one side takes the other for gone where the network lets nothing through."""

_IDLE = 60
"""Seconds that a process may pause in a transaction, for which others wait, before it is ended."""

_FULL = ("No space left", "could not write init file")
"""What a server says of a full disk, the second to who connects."""

_OLDEST = 150000
"""The oldest server that is supported, as it names its version: PostgreSQL 15."""

_LITERAL = re.compile(r"'(?:[^']|'')*'")


class PostgresDatabase:
    """The open tables of one store on a PostgreSQL server; see `Database`.

    Connections are made when they are needed and made anew when they were lost. What is written
    in a transaction changes a number that other processes watch (`version`).

    Args:
        url: the database's address, `postgresql://user:password@host:port/name`.
        schema: the tables, which are made or brought up to date if need be.
        seconds: how long a lost connection is waited for.
        session: settings of the sessions, as the server's command line takes them: `-c name=value`.
        only_read: make nothing, bring nothing up to date, and write nothing.

    Raises:
        NoTables: the database, which is only to be read, has none of these tables.
        SettingsError: the address cannot be understood.
        ArchiveUnreadable: the server cannot be reached, or the tables cannot be made.
    """

    engine: Literal["postgres"] = "postgres"

    def __init__(
        self,
        url: str,
        schema: Schema,
        seconds: float = _SECONDS,
        *,
        session: str = "",
        only_read: bool = False,
    ) -> None:
        self._url = url
        self._session = session
        self._schema = schema
        self._own = threading.local()  # the connection of a thread's transaction
        self._only_read = only_read
        self._options = self._connecting()
        self._migrate()
        self._pool = self._open(seconds)

    @property
    def name(self) -> str:
        """Return the server's address and the database's name, without user and password."""
        return server_name(self._url)

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement and return all its rows."""
        with self._cursor() as cursor:
            cursor.execute(*_translated(sql, values))
            return cursor.fetchall() if cursor.description else []

    def one(self, sql: str, *values: object) -> Any:
        """Run a statement and return the first column of its first row, or None."""
        rows = self.rows(sql, *values)
        return rows[0][0] if rows else None

    def write(self, sql: str, *values: object) -> int:
        """Run a statement and return how many rows it changed."""
        with self._cursor() as cursor:
            cursor.execute(*_translated(sql, values))
            return cursor.rowcount

    def write_many(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run a statement once for each row of values."""
        values = [tuple(map(_value, row)) for row in rows]
        if not values:
            return
        with self._cursor() as cursor:
            if len(values) == 1:  # a pipeline takes longer
                cursor.execute(_marked(sql), values[0])
            else:
                cursor.executemany(_marked(sql), values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all that is written inside the `with` block together, or nothing if it raises."""
        if getattr(self._own, "connection", None) is not None:
            yield
            return
        with self._explained(), self._pool.connection() as connection:
            self._own.connection = connection
            try:
                with connection.transaction():
                    # Held until the end: the next transaction of the store waits for it here.
                    connection.execute("UPDATE change SET number = number + 1")
                    yield
            finally:
                self._own.connection = None

    def claims(self) -> PostgresClaims:
        """Open claims, on a connection of their own."""
        import psycopg

        return PostgresClaims(
            lambda: psycopg.connect(self._url, **self._options), self._explained, self._schema.name
        )

    def version(self) -> int:
        """Return a number that changes with each transaction, of this process too."""
        return int(self.one("SELECT number FROM change"))

    def check(self) -> str | None:
        """Return None: the server looks after its files by itself."""
        return None

    @contextmanager
    def _cursor(self) -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
        """Give a cursor of the thread's transaction, or one whose statements stand alone."""
        with self._explained():
            own = getattr(self._own, "connection", None)
            if own is not None:
                with own.cursor() as cursor:
                    yield cursor
                return
            with self._pool.connection() as connection, connection.cursor() as cursor:
                yield cursor

    def _connecting(self) -> dict[str, Any]:
        """Return how connections are made."""
        import psycopg

        try:
            psycopg.conninfo.conninfo_to_dict(self._url)
        except psycopg.Error as error:
            raise SettingsError(
                "NEWSDESK_DATABASE_URL cannot be understood: it takes "
                "postgresql://user:password@host:port/database."
            ) from error
        settings = {
            "search_path": self._schema.name,
            "idle_in_transaction_session_timeout": f"{_IDLE}s",
            "tcp_keepalives_idle": _DEAF,
            "tcp_keepalives_interval": _DEAF // 3,
            "tcp_keepalives_count": 3,
            "tcp_user_timeout": f"{_DEAF}s",
            "default_transaction_read_only": "on" if self._only_read else "off",
        }
        return {
            "autocommit": True,
            # Values are put in by libpq here: the server guesses no types of them.
            "cursor_factory": psycopg.ClientCursor,
            "connect_timeout": _SECONDS,
            "application_name": f"newsdesk {self._schema.name}",
            "options": " ".join(
                [*(f"-c {name}={value}" for name, value in settings.items()), self._session]
            ),
            "keepalives_idle": _DEAF,
            "keepalives_interval": _DEAF // 3,
            "keepalives_count": 3,
            "tcp_user_timeout": _DEAF * 1000,
        }

    def _open(self, seconds: float) -> ConnectionPool[psycopg.Connection[tuple[Any, ...]]]:
        from psycopg_pool import ConnectionPool

        # It warns of each try to connect; whoever waits for a connection is told in a line.
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        return ConnectionPool(
            self._url,
            kwargs=self._options,
            min_size=0,
            max_size=_AT_ONCE,
            timeout=seconds,
            reconnect_timeout=seconds,
            check=ConnectionPool.check_connection,
            open=True,
        )

    def _migrate(self) -> None:
        """Bring the tables to the present schema, in one transaction."""
        import psycopg

        schema = self._schema
        with self._explained(), psycopg.connect(self._url, **self._options) as connection:
            if connection.info.server_version < _OLDEST:
                raise ArchiveUnreadable(
                    f"The database {self.name} is PostgreSQL "
                    f"{connection.info.server_version // 10000}: Newsdesk needs 15 or newer."
                )
            version = _stored_version(connection, schema.name)
            if version == len(schema.postgres):
                return
            if self._only_read and version < len(schema.postgres):
                raise outdated(self.name, version)
            with connection.transaction():
                connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (schema.name,))
                version = _stored_version(connection, schema.name)
                if version > len(schema.postgres):
                    raise ArchiveUnreadable(
                        f"The database {self.name} was written by a newer Newsdesk: upgrade, or "
                        "use another database."
                    )
                if not version:
                    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema.name}".encode())
                    connection.execute(
                        "CREATE TABLE change (number BIGINT NOT NULL, version INTEGER NOT NULL)"
                    )
                    connection.execute("INSERT INTO change VALUES (0, 0)")
                for statements in schema.postgres[version:]:
                    for statement in statements:
                        connection.execute(statement.encode())
                connection.execute("UPDATE change SET version = %s", (len(schema.postgres),))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn the driver's errors into an ArchiveUnreadable that says what to do."""
        import psycopg
        from psycopg_pool import PoolClosed, PoolTimeout

        try:
            yield
        except PoolClosed as error:
            raise ArchiveUnreadable(f"The database {self.name} has been closed.") from error
        except PoolTimeout as error:
            raise ArchiveUnreachable(self._why_unreachable()) from error
        except psycopg.Error as error:
            kind = ArchiveUnreachable if _is_lost(error) else ArchiveUnreadable
            raise kind(_explain(self.name, error)) from error

    def _why_unreachable(self) -> str:
        """Try to connect once more, since the pool does not say why it could not."""
        import psycopg

        try:
            with psycopg.connect(self._url, connect_timeout=_SECONDS):
                return f"The database {self.name} is busy: try again."
        except psycopg.Error as error:
            return _explain(self.name, error)


def _is_lost(error: psycopg.Error) -> bool:
    """Return whether a connection was lost or refused, or ended with its server.

    What is wrong with the address, a password or the disk stays wrong.
    """
    import psycopg

    state = error.sqlstate or ""
    if isinstance(error, psycopg.OperationalError) and not state:
        return "authentication failed" not in str(error) and "does not exist" not in str(error)
    return state.startswith(("08", "57P")) or state in ("25P03", "40P01")


def server_name(url: str) -> str:
    """Return a server's address and the database's name, without user and password."""
    parts = urlsplit(url)
    return f"{parts.netloc.rpartition('@')[2] or 'localhost'}{parts.path}"


def _stored_version(connection: psycopg.Connection[Any], schema: str) -> int:
    """Return the version of a schema's tables, 0 if there are none."""
    # Not `to_regclass`, which may not know yet what another connection has just made.
    made = "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = %s AND tablename = 'change'"
    if not connection.execute(made, (schema,)).fetchall():
        return 0
    [[version]] = connection.execute("SELECT version FROM change").fetchall()
    return int(version)


def _translated(sql: str, values: Sequence[object]) -> tuple[bytes, tuple[object, ...] | None]:
    return (_marked(sql), tuple(map(_value, values))) if values else (sql.encode(), None)


def _marked(sql: str) -> bytes:
    """Return SQL with the driver's marks for values: `%s`. Literals have no question mark."""
    return sql.replace("%", "%%").replace("?", "%s").encode()


def _value(value: object) -> object:
    """Return a value as the tables have it: a flag is a number there, as in SQLite."""
    return int(value) if isinstance(value, bool) else value


def _explain(name: str, error: psycopg.Error) -> str:
    """Say what went wrong in a line, and what to do. Nothing of it has a password."""
    import psycopg

    told = " ".join((error.diag.message_primary or str(error)).split())
    told = re.sub(r"^connection failed: (connection to server at .*? failed: )?", "", told)[:200]
    if isinstance(error, psycopg.errors.DiskFull) or any(words in told for words in _FULL):
        return f"The disk of the database {name} is full: free some space there and try again."
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return (
            f"The database {name} allows too little ({told}): make the user that "
            "NEWSDESK_DATABASE_URL names the owner of the database."
        )
    if isinstance(error, psycopg.errors.ReadOnlySqlTransaction):
        return f"The database {name} cannot be written ({told}): is it a standby?"
    if isinstance(error, psycopg.OperationalError):
        return (
            f"The database {name} cannot be reached ({told}): is it running, and is "
            "NEWSDESK_DATABASE_URL right?"
        )
    return f"The database {name} cannot be used ({told})."
