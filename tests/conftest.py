"""The real command for the tests, and a home with the sample archive in it."""

from __future__ import annotations

import faulthandler
import os
import platform
import runpy
import shutil
import ssl
import subprocess
import sys
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.faulthandler import fault_handler_stderr_fd_key
from filelock import FileLock

from retrieval.archive.homes import catalog_in
from tests import in_process, postgres
from tests.chroma_kit import ServerProcess, chroma_running

if TYPE_CHECKING:
    from retrieval.embeddings.encoder import OnnxEncoder

ROOT = Path(__file__).parents[1]
OFFLINE = Path(__file__).parent / "offline"

# Every process that a test starts inherits the switch, and this one has it from here on.
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, (str(OFFLINE), os.environ.get("PYTHONPATH")))
)
runpy.run_path(str(OFFLINE / "sitecustomize.py"))
SAMPLE_ARCHIVE = ROOT / "corpus/articles"

_SETTINGS = (
    *("NEWSDESK_", "OPENAI_", "TELEGRAM_", "LANGCHAIN_", "LANGSMITH_", "_NEWSDESK_"),
    "OTEL_",
)
_TERMINAL = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE", "TTY_INTERACTIVE")


_STARTS_A_PROCESS = (
    *("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"),
    "pty.spawn",
)


class _ProcessGuard:
    """Refuses to start a process while `on`, and remembers what was refused."""

    def __init__(self) -> None:
        self.on = False
        self.refused: list[str] = []

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and event in _STARTS_A_PROCESS:
            self.refused.append(f"{event} {arguments}"[:200])
            raise RuntimeError("this test starts a process: mark it `process`")


platform.processor()  # runs `uname` the first time, when some library asks
_guard = _ProcessGuard()
sys.addaudithook(_guard.audit)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have quality measured first: it takes longest, and others take over what comes last.

    One worker so measures all of it, and makes each archive once.
    """
    items.sort(key=lambda item: "quality" not in item.path.parts)


_STANDS_STILL = 30  # seconds past its time limit


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Let only tests that are marked so start a process, and end one that stands still.

    pytest-timeout cannot end a test that waits with the interpreter's lock held. This prints where
    it stands and ends its worker: the test fails by its name, and a new worker runs the rest.
    """
    mark = item.get_closest_marker("timeout")
    limit = mark.args[0] if mark else float(item.config.getini("timeout"))
    faulthandler.dump_traceback_later(
        limit + _STANDS_STILL, file=item.config.stash[fault_handler_stderr_fd_key], exit=True
    )
    _guard.refused.clear()
    _guard.on = item.get_closest_marker("process") is None
    try:
        return (yield)
    finally:
        _guard.on = False
        faulthandler.cancel_dump_traceback_later()


