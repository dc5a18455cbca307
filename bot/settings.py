"""All settings, from the environment and `.env`: the only place that reads either."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from retrieval.errors import SettingsError

Engine = Literal["auto", "extractive"]


class Settings(BaseSettings):
    """What Newsdesk is told; every field is documented in `.env.example`."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    home: Path = Field(
        default_factory=lambda: user_data_path("newsdesk", appauthor=False),
        validation_alias="NEWSDESK_HOME",
    )
    engine: Engine = Field(default="auto", validation_alias="NEWSDESK_ENGINE")
    embeddings: str = Field(default="local", validation_alias="NEWSDESK_EMBEDDINGS")
    embedding_model: str = Field(
        default="text-embedding-3-small", validation_alias="NEWSDESK_EMBEDDING_MODEL"
    )
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    openai_base_url: str | None = Field(
        default=None, validation_alias=AliasChoices("OPENAI_BASE_URL", "OPENAI_API_BASE")
    )

    @field_validator("home", mode="after")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return Path(os.path.abspath(home.expanduser()))


def load_settings(home: Path | None = None) -> Settings:
    """Settings from the environment and `.env`; `home`, when given, wins.

    Raises:
        SettingsError: names the variable and what it takes.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(str(part) for part in problem["loc"])
        raise SettingsError(f"{name} cannot be used: {problem['msg']}.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f".env cannot be read: {error}.") from None
    if home is not None:
        settings.home = Path(os.path.abspath(home.expanduser()))
    return settings


def stay_private() -> None:
    """Switch off what LangChain would send to its makers if another program's settings say so."""
    for name in ("LANGSMITH_TRACING", "LANGSMITH_TRACING_V2", "LANGCHAIN_TRACING_V2"):
        os.environ[name] = "false"
