"""The Bot API server, the real bot at it, and the judgement of what the bot requested."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from tests.conftest import Newsdesk
from tests.telegram.botapi import BotApi
from tests.telegram.bots import (
    Bot,
    BotProcess,
    BotThread,
    ScriptedProcess,
    ScriptedThread,
)

ARTICLES = Path(__file__).parents[2] / "corpus/articles"

AnyBot = TypeVar("AnyBot", bound=Bot)


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Newsdesk:
    """The command with a home that holds the sample archive, its articles with addresses."""
    folder = tmp_path_factory.mktemp("addressed")
    for article in sorted(ARTICLES.glob("*.md")):
        text = article.read_text(encoding="utf-8")
        addressed = text.replace("\n---\n", f"\nurl: https://news.example/{article.stem}\n---\n", 1)
        (folder / article.name).write_text(addressed, encoding="utf-8")
    newsdesk = Newsdesk(tmp_path_factory.mktemp("archive") / "home", folder)
    done = newsdesk("ingest", folder)
    assert done.returncode == 0, done.stderr
    return newsdesk


@pytest.fixture(scope="session")
def _shared(archive: Newsdesk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotThread]:
    """One bot with the default settings for all tests that leave it as it was."""
    yield from running(BotThread, archive, tmp_path_factory.mktemp("shared-bot"))


@pytest.fixture(scope="session")
def _shared_scripted(
    archive: Newsdesk, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ScriptedThread]:
    yield from running(ScriptedThread, archive, tmp_path_factory.mktemp("scripted-bot"))


@pytest.fixture
def bot(_shared: BotThread) -> Iterator[BotThread]:
    """The shared bot, running; a test gets persons and rooms of its own."""
    with _judged(_shared.api):
        yield _shared
        assert _shared.running, _shared.log


@pytest.fixture
def api(bot: BotThread) -> BotApi:
    """The shared bot's server."""
    return bot.api


@pytest.fixture
def scripted(_shared_scripted: ScriptedThread) -> Iterator[ScriptedThread]:
    """A shared bot whose engine writes what a test tells it, as slowly as it is told."""
    _shared_scripted.forget_script()
    with _judged(_shared_scripted.api):
        yield _shared_scripted
        _shared_scripted.api.takes_drafts = True
        assert _shared_scripted.running, _shared_scripted.log


@pytest.fixture
def own_api() -> Iterator[BotApi]:
    """A server of the test's own."""
    api = BotApi().start()
    try:
        with _judged(api):
            yield api
    finally:
        api.stop()


@pytest.fixture
def own_bot(own_api: BotApi, archive: Newsdesk, tmp_path: Path) -> Iterator[BotThread]:
    """A bot of the test's own at `own_api`; not started yet."""
    yield from _to_be_started(BotThread, own_api, archive, tmp_path)


@pytest.fixture
def own_scripted(own_api: BotApi, archive: Newsdesk, tmp_path: Path) -> Iterator[ScriptedThread]:
    """The same with the scripted engine."""
    yield from _to_be_started(ScriptedThread, own_api, archive, tmp_path)


@pytest.fixture
def bot_process(own_api: BotApi, archive: Newsdesk, tmp_path: Path) -> Iterator[BotProcess]:
    """A bot as a process of its own; not started yet. Its test is to be marked `process`."""
    yield from _to_be_started(BotProcess, own_api, archive, tmp_path)


@pytest.fixture
def scripted_process(
    own_api: BotApi, archive: Newsdesk, tmp_path: Path
) -> Iterator[ScriptedProcess]:
    """The same with the scripted engine."""
    yield from _to_be_started(ScriptedProcess, own_api, archive, tmp_path)


def running(kind: type[AnyBot], archive: Newsdesk, folder: Path) -> Iterator[AnyBot]:
    """A bot that runs at a server of its own, until it is not wanted any more."""
    api = BotApi().start()
    bot = kind.at(api, archive, folder)
    try:
        yield bot.start()
    finally:
        bot.end()
        api.stop()


def _to_be_started(
    kind: type[AnyBot], api: BotApi, archive: Newsdesk, folder: Path
) -> Iterator[AnyBot]:
    bot = kind.at(api, archive, folder)
    yield bot
    bot.end()


@contextmanager
def _judged(api: BotApi) -> Iterator[None]:
    """No request of the bot may be malformed or have a parameter that Telegram does not know."""
    api.calm()
    yield
    assert api.violations == []
