"""Finds the models that answers could be written with, tries one, and keeps the choice."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dotenv import set_key, unset_key

from bot.settings import DEFAULT_MODEL, Settings
from bot.wiring.engine import is_near
from retrieval.errors import ServiceError, SettingsError
from retrieval.models.listing import list_models
from retrieval.models.model_names import OPENAI, is_openai, split_name

if TYPE_CHECKING:
    from bot.wiring import Desk
    from retrieval.answers import Answer

PORTS = {"Ollama": 11434, "LM Studio": 1234, "llama.cpp": 8080, "vLLM": 8000}
"""Where servers of models on one's own machine listen unless told otherwise."""

_NAME = re.compile(r"[^\s$'\"\\]{1,200}")
_NO_CHAT = re.compile(r"embed|rerank|whisper", re.IGNORECASE)
_HELLO = "Say hello in one short sentence."


@dataclass(frozen=True)
class Choice:
    """What could answer: `settings` by their fields' names, where None is for not set.

    `host` is the machine or service that questions are sent to, empty for this one.
    """

    label: str
    settings: Mapping[str, str | None]
    host: str = ""
    asks_key: bool = field(default=False, kw_only=True)

    @property
    def is_here(self) -> bool:
        """Whether it is a model of this machine, which needs no key."""
        return bool(self.settings.get("openai_base_url")) and not self.host


def found(settings: Settings, ports: Mapping[str, int] | None = None) -> Iterator[Choice]:
    """Yield what is there, best first: this machine's models, the one that is set, OpenAI with its
    key, and quoting.

    Nothing but this machine is asked.
    """
    named = PORTS if ports is None else ports
    looked = {f"http://127.0.0.1:{port}/v1": server for server, port in named.items()}
    for url, server in looked.items():
        for name in _models(url):
            chosen = {"engine": "openai", "model": name, "openai_base_url": url}
            yield Choice(f"{name}, of {server} on this machine", chosen)
    if settings.openai_base_url not in looked and (host := _set_at(settings)):
        yield Choice(
            f"{settings.model}, of {host}, as it is set",
            {
                "engine": "openai",
                "model": settings.model,
                "openai_base_url": settings.openai_base_url,
            },
            host,
        )
    openai: dict[str, str | None]
    openai = {"engine": "openai", "model": DEFAULT_MODEL, "openai_base_url": None}
    elsewhere = settings.openai_base_url and not is_near(settings.openai_base_url)
    if settings.openai_api_key and not elsewhere:  # else the key is for that server
        yield Choice(f"{DEFAULT_MODEL}, of OpenAI, with the key that is set", openai, "OpenAI")
    yield Choice("no model: answers are quoted from the articles", {"engine": "extractive"})
    typed = f"{DEFAULT_MODEL}, of OpenAI, with a key that you type"
    yield Choice(typed, openai, "OpenAI", asks_key=True)


def _set_at(settings: Settings) -> str:
    """Return where the model is that the settings name; empty if they name none by themselves."""
    provider = split_name(settings.model)[0]
    if provider != OPENAI:
        return provider
    if settings.openai_base_url and not is_openai(settings.openai_base_url):
        return urlsplit(settings.openai_base_url).hostname or ""
    return "OpenAI" if settings.openai_api_key and settings.model != DEFAULT_MODEL else ""


def _models(url: str) -> list[str]:
    """Return the names of a server's chat models; none if there is no such server."""
    with suppress(ServiceError):  # another kind of server, or none
        if listing := list_models(url, None, http={"trust_env": False}):
            return [n for n in listing.names if _NAME.fullmatch(n) and not _NO_CHAT.search(n)]
    return []


async def try_question(desk: Desk, text: str) -> Answer:
    """Return the model's answer to a question.

    Raises:
        ServiceError: the model did not answer.
    """
    from bot.questions import question_from

    answer = await desk.assistant.ask(question_from(text))
    if answer.degraded:
        raise ServiceError(answer.notice)
    return answer


async def say_hello(desk: Desk) -> str:
    """Return what the model says to a greeting, without the archive.

    Raises:
        ServiceError: the model did not answer.
    """
    from langchain_core.messages import HumanMessage

    pieces = desk.chat.stream([HumanMessage(_HELLO)], desk.chat.request_budget(), 200)
    return "".join([piece async for piece in pieces])


def keep(home: Path, settings: Mapping[str, str | None]) -> Path:
    """Write settings into the home's `.env`, which only its owner may read. Return its path.

    Its other lines are left as they are.

    Raises:
        SettingsError: it cannot be written.
    """
    path = home / ".env"
    try:
        home.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        path.chmod(0o600)
        text = path.read_text(encoding="utf-8")
        for name, value in settings.items():
            setting = Settings.name_of(name)
            if value is not None:
                set_key(path, setting, value)
            elif re.search(rf"^\s*(export\s+)?{setting}\b", text, re.MULTILINE):
                unset_key(path, setting)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}.") from error
    return path
