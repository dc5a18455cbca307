"""The settings: what each takes, and what they are. No other module reads them."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from logging import getLogger
from pathlib import Path
from typing import Any, Literal, get_args

from platformdirs import user_data_path
from pydantic import (
    AnyHttpUrl,
    BaseModel,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from bot.env_files import HOME, Gathered, gather
from bot.hours import Hours, read_hours
from retrieval.errors import SettingsError

Ids = frozenset[int]
Hosts = frozenset[str]
Tokens = dict[str, SecretStr]
"""Tokens of the API by the names of those who have them."""
Engine = Literal["auto", "extractive", "openai"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
Verify = Literal["auto", "model", "off"]
Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]

DEFAULT_MODEL = "gpt-5.4-mini-2026-03-17"

_CHROMA_NAME = "letters, digits, ., _ and -"
_ADDRESS = "an address such as https://bot.example.org"
_HOSTS = "hosts with commas between, such as news.example.org,localhost:8080"
_IDS = "numbers with commas between, such as 12345,-1001234567890"
TELEGRAM = "https://api.telegram.org"
_DOLLARS = "US dollars such as 2.50, 0 or more"
_TOKEN = "letters, digits and signs without a space"
_LONG_TOKEN = "16 to 200 letters, digits and signs"
_TOKENS = (
    "name:token with commas between, each name of its own, a token 16 to 200 letters, digits and "
    "signs"
)


_log = getLogger("newsdesk.settings")


def default_home() -> Path:
    """Return the home where none is named: the platform's folder for user data."""
    return user_data_path("newsdesk", appauthor=False)


def _setting(name: str, takes: str, default: Any = None, **limits: Any) -> Any:
    """Declare a setting by its name in the environment. `takes` is for the message of an error."""
    return Field(default=default, validation_alias=name, description=takes, **limits)


