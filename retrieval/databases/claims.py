"""What a process has claimed, so that no other works on the same thing at the same time.

A claim is a lock of the connection that took it: it ends with the process, however that ends.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Protocol

from retrieval.errors import ArchiveUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg


class Claims(Protocol):
    """The claims of one process, or of one of its threads.

    Raises:
        ArchiveUnreachable: from any method, when the connection was lost, and all claims with it.
    """

    @property
    def name(self) -> str:
        """Return what tells this claimant from others; it is empty where there are no others."""
        ...

    def take(self, keys: Collection[str]) -> set[str]:
        """Claim what nobody else has claimed, and return that."""
        ...

    def wait(self, keys: Iterable[str]) -> None:
        """Claim all, and wait for what others have claimed. Nothing else may be claimed then."""
        ...

    def release(self, keys: Iterable[str]) -> None:
        """Give up claims, each as often as it was taken."""
        ...

    def alone(self, key: str) -> AbstractContextManager[None]:
        """Do something that nobody else does meanwhile, and nobody does `beside`."""
        ...

    def beside(self, key: str) -> AbstractContextManager[None]:
        """Do something that others may do too meanwhile, but not one who does it `alone`."""
        ...

    def gone(self, names: Collection[str]) -> set[str]:
        """Return those of some claimants that have ended."""
        ...

    def check(self) -> None:
        """Raise if the claims are lost."""
        ...

    def close(self) -> None:
        """Give up everything."""
        ...


class OnlyOne:
    """The claims of the only process that writes: it holds a lock, so that all is its own."""

    name = ""

    def take(self, keys: Collection[str]) -> set[str]:
        """Claim everything."""
        return set(keys)

    def wait(self, keys: Iterable[str]) -> None:
        """Claim everything at once."""

    def release(self, keys: Iterable[str]) -> None:
        """Do nothing."""

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:  # noqa: ARG002
        """Do it."""
        yield

    beside = alone

    def gone(self, names: Collection[str]) -> set[str]:
        """Return all: there is nobody else."""
        return set(names)

    def check(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class PostgresClaims:
    """Claims by PostgreSQL's advisory locks, on a connection of their own.

    Args:
        connect: opens the connection.
        explained: turns the driver's errors into Newsdesk's.
        space: what tells the keys from those of other stores of the database.
    """

    def __init__(
        self,
        connect: Callable[[], psycopg.Connection[tuple[Any, ...]]],
        explained: Callable[[], AbstractContextManager[None]],
        space: str,
    ) -> None:
        self._explained = explained
        self._space = space
        self.name = secrets.token_hex(8)
        with explained():
            self._connection = connect()
        self.wait([_claimant(self.name)])

    def take(self, keys: Collection[str]) -> set[str]:
        """Claim what nobody else has claimed, and return that."""
        wanted = list(keys)
        taken = self._each("pg_try_advisory_lock", wanted)
        return {key for key, is_taken in zip(wanted, taken, strict=True) if is_taken}

    def wait(self, keys: Iterable[str]) -> None:
        """Claim all, in one order for everybody, so that no two wait for each other."""
        for key in sorted(keys, key=self._number):
            self._each("pg_advisory_lock", [key])

    def release(self, keys: Iterable[str]) -> None:
        """Give up claims, each as often as it was taken."""
        self._unlock("pg_advisory_unlock", list(keys))

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:
        """Do something that nobody else does meanwhile, and nobody does `beside`."""
        self.wait([key])
        try:
            yield
        finally:
            self._unlock("pg_advisory_unlock", [key])

    @contextmanager
    def beside(self, key: str) -> Iterator[None]:
        """Do something that others may do too meanwhile, but not one who does it `alone`."""
        self._each("pg_advisory_lock_shared", [key])
        try:
            yield
        finally:
            self._unlock("pg_advisory_unlock_shared", [key])

    def gone(self, names: Collection[str]) -> set[str]:
        """Return those of some claimants that have ended: what they claimed is free."""
        others = {_claimant(name): name for name in names if name != self.name}
        free = self.take(others.keys())
        self.release(free)
        return {others[key] for key in free}

    def check(self) -> None:
        """Raise if the connection was lost."""
        with self._explained():
            self._connection.execute("SELECT 1")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _each(self, function: str, keys: Sequence[str]) -> list[Any]:
        """Call one of PostgreSQL's functions with each key, in order."""
        if not keys:
            return []
        numbers = ",".join(str(self._number(key)) for key in keys)
        sql = (
            f"SELECT {function}(number) FROM unnest(ARRAY[{numbers}]::bigint[]) "
            "WITH ORDINALITY AS keys (number, place) ORDER BY place"
        )
        with self._explained():
            return [row[0] for row in self._connection.execute(sql.encode())]

    def _unlock(self, function: str, keys: Sequence[str]) -> None:
        """Unlock keys; where the connection was lost, they were unlocked with it."""
        if not self._connection.closed:
            with suppress(ArchiveUnreachable):
                self._each(function, keys)

    def _number(self, key: str) -> int:
        """Return the 64 bits that stand for a key."""
        digest = hashlib.blake2b(f"{self._space} {key}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)


def _claimant(name: str) -> str:
    return f"claimant {name}"
