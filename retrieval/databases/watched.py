"""A connection to a PostgreSQL server that does not wait for one which has fallen silent.

The network's own means (`tcp_user_timeout`, keepalives) notice a machine that is gone. They do not
notice a server that stands still: its machine goes on answering for it.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any

import psycopg

SILENT = 5
"""Seconds without a word from the server after which it is tried whether it answers anybody."""


class WatchedConnection(psycopg.Connection[tuple[Any, ...]]):
    """Waits for an answer as long as the server lets others connect meanwhile.

    A statement may so take as long as it likes.

    Raises:
        psycopg.OperationalError: from any method, when it does not; the connection is closed then.
    """

    def wait(self, gen: Generator[Any, Any, Any], *arguments: Any, **named: Any) -> Any:
        """Do what every method of a connection does while it waits; see the driver's own."""
        return super().wait(self._watched(gen), *arguments, **named)

    def _watched(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        heard = time.monotonic()
        try:
            ready = yield next(gen)
            while True:
                if ready:
                    heard = time.monotonic()
                elif time.monotonic() - heard > SILENT:
                    self._require_life()
                    heard = time.monotonic()
                ready = yield gen.send(ready)
        except StopIteration as end:
            return end.value

    def _require_life(self) -> None:
        """Try to connect once more; close this connection if nobody answers."""
        try:
            psycopg.connect(
                self.info.dsn, password=self.info.password, connect_timeout=SILENT
            ).close()
        except psycopg.errors.ConnectionTimeout:
            self.close()
            raise psycopg.OperationalError("the server does not answer") from None
        except psycopg.Error:
            return  # it answers, if only that it has no room
