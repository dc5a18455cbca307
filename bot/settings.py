"""Reads all settings from the environment and `.env`. No other module reads either."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from retrieval.errors import SettingsError

Ids = Annotated[frozenset[int], NoDecode]
Engine = Literal["auto", "extractive", "openai"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
Verify = Literal["off", "model"]

DEFAULT_MODEL = "gpt-5.4-mini-2026-03-17"


class Settings(BaseSettings):
    """The settings of Newsdesk; `.env.example` documents every field."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    home: Path = Field(
        default_factory=lambda: user_data_path("newsdesk", appauthor=False),
        validation_alias="NEWSDESK_HOME",
    )
    engine: Engine = Field(default="auto", validation_alias="NEWSDESK_ENGINE")
    model: str = Field(default=DEFAULT_MODEL, validation_alias="NEWSDESK_MODEL")
    timeout: int = Field(default=60, gt=0, validation_alias="NEWSDESK_TIMEOUT")
    verify: Verify = Field(default="off", validation_alias="NEWSDESK_VERIFY")
    daily_budget_usd: float | None = Field(
        default=None, ge=0, validation_alias="NEWSDESK_DAILY_BUDGET_USD"
    )
    embeddings: str = Field(default="local", validation_alias="NEWSDESK_EMBEDDINGS")
    embedding_model: str = Field(
        default="text-embedding-3-small", validation_alias="NEWSDESK_EMBEDDING_MODEL"
    )
    embedding_batch: int = Field(default=512, gt=0, validation_alias="NEWSDESK_EMBEDDING_BATCH")
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")

    telegram_bot_token: SecretStr | None = Field(
        default=None, validation_alias="TELEGRAM_BOT_TOKEN"
    )
    telegram_api_url: str = Field(
        default="https://api.telegram.org", validation_alias="TELEGRAM_API_URL"
    )
    telegram_allowed_users: Ids = Field(
        default=frozenset(), validation_alias="TELEGRAM_ALLOWED_USERS"
    )
    telegram_allowed_chats: Ids = Field(
        default=frozenset(), validation_alias="TELEGRAM_ALLOWED_CHATS"
    )
    telegram_admins: Ids = Field(default=frozenset(), validation_alias="TELEGRAM_ADMINS")
    telegram_daily_questions: int = Field(
        default=0, ge=0, validation_alias="TELEGRAM_DAILY_QUESTIONS"
    )
    telegram_webhook_url: str | None = Field(default=None, validation_alias="TELEGRAM_WEBHOOK_URL")
    telegram_webhook_secret: SecretStr | None = Field(
        default=None, validation_alias="TELEGRAM_WEBHOOK_SECRET"
    )
    telegram_webhook_listen: str = Field(
        default="127.0.0.1:8443", validation_alias="TELEGRAM_WEBHOOK_LISTEN"
    )
    log: Literal["text", "json"] = Field(default="text", validation_alias="NEWSDESK_LOG")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", validation_alias="NEWSDESK_LOG_LEVEL"
    )
    log_texts: bool = Field(default=False, validation_alias="NEWSDESK_LOG_TEXTS")

    @field_validator(
        "telegram_allowed_users", "telegram_allowed_chats", "telegram_admins", mode="before"
    )
    @classmethod
    def _ids(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return frozenset(map(int, value.replace(",", " ").split()))
        except ValueError:
            raise ValueError("it takes numbers, such as 12345,-1001234567890") from None

    @field_validator("telegram_api_url", "telegram_webhook_url", mode="after")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is not None and not re.fullmatch(r"https?://[^\s/]\S*", url):
            raise ValueError("it takes an address such as https://bot.example.org")
        return url and url.rstrip("/")

    @field_validator("telegram_webhook_secret", mode="after")
    @classmethod
    def _secret(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret.get_secret_value()):
            raise ValueError("it takes 1 to 256 of A-Z, a-z, 0-9, _ and -")
        return secret

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return _expanded("NEWSDESK_HOME", home)

    @field_validator("embeddings", mode="after")
    @classmethod
    def _folder(cls, choice: str) -> str:
        return str(_expanded("NEWSDESK_EMBEDDINGS", Path(choice))) if choice[:1] == "~" else choice


def load_settings(home: Path | None = None, engine: str | None = None, **others: Any) -> Settings:
    """Read settings from the environment and `.env`; arguments take precedence.

    `others` are fields of `Settings` by name, such as `timeout=30`.

    Raises:
        SettingsError: a value cannot be used; the message names the variable and what it takes.
    """
    named = others | {k: v for k, v in (("home", home), ("engine", engine)) if v is not None}
    if unknown := named.keys() - Settings.model_fields.keys():
        raise SettingsError(f"There is no setting {min(unknown)!r}: see bot.settings.Settings.")
    given = {str(Settings.model_fields[name].validation_alias): named[name] for name in named}
    try:
        with _well_formed():
            return Settings(**given)
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(str(part) for part in problem["loc"])
        raise SettingsError(f"{name} cannot be used: {problem['msg']}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f".env cannot be read: {error}.") from None


def _expanded(name: str, path: Path) -> Path:
    try:
        return Path(os.path.abspath(path.expanduser()))
    except RuntimeError:
        raise SettingsError(
            f"{name} cannot be used: the home folder that {path.parts[0]} stands for is not known."
        ) from None


class _Malformed(logging.Handler):
    """Raises python-dotenv's warning as an error; the parser itself would skip the line."""

    def emit(self, record: logging.LogRecord) -> None:
        line = record.getMessage().rpartition(" ")[2]
        raise SettingsError(f".env cannot be read from line {line} on: it takes NAME=value lines.")


@contextmanager
def _well_formed() -> Iterator[None]:
    logger, handler = logging.getLogger("dotenv"), _Malformed(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def stay_private() -> None:
    """Switch off LangChain's tracing, which another program's variables may have switched on."""
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
        os.environ[name] = "false"
