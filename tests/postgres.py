"""A PostgreSQL server of the tests' own, on a free port of this machine, in a temporary folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg
import pytest

from retrieval.archive.homes import catalog_at
from tests.ports import free_port

PASSWORD = "not-to-be-seen"
_USER = "newsdesk"
_FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


def _program(name: str) -> str | None:
    """Return the path of one of the server's programs, which Debian keeps off the PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return str(versions[0]) if versions else shutil.which(name)


class Postgres:
    """A server that can be stopped, killed and started again.

    The server refuses to run as root: then it is run as the package's user `postgres`.
    """

    def __init__(self, folder: Path, *, safe: bool = False) -> None:
        self._data = folder / "data"
        self._log = folder / "log"
        self._options = "" if safe else _FAST
        self._names = count(1)
        self._catalog: str | None = None
        self.port = free_port()
        password = folder / "password"
        password.write_text(PASSWORD)
        if os.getuid() == 0:
            for place in (folder, password):
                shutil.chown(place, "postgres", "postgres")
        words = f"--username {_USER} --auth scram-sha-256 --encoding UTF8 --no-locale --no-sync"
        self._run("initdb", *words.split(), "--pwfile", str(password), str(self._data))
        self.start()

    def url(self, name: str = "postgres") -> str:
        """Return the address of a database of the server."""
        return f"postgresql://{_USER}:{PASSWORD}@127.0.0.1:{self.port}/{name}"

    @property
    def process(self) -> int:
        """Return the id of its first process."""
        return int((self._data / "postmaster.pid").read_text().split()[0])

    def new_database(self, like: str = "template1") -> str:
        """Make a database, empty or like another one that nobody uses; return its address."""
        name = f"test_{next(self._names)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {like.rpartition('/')[2]}")
        return self.url(name)

    def empty_catalog(self) -> str:
        """Return the address of a database with an empty catalog, the same each time.

        Emptying one takes a hundredth of the time that making one takes.
        """
        if self._catalog is None:
            self._catalog = self.new_database()
            catalog_at(self._catalog).close()
        with psycopg.connect(self._catalog, autocommit=True) as connection:
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'newsdesk_catalog' "
                "AND tablename <> 'change'"
            ).fetchall()
            empty = "; ".join(f"DELETE FROM newsdesk_catalog.{name}" for (name,) in tables)
            connection.execute(empty.encode())
        return self._catalog

    def execute(self, sql: str) -> None:
        """Run a statement as the server's owner."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.encode())

    def start(self) -> None:
        """Start it and wait until it answers."""
        options = f"-c listen_addresses=127.0.0.1 -c unix_socket_directories='' -p {self.port}"
        log = ("-l", str(self._log))
        self._ctl("start", "-w", "-t", "60", *log, "-o", f"{options} {self._options}")

    def stop(self, mode: str = "fast") -> None:
        """Stop it; with the mode `immediate` as a crash would."""
        self._ctl("stop", "-w", "-m", mode)

    @contextmanager
    def paused(self, *, whole: bool = False) -> Iterator[None]:
        """Hold its first process, so that no new connection is answered; or all of them."""
        first = self.process
        others = Path(f"/proc/{first}/task/{first}/children").read_text().split() if whole else []
        numbers = [first, *map(int, others)]
        for number in numbers:
            os.kill(number, signal.SIGSTOP)
        try:
            yield
        finally:
            for number in numbers:
                os.kill(number, signal.SIGCONT)

    def _ctl(self, *words: str) -> None:
        self._run("pg_ctl", "-D", str(self._data), *words)

    def _run(self, name: str, *words: str) -> None:
        program = _program(name)
        assert program is not None
        first = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*first, program, *words],
            check=True, cwd="/", stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=90,
        )  # fmt: skip


@contextmanager
def running(*, safe: bool = False) -> Iterator[Postgres]:
    """Run a server; skip the test where there is none to run.

    Not `safe`, it writes nothing through to the disk, and is faster.
    """
    if _program("initdb") is None:
        pytest.skip("PostgreSQL is not installed")
    # Not below pytest's folder, which the server's own user may not enter.
    with tempfile.TemporaryDirectory(prefix="newsdesk-postgres-") as folder:
        server = Postgres(Path(folder), safe=safe)
        try:
            yield server
        finally:
            server.stop("immediate")