@pytest.fixture(autouse=True)
def no_process_is_started() -> Iterator[None]:
    """Fails a test that is not marked `process` and tried to start one, whatever came of it."""
    yield
    if _guard.refused:
        pytest.fail(f"this test starts a process: mark it `process`\n{_guard.refused}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests that are marked `both_engines` with the catalog in SQLite and in PostgreSQL."""
    marked = metafunc.definition.get_closest_marker("both_engines")
    if marked and marked.args != (False,) and "database_url" in metafunc.fixturenames:
        there = pytest.param("postgres", marks=pytest.mark.process)
        metafunc.parametrize("database_url", ["sqlite", there], indirect=True)


@dataclass(frozen=True)
class Newsdesk:
    """`newsdesk` with one home and none of the developer's settings.

    It runs in `folder`, which has no `.env`. Calling it runs a command in this process; `run` and
    `start` make a process of it.
    """

    home: Path
    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "bot"]

    @property
    def environment(self) -> dict[str, str]:
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_SETTINGS) and name not in _TERMINAL
        }
        path = os.pathsep.join(filter(None, (str(ROOT), inherited.get("PYTHONPATH"))))
        own = {"NEWSDESK_HOME": str(self.home), "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
        own["NEWSDESK_VERIFY"] = "off"  # a script that a model follows has no rulings in it
        return inherited | own | {"HOME": str(self.folder)} | dict(self.settings)

    def __call__(self, *arguments: str | Path, input: str = "") -> subprocess.CompletedProcess[str]:
        """Run it to its end in this process, `input` on its stdin."""
        return in_process.run([*map(str, arguments)], self.environment, self.folder, input)

    def run(self, *arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run it to its end as a process; `options` are those of `subprocess.run`."""
        pipes = {"stdin": subprocess.DEVNULL} | dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
        return subprocess.run(
            [*self.command, *map(str, arguments)],
            check=False,
            encoding="utf-8",
            env=self.environment,
            cwd=self.folder,
            **(pipes | options),
        )

    def start(self, *arguments: str | Path, **options: Any) -> subprocess.Popen[str]:
        """Start it, with pipes to talk to it."""
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        return subprocess.Popen(
            [*self.command, *map(str, arguments)],
            text=True,
            encoding="utf-8",
            env=self.environment,
            cwd=self.folder,
            **(pipes | options),
        )

    def told(self, **settings: str) -> Newsdesk:
        """The same with more settings."""
        return Newsdesk(self.home, self.folder, {**self.settings, **settings})


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """Fails a test that tried to reach another machine, whatever it made of the refusal."""
    log = tmp_path_factory.getbasetemp() / "attempts"
    monkeypatch.setenv("ATTEMPTS", str(log))
    yield
    if log.exists():
        tried = log.read_text()
        log.unlink()
        pytest.fail(f"this test tried to leave the machine:\n{tried}")


@pytest.fixture
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of the developer's proxies."""
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)


@pytest.fixture
def newsdesk(tmp_path: Path) -> Newsdesk:
    """The command, with an empty home of its own."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Newsdesk(tmp_path / "home", folder)


@pytest.fixture
def empty(newsdesk: Newsdesk) -> Newsdesk:
    """The command, with a home of its own whose archive holds nothing yet."""
    catalog_in(newsdesk.home / "catalog.db").close()
    return newsdesk


@pytest.fixture(scope="session", autouse=True)
def certificates_are_read_once() -> Iterator[None]:
    """Give all HTTP clients with the same settings one TLS context: making one takes 30 ms."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(scope="session")
def embedded() -> OnnxEncoder:
    """The encoder that ships with Newsdesk."""
    return in_process.shared_encoder()


@pytest.fixture(scope="session")
def chroma_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A Chroma server for all tests, which leave it running: each has an archive of its own."""
    with chroma_running(tmp_path_factory.mktemp("chroma-server")) as server:
        yield server


@pytest.fixture(scope="session")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds the sample archive, made once for all workers: to be copied, not opened."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    home = folder / "ingested"
    with FileLock(folder / "ingested.lock"):
        if not home.exists():
            draft = Newsdesk(folder / "draft", tmp_path_factory.mktemp("draft"))
            done = draft("ingest", SAMPLE_ARCHIVE)
            assert done.returncode == 0, done.stderr
            draft.home.rename(home)
    return home


@pytest.fixture(scope="session")
def sample(ingested: Path, tmp_path_factory: pytest.TempPathFactory) -> Newsdesk:
    """The command, with a home that holds the sample archive. Tests leave it as it is."""
    home = tmp_path_factory.mktemp("sample-home") / "home"
    shutil.copytree(ingested, home)
    return Newsdesk(home, tmp_path_factory.mktemp("sample"))


@pytest.fixture
def own_sample(newsdesk: Newsdesk, ingested: Path) -> Newsdesk:
    """The command, with a sample archive of the test's own, to change or to damage."""
    shutil.copytree(ingested, newsdesk.home)
    return newsdesk


def make_read_only(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Has `os.access` say that a home cannot be written: root, who runs the tests, always can."""
    access = os.access

    def no_writing(path: str | Path, mode: int) -> bool:
        inside = Path(path).is_relative_to(home)
        return access(path, mode) and not (inside and mode & os.W_OK)

    monkeypatch.setattr(os, "access", no_writing)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Postgres]:
    """A PostgreSQL server, in which each test makes a database of its own."""
    with postgres.running() as server:
        yield server
        _guard.on = False  # the last test of all need not be one that starts processes


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str | None:
    """The address of an empty catalog, or None where the test's own is kept in a file."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return None
    return str(request.getfixturevalue("postgres_server").empty_catalog())