class Settings(BaseModel):
    """The settings of Newsdesk; `.env.example` documents every field."""

    home: Path = Field(default_factory=default_home, validation_alias=HOME, description="a folder")
    database_url: SecretStr | None = _setting(
        "NEWSDESK_DATABASE_URL",
        "postgresql://user:password@host:port/database, where a password has % / ? # : @ written "
        "as %25 %2F %3F %23 %3A %40",
    )
    engine: Engine = _setting("NEWSDESK_ENGINE", "auto, extractive or openai", "auto")
    model: str = _setting("NEWSDESK_MODEL", "a model's name", DEFAULT_MODEL)
    timeout: int = _setting(
        "NEWSDESK_TIMEOUT", "a whole number of seconds, 1 to 86400", 60, gt=0, le=86400
    )
    reasoning_tokens: int = _setting(
        "NEWSDESK_REASONING_TOKENS", "a whole number, 0 to 1000000", 4000, ge=0, le=1_000_000
    )
    reasoning_effort: Effort | None = _setting(
        "NEWSDESK_REASONING_EFFORT", f"one of {', '.join(get_args(Effort))}"
    )
    context_tokens: int | None = _setting(
        "NEWSDESK_CONTEXT_TOKENS", "a whole number, 100 to 1000000", ge=100, le=1_000_000
    )
    verify: Verify = _setting("NEWSDESK_VERIFY", "auto, model or off", "auto")
    agent: Literal["on", "off"] = _setting("NEWSDESK_AGENT", "on or off", "off")
    daily_budget_usd: float | None = _setting(
        "NEWSDESK_DAILY_BUDGET_USD", _DOLLARS, ge=0, allow_inf_nan=False
    )
    keep_days: int = _setting(
        "NEWSDESK_KEEP_DAYS", "a whole number of days, 1 to 3650", 90, gt=0, le=3650
    )
    keep_conversations: bool = _setting("NEWSDESK_KEEP_CONVERSATIONS", "True or False", True)
    embeddings: str = _setting(
        "NEWSDESK_EMBEDDINGS", "local, openai, or the folder of an encoder", "local"
    )
    embedding_model: str = _setting(
        "NEWSDESK_EMBEDDING_MODEL", "a model's name", "text-embedding-3-small"
    )
    embedding_batch: int = _setting(
        "NEWSDESK_EMBEDDING_BATCH", "a whole number, 1 to 10000", 512, gt=0, le=10_000
    )
    reader: str = _setting("NEWSDESK_READER", "local, or the folder of a reader", "local")
    chroma_url: str | None = _setting(
        "NEWSDESK_CHROMA_URL", "http(s)://host:port, such as http://localhost:8000"
    )
    chroma_tenant: str = _setting(
        "NEWSDESK_CHROMA_TENANT", _CHROMA_NAME, "default_tenant", pattern=r"^[\w.-]{1,200}$"
    )
    chroma_database: str = _setting(
        "NEWSDESK_CHROMA_DATABASE", _CHROMA_NAME, "default_database", pattern=r"^[\w.-]{1,200}$"
    )
    chroma_token: SecretStr | None = _setting("NEWSDESK_CHROMA_TOKEN", _TOKEN)
    chroma_token_header: str | None = _setting(
        "NEWSDESK_CHROMA_TOKEN_HEADER", "a header's name, such as X-Chroma-Token",
        pattern=r"^[A-Za-z0-9-]{1,100}$",
    )  # fmt: skip
    chroma_timeout: int = _setting(
        "NEWSDESK_CHROMA_TIMEOUT", "a whole number of seconds, 1 to 600", 10, gt=0, le=600
    )
    contact: str = _setting(
        "NEWSDESK_CONTACT", "an address such as desk@example.org or https://example.org/about", "",
        pattern=r"^[!-'*-\[\]-~]{0,200}$",
    )  # fmt: skip
    fetch_hosts: Hosts = _setting("NEWSDESK_FETCH_HOSTS", _HOSTS, frozenset())
    robots_off: Hosts = _setting("NEWSDESK_ROBOTS_OFF", _HOSTS, frozenset())
    refresh: float | None = _setting(
        "NEWSDESK_REFRESH", "a time from 1m to 30d, such as 90s, 15m, 6h or 1d",
        ge=60, le=30 * 86400,
    )  # fmt: skip
    openai_api_key: SecretStr | None = _setting("OPENAI_API_KEY", _TOKEN)
    openai_base_url: str | None = _setting(
        "OPENAI_BASE_URL", "an address such as http://localhost:11434/v1"
    )

    api_tokens: Tokens = _setting("NEWSDESK_API_TOKENS", _TOKENS, {})
    api_hosts: Hosts = _setting("NEWSDESK_API_HOSTS", _HOSTS, frozenset())
    api_rate: int = _setting(
        "NEWSDESK_API_RATE", "a whole number, 1 to 100000", 60, gt=0, le=100_000
    )
    api_daily: int = _setting(
        "NEWSDESK_API_DAILY", "a whole number, 0 to 1000000", 0, ge=0, le=1_000_000
    )
    api_daily_usd: float | None = _setting(
        "NEWSDESK_API_DAILY_USD", _DOLLARS, ge=0, allow_inf_nan=False
    )

    metrics_token: SecretStr | None = _setting("NEWSDESK_METRICS_TOKEN", _LONG_TOKEN)
    otel_endpoint: str | None = _setting(
        "OTEL_EXPORTER_OTLP_ENDPOINT", "an address such as http://127.0.0.1:4317"
    )
    otel_headers: SecretStr | None = _setting(
        "OTEL_EXPORTER_OTLP_HEADERS", "name=value with commas between"
    )
    otel_service: str = _setting("OTEL_SERVICE_NAME", "a name", "newsdesk")

    telegram_bot_token: SecretStr | None = _setting("TELEGRAM_BOT_TOKEN", _TOKEN)
    telegram_api_url: str = _setting("TELEGRAM_API_URL", _ADDRESS, TELEGRAM)
    telegram_allowed_users: Ids = _setting("TELEGRAM_ALLOWED_USERS", _IDS, frozenset())
    telegram_allowed_chats: Ids = _setting("TELEGRAM_ALLOWED_CHATS", _IDS, frozenset())
    telegram_admins: Ids = _setting("TELEGRAM_ADMINS", _IDS, frozenset())
    telegram_daily_questions: int = _setting(
        "TELEGRAM_DAILY_QUESTIONS", "a whole number, 0 to 1000000", 0, ge=0, le=1_000_000
    )
    telegram_daily_news: int = _setting(
        "TELEGRAM_DAILY_NEWS", "a whole number, 1 to 1000", 10, gt=0, le=1000
    )
    telegram_quiet: Hours = _setting(
        "TELEGRAM_QUIET", "hours and what a clock is ahead of UTC, such as 22-7+2, or off",
        read_hours("22-7+0"),
    )  # fmt: skip
    telegram_webhook_url: str | None = _setting("TELEGRAM_WEBHOOK_URL", _ADDRESS)
    telegram_webhook_secret: SecretStr | None = _setting(
        "TELEGRAM_WEBHOOK_SECRET", "1 to 256 of A-Z, a-z, 0-9, _ and -"
    )
    telegram_webhook_listen: str = _setting(
        "TELEGRAM_WEBHOOK_LISTEN", "host:port, such as 127.0.0.1:8443", "127.0.0.1:8443"
    )
    telegram_health_listen: str | None = _setting(
        "TELEGRAM_HEALTH_LISTEN", "host:port, such as 127.0.0.1:9464"
    )
    log: Literal["text", "json"] = _setting("NEWSDESK_LOG", "text or json", "text")
    log_level: Literal["debug", "info", "warning", "error"] = _setting(
        "NEWSDESK_LOG_LEVEL", "debug, info, warning or error", "info"
    )
    log_texts: bool = _setting("NEWSDESK_LOG_TEXTS", "True or False", False)

    @field_validator(
        "telegram_allowed_users", "telegram_allowed_chats", "telegram_admins", mode="before"
    )
    @classmethod
    def _ids(cls, value: Any) -> Any:
        return value.replace(",", " ").split() if isinstance(value, str) else value

    @field_validator("refresh", mode="before")
    @classmethod
    def _seconds(cls, value: Any) -> Any:
        units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
        parts = re.fullmatch(r"(\d{1,9})([smhd])", value) if isinstance(value, str) else None
        return int(parts[1]) * units[parts[2]] if parts else value

    @field_validator("api_tokens", mode="before")
    @classmethod
    def _tokens(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        entries = [entry.strip().partition(":") for entry in value.split(",") if entry.strip()]
        if len({name for name, _, _ in entries}) < len(entries):
            raise ValueError
        return {name: token for name, _, token in entries}

    @field_validator("api_tokens", mode="after")
    @classmethod
    def _each_a_token(cls, tokens: Tokens) -> Tokens:
        for name, token in tokens.items():
            named = re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", name)
            if not (named and re.fullmatch(r"[!-~]{16,200}", token.get_secret_value())):
                raise ValueError
        return tokens

    @field_validator("fetch_hosts", "robots_off", "api_hosts", mode="before")
    @classmethod
    def _hosts(cls, value: Any) -> Any:
        return value.lower().replace(",", " ").split() if isinstance(value, str) else value

    @field_validator("fetch_hosts", "robots_off", "api_hosts", mode="after")
    @classmethod
    def _each_a_host(cls, hosts: Hosts) -> Hosts:
        if not all(re.fullmatch(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?", h) for h in hosts):
            raise ValueError
        return hosts

    @field_validator("telegram_quiet", mode="before")
    @classmethod
    def _hours(cls, value: Any) -> Any:
        return read_hours(value) if isinstance(value, str) else value

    @field_validator(
        *("openai_base_url", "telegram_api_url", "telegram_webhook_url", "otel_endpoint"),
        mode="after",
    )
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        if url is not None:
            _HTTP.validate_python(url)
            if not re.match(r"https?://[^/\s\\]", url, re.IGNORECASE):
                raise ValueError
        return url and url.rstrip("/")

    @field_validator("chroma_url", mode="after")
    @classmethod
    def _server(cls, url: str | None) -> str | None:
        """Take no name, password or path: they would be shown in errors, or go unused."""
        if url is not None:
            _HTTP.validate_python(url)
            if not re.fullmatch(r"https?://([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?/?", url, re.I):
                raise ValueError
        return url and url.lower().rstrip("/")

    @field_validator("openai_api_key", "telegram_bot_token", "chroma_token", mode="after")
    @classmethod
    def _token(cls, secret: SecretStr | None) -> SecretStr | None:
        return _matching(r"[!-~]+", secret)

    @field_validator("database_url", mode="after")
    @classmethod
    def _database(cls, secret: SecretStr | None) -> SecretStr | None:
        # An address that can be read in two ways would show a part of the password as its host.
        said, host = (
            r"(?:[^\s/?#@:%\[\]]|%[\da-fA-F]{2})*",
            r"(?:[\w.%-]*|\[[\da-fA-F:.]+\])(?::\d{1,5})?",
        )
        return _matching(
            rf"postgres(ql)?://({said}(:{said})?@)?(?=.){host}(,{host})*(/{said})?(\?[^\s#@]*)?",
            secret,
        )

    @field_validator("telegram_webhook_secret", mode="after")
    @classmethod
    def _secret(cls, secret: SecretStr | None) -> SecretStr | None:
        return _matching(r"[A-Za-z0-9_-]{1,256}", secret)

    @field_validator("metrics_token", mode="after")
    @classmethod
    def _long(cls, secret: SecretStr | None) -> SecretStr | None:
        return _matching(r"[!-~]{16,200}", secret)

    @field_validator("telegram_webhook_listen", "telegram_health_listen", mode="after")
    @classmethod
    def _listen(cls, listen: str | None) -> str | None:
        if listen is None:
            return None
        port = re.fullmatch(r"(?:[^\s:]*|\[[^\s\]]*\]):(\d{1,5})", listen)
        if not port or int(port[1]) > 65535:
            raise ValueError
        return listen

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return _expanded(HOME, home)

    @field_validator("embeddings", "reader", mode="after")
    @classmethod
    def _folder(cls, choice: str, info: ValidationInfo) -> str:
        if choice[:1] != "~":
            return choice
        return str(_expanded(cls.name_of(info.field_name or ""), Path(choice)))

    @classmethod
    def name_of(cls, field: str) -> str:
        """Return a field's name in the environment."""
        return str(cls.model_fields[field].validation_alias)

    def as_environment(self) -> dict[str, str]:
        """Return the settings, without those of bot and API, as variables for another process."""
        values = {
            self.name_of(name): getattr(self, name)
            for name in type(self).model_fields
            if not name.startswith(("telegram_", "api_", "metrics_", "otel_"))
        }
        return {name: _written(value) for name, value in values.items() if value is not None}


def _written(value: Any) -> str:
    """Return a value as it is written in the environment."""
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return ",".join(sorted(value)) if isinstance(value, frozenset) else str(value)


_HTTP = TypeAdapter(AnyHttpUrl)
_UNTOLD = ("KEY", "TOKEN", "TOKENS", "SECRET", "URL", "ENDPOINT", "HEADERS")
"""Ends of the names of settings whose value is a secret, or may hold one."""


def load_settings(
    home: Path | None = None,
    engine: str | None = None,
    *,
    env_file: str | Path | None = None,
    notice: Callable[[str], object] = _log.warning,
    **others: Any,
) -> Settings:
    """Read the settings; arguments take precedence, then the places that `env_files` lists.

    Args:
        home: the home folder.
        engine: what answers.
        env_file: a file of settings, as of `--env-file`.
        notice: is told in one line what may not be as it was meant.
        others: fields of `Settings` by name, such as `timeout=30`.

    Raises:
        SettingsError: a value cannot be used; the message names the setting and what it takes.
    """
    named = others | {k: v for k, v in (("home", home), ("engine", engine)) if v is not None}
    if unknown := named.keys() - Settings.model_fields.keys():
        raise SettingsError(f"There is no setting {min(unknown)!r}: see bot.settings.Settings.")
    names = {Settings.name_of(name): field for name, field in Settings.model_fields.items()}
    given = {Settings.name_of(name): value for name, value in named.items()}
    gathered = gather(frozenset(names), given, os.environ, env_file, _home_of)
    for line in gathered.notices:
        notice(line)
    try:
        return Settings(**gathered.values)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
    raise SettingsError(_refusal(name, str(names[name].description), gathered))


def _refusal(name: str, takes: str, gathered: Gathered) -> str:
    """Say what a setting takes, and what it was given unless that may be secret."""
    place = gathered.places[name]
    where = f" of {place}" if os.path.isabs(place) else ""
    value = "" if name.endswith(_UNTOLD) else f", not {str(gathered.values[name])[:60]!r}"
    return f"{name}{where} cannot be used: it takes {takes}{value}."


def _matching(pattern: str, secret: SecretStr | None) -> SecretStr | None:
    if secret and not re.fullmatch(pattern, secret.get_secret_value()):
        raise ValueError
    return secret


def _home_of(value: str | Path | None) -> Path:
    return _expanded(HOME, Path(value or default_home()))


def _expanded(name: str, path: Path) -> Path:
    try:
        return Path(os.path.abspath(path.expanduser()))
    except RuntimeError:
        raise SettingsError(
            f"{name} cannot be used: the home folder that {path.parts[0]} stands for is not known."
        ) from None


def stay_private() -> None:
    """Switch off LangChain's tracing, which another program's variables may have switched on."""
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
        os.environ[name] = "false"
