"""The Bot API server, the real bot at it, and the judgement of what the bot requested."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from bot_process import BotProcess, Scripted
from botapi import BotApi

if TYPE_CHECKING:
    from conftest import Newsdesk


@pytest.fixture(scope="session")
def _shared(sample: Newsdesk, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BotProcess]:
    """One bot with the default settings for all tests that leave it as it was."""
    api = BotApi().start()
    bot = BotProcess.at(api, sample, tmp_path_factory.mktemp("shared-bot"))
    try:
        bot.start()
        yield bot
    finally:
        bot.end()
        api.stop()


@pytest.fixture
def bot(_shared: BotProcess) -> Iterator[BotProcess]:
    """The shared bot, running; a test gets persons and rooms of its own."""
    with _judged(_shared.api):
        yield _shared
        assert _shared.running, _shared.log


@pytest.fixture
def api(bot: BotProcess) -> BotApi:
    """The shared bot's server."""
    return bot.api


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
def own_bot(own_api: BotApi, sample: Newsdesk, tmp_path: Path) -> Iterator[BotProcess]:
    """A bot of the test's own at `own_api`; not started yet."""
    bot = BotProcess.at(own_api, sample, tmp_path)
    try:
        yield bot
    finally:
        bot.end()


@pytest.fixture
def scripted(own_api: BotApi, sample: Newsdesk, tmp_path: Path) -> Iterator[Scripted]:
    """The same with an engine that writes what the test tells it, as slowly as it is told."""
    bot = Scripted.at(own_api, sample, tmp_path)
    try:
        yield bot
    finally:
        bot.end()


@contextmanager
def _judged(api: BotApi) -> Iterator[None]:
    """No request of the bot may be malformed or have a parameter that Telegram does not know."""
    api.violations.clear()
    yield
    assert api.violations == []
