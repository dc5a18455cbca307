"""A real server on loopback, over the sample archive: quoting it, or with a scripted model."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from bot.serving.app import build_app
from bot.serving.server import configured, listen
from bot.settings import Settings
from bot.wiring import Desk
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.reading.reader import Reader
from tests.in_process import shared_encoder, shared_reader
from tests.openai_server.server import Service
from tests.openai_server.server import serving as serving_a_model
from tests.serving.pages import ARTICLES, ingest

PEACEKEEPERS = "How many Russian peacekeepers are there in the region?"
TRUCE = "When did the third truce take effect?"


class LightDesk(Desk):
    """A desk with the networks that all tests share, which closing it leaves open."""

    @property
    def embedded(self) -> OnnxEncoder:  # type: ignore[override]
        return shared_encoder()

    @property
    def reader(self) -> Reader:  # type: ignore[override]
        return shared_reader()


def served(desk: Desk, host: str = "127.0.0.1") -> AbstractContextManager[str]:
    """Serve a desk; yields the address."""
    return running(build_app(desk, host))


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """Run an application on a free port; yields the address."""
    listener = listen("127.0.0.1", 0)
    server = uvicorn.Server(configured(app))
    thread = Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


def desk_of(home: Path, **settings: Any) -> Desk:
    """A desk over a home, with the settings named and none of the developer's."""
    given: dict[str, Any] = {"home": home, "verify": "off"} | settings
    return LightDesk(Settings(**{Settings.name_of(name): v for name, v in given.items()}))


@pytest.fixture(scope="session")
def home(ingested: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served") / "home"
    shutil.copytree(ingested, folder)
    return folder


@pytest.fixture(scope="session")
def address(home: Path) -> Iterator[str]:
    """Where the sample archive is served, quoted, to everybody on this machine."""
    with served(desk_of(home, engine="extractive")) as url:
        yield url


@pytest.fixture
def http(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def odd_home(ingested: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample archive and articles that are not like others."""
    home = tmp_path_factory.mktemp("odd") / "home"
    shutil.copytree(ingested, home)
    ingest(desk_of(home), *ARTICLES)
    return home


@pytest.fixture(scope="session")
def site(odd_home: Path) -> Iterator[str]:
    """Where that is served, quoted."""
    with served(desk_of(odd_home, engine="extractive")) as url:
        yield url


Serve = Callable[..., httpx.Client]


@pytest.fixture
def own_home(ingested: Path, tmp_path: Path) -> Path:
    """A home of the test's own, with the sample archive in it."""
    shutil.copytree(ingested, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def serve(own_home: Path) -> Iterator[Serve]:
    """Serves the sample archive with settings of the test's own, and returns a client of it."""
    with ExitStack() as stack:

        def start(host: str = "127.0.0.1", **settings: Any) -> httpx.Client:
            settings = {"engine": "extractive"} | settings
            url = stack.enter_context(served(desk_of(own_home, **settings), host))
            client = httpx.Client(base_url=url, trust_env=False, timeout=60)
            return stack.enter_context(client)

        yield start


@pytest.fixture
def model() -> Iterator[Service]:
    """The model that writes, and does what its script says."""
    with serving_a_model() as service:
        yield service
