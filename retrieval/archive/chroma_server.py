"""Vectors on a Chroma server, which several machines share, or in Chroma Cloud."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import httpx

from retrieval.archive.chroma import BATCH, PAUSES, ChromaStore, chroma_settings
from retrieval.errors import IndexMismatch, NewsdeskError, VectorsUnavailable

if TYPE_CHECKING:
    from chromadb.api import ServerAPI
    from chromadb.api.models.Collection import Collection

T = TypeVar("T")

PAUSE = 5.0
"""Seconds for which a server that failed is not asked again."""

_CLOUD = ".trychroma.com"
"""End of the names of Chroma Cloud's hosts."""

_log = logging.getLogger("newsdesk.vectors")


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """Where a Chroma server is, and what it is shown.

    Args:
        url: http(s)://host:port.
        tenant: Chroma's tenant, which has to exist.
        database: a database of the tenant, which has to exist.
        token: what the server, or a proxy before it, lets in; it is sent there and nowhere else.
        header: the header that carries the token. Not given: X-Chroma-Token in Chroma Cloud, else
            Authorization, where "Bearer" comes before it.
        seconds: the most to wait for an answer.
    """

    url: str
    tenant: str = "default_tenant"
    database: str = "default_database"
    token: str | None = None
    header: str | None = None
    seconds: float = 10.0

    def __repr__(self) -> str:
        return f"ServerAddress({self.url!r}, {self.tenant!r}, {self.database!r})"

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers that show the token."""
        if self.token is None:
            return {}
        in_cloud = (urlsplit(self.url).hostname or "").endswith(_CLOUD)
        header = self.header or ("X-Chroma-Token" if in_cloud else "Authorization")
        bearer = "Bearer " if header.lower() == "authorization" else ""
        return {header: bearer + self.token}


class ChromaServer(ChromaStore):
    """The vectors of one archive on a Chroma server.

    A server that failed is not asked again for some seconds, so that not every search waits for it:
    until then everything fails at once.

    Args:
        address: the server.
        archive: what tells the archive from others in the same database: letters and digits.
        collection: the name of the index (see `retrieval.archive.index.index_name`).
        clock: seconds that only grow.

    Raises:
        VectorsUnavailable: from any method, when the server cannot be reached, refuses or fails.
    """

    def __init__(
        self,
        address: ServerAddress,
        archive: str,
        collection: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(collection)
        self._address = address
        self._prefix = f"newsdesk-{archive}."
        self._clock = clock
        self._lock = Lock()
        self._api: ServerAPI | None = None
        self._session: httpx.Client | None = None
        self._found: Collection | None = None
        self._why = ""
        self._until = 0.0

    def warm_up(self) -> None:
        """Import Chroma and connect now; where the server is away, searches do without it."""
        try:
            self.count()
        except VectorsUnavailable:
            return  # it was logged

    def drop_others(self) -> None:
        """Delete the archive's vectors that were made with other settings, and no other archive's.

        What is another archive's does not begin with this one's prefix.
        """

        def drop() -> None:
            api, names = self._connected(), list[str]()
            while part := api.list_collections(100, len(names), **self._place):
                names += [model.name for model in part]
            for name in names:
                if name.startswith(self._prefix) and name != self._prefix + self.collection:
                    api.delete_collection(name, **self._place)

        self._trying(drop)

    def compact(self) -> None:
        """Do nothing: the server sees to its files."""

    def reopen(self) -> None:
        """Do nothing: a server shows everybody what was written."""

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._session is not None:
                self._session.close()
            self._api = self._session = self._found = None

    @property
    def _place(self) -> dict[str, str]:
        return {"tenant": self._address.tenant, "database": self._address.database}

    def _batch(self) -> int:
        allowed = self._connected().get_max_batch_size()
        return min(BATCH, allowed) if allowed > 0 else BATCH

    def _collections(self) -> list[Collection]:
        from chromadb.api.models.Collection import Collection
        from chromadb.errors import NotFoundError

        if self._found is None:
            api = self._connected()
            try:
                model = api.get_collection(self._prefix + self.collection, **self._place)
            except NotFoundError:
                return []
            self._found = Collection(api, model, embedding_function=None)
        return [self._found]

    def _writable(self) -> Collection:
        from chromadb.api.models.Collection import Collection

        if found := self._collections():
            return found[0]
        api = self._connected()
        model = api.create_collection(
            self._prefix + self.collection,
            configuration={"hnsw": {"space": "cosine", "ef_search": 100}},
            get_or_create=True,
            tenant=self._address.tenant,
            database=self._address.database,
        )
        self._found = Collection(api, model, embedding_function=None)
        return self._found

    def _connected(self) -> ServerAPI:
        """Return the client, after a look whether tenant and database are there."""
        if self._api is not None:
            return self._api
        api, session = self._connect()
        try:
            self._look(api)
        except BaseException:
            session.close()
            raise
        with self._lock:
            if self._api is None:
                self._api, self._session = api, session
            else:  # another thread came first
                session.close()
            return self._api

    def _connect(self) -> tuple[ServerAPI, httpx.Client]:
        """Build Chroma's client with connections of our own.

        Chroma's wait for ever, and go by the proxies of the environment.
        """
        settings = chroma_settings(
            chroma_api_impl="chromadb.api.fastapi.FastAPI",
            chroma_server_host=self._address.url,
            chroma_server_http_port=urlsplit(self._address.url).port or 0,
            chroma_server_ssl_enabled=self._address.url.startswith("https:"),
        )
        from chromadb.api.fastapi import FastAPI
        from chromadb.config import System

        api = System(settings).instance(FastAPI)
        api._session.close()
        session = httpx.Client(
            headers={"Content-Type": "application/json", **self._address.headers},
            timeout=self._address.seconds,
            verify=httpx.create_ssl_context(),
            trust_env=False,
            event_hooks={"response": [self._check]},
        )
        api._session = session
        return api, session

    def _look(self, api: ServerAPI) -> None:
        from chromadb.errors import NotFoundError

        try:
            api.get_database(self._address.database, self._address.tenant)
        except NotFoundError:
            raise VectorsUnavailable(
                f"{self._server} has no database {self._address.database!r} of a tenant "
                f"{self._address.tenant!r}: create it there, or set NEWSDESK_CHROMA_DATABASE and "
                "NEWSDESK_CHROMA_TENANT."
            ) from None

    def _trying(self, work: Callable[[], T]) -> T:
        """Return what some work returns, unless the server is left alone."""
        self._admit()
        try:
            result = self._again(work)
        except IndexMismatch:
            raise
        except NewsdeskError as error:
            self._failed(str(error))
            raise
        except Exception as error:
            message = self._explain(error)
            token = self._address.token
            cause = None if token and token in str(error) else error
            if "with dimension of" in str(error):
                raise IndexMismatch(message) from cause
            self._failed(message)
            raise VectorsUnavailable(message) from cause
        self._answered()
        return result

    def _again(self, work: Callable[[], T]) -> T:
        """Return what some work returns, which is tried again where that may help.

        A connection that was kept may have been closed, and a collection replaced, meanwhile; and
        Chroma fails where one asks for what another has only begun to write ("Nothing found on
        disk", "Error finding id").
        """
        from chromadb.errors import InternalError, NotFoundError

        for pause in PAUSES:
            try:
                return work()
            except (httpx.NetworkError, httpx.RemoteProtocolError, NotFoundError, InternalError):
                self._found = None
                time.sleep(pause)
        return work()

    def _admit(self) -> None:
        """Fail at once while the server is left alone; after that, let one call try it."""
        with self._lock:
            now = self._clock()
            if now < self._until:
                raise VectorsUnavailable(self._why)
            if self._why:
                self._until = now + PAUSE  # for the others, while this call tries

    def _failed(self, why: str) -> None:
        with self._lock:
            if why != self._why:
                _log.info("%s", why)
            self._why, self._until = why, self._clock() + PAUSE

    def _answered(self) -> None:
        with self._lock:
            if self._why:
                _log.info("%s answers again.", self._server)
            self._why, self._until = "", 0.0

    @property
    def _server(self) -> str:
        return f"The Chroma server {self._address.url}"

    def _check(self, response: httpx.Response) -> None:
        """Refuse an answer that Chroma's client would not understand, or repeat in full."""
        status = response.status_code
        if status in {401, 403}:
            what = (
                "does not accept NEWSDESK_CHROMA_TOKEN"
                if self._address.token
                else "asks for a token: set NEWSDESK_CHROMA_TOKEN"
            )
            raise VectorsUnavailable(f"{self._server} {what} (HTTP {status}).")
        if status in {429, 502, 503, 504}:
            raise VectorsUnavailable(
                f"{self._server} is too busy or starting (HTTP {status}): try again in a moment."
            )
        if not _is_chromas(response):
            raise VectorsUnavailable(
                f"{self._server} does not answer as Chroma 1.x does (HTTP {status}): correct "
                "NEWSDESK_CHROMA_URL, or install that version there."
            )

    def _explain(self, error: Exception) -> str:
        text = str(error).strip() or type(error).__name__
        if self._address.token:
            text = text.replace(self._address.token, "…")
        text = text.splitlines()[0][:200]
        if isinstance(error, httpx.TimeoutException):
            return (
                f"{self._server} did not answer within {self._address.seconds:g} s: see whether it "
                "is well, or raise NEWSDESK_CHROMA_TIMEOUT."
            )
        if "SSL" in text or "CERTIFICATE" in text:
            return (
                f"No safe connection to {self._server[:1].lower()}{self._server[1:]} ({text}): "
                "https needs a certificate that this machine trusts; SSL_CERT_FILE names others."
            )
        if isinstance(error, httpx.HTTPError):
            return (
                f"{self._server} cannot be reached ({text}): start it, or correct "
                "NEWSDESK_CHROMA_URL."
            )
        if "with dimension of" in text:
            return (
                f"The encoder now gives vectors of another length ({text}): put back the model "
                "that made the index."
            )
        return f"{self._server} failed ({text}): see its log."


def _is_chromas(response: httpx.Response) -> bool:
    """Return whether an answer is JSON, and if it is an error, one in Chroma's form."""
    if not response.headers.get("content-type", "").startswith("application/json"):
        return False
    if response.status_code < 300:
        return True
    response.read()
    try:
        told = response.json()
    except ValueError:
        return False
    return response.status_code >= 400 and isinstance(told, dict) and "message" in told
