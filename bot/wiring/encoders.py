"""Builds the encoder and the reader that the settings choose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bot import proxies
from bot.settings import Settings
from retrieval.errors import SettingsError

if TYPE_CHECKING:
    from retrieval.embeddings.encoder import OnnxEncoder
    from retrieval.embeddings.openai import OpenAIEncoder
    from retrieval.reading.reader import Reader


def build_encoder(
    settings: Settings, url: str, embedded: Callable[[], OnnxEncoder]
) -> OnnxEncoder | OpenAIEncoder:
    """Return the encoder that embeds passages and questions.

    `url` is the address of OpenAI, or of the server instead, and `embedded` gives the encoder that
    ships with Newsdesk.

    Raises:
        SettingsError: NEWSDESK_EMBEDDINGS cannot be used.
    """
    choice = settings.embeddings
    if choice == "local":
        return embedded()
    if choice == "openai":
        from retrieval.embeddings.openai import OpenAIEncoder

        if settings.openai_api_key is None and settings.openai_base_url is None:
            raise SettingsError(
                "NEWSDESK_EMBEDDINGS=openai needs OPENAI_API_KEY, or OPENAI_BASE_URL for "
                "another server."
            )
        return OpenAIEncoder(
            settings.embedding_model,
            api_key=settings.openai_api_key,
            base_url=settings.openai_base_url,
            batch=settings.embedding_batch,
            http=proxies.client_options(url),
        )
    takes = "local, openai, or the folder of an ONNX encoder"
    folder = _folder("NEWSDESK_EMBEDDINGS", choice, takes)
    from retrieval.embeddings.encoder import OnnxEncoder

    return OnnxEncoder(folder)


def build_own_reader(settings: Settings) -> Reader | None:
    """Return the cross-encoder that NEWSDESK_READER names, or None if it is the shipped one.

    Raises:
        SettingsError: it names no folder.
        ModelFileError: the folder's files cannot be used.
    """
    choice = settings.reader
    if choice == "local":
        return None
    folder = _folder("NEWSDESK_READER", choice, "local, or the folder of an ONNX cross-encoder")
    from retrieval.reading.reader import Reader

    return Reader(folder)


def _folder(name: str, choice: str, takes: str) -> Path:
    """Return the folder that a setting names; without one, say what the setting takes."""
    folder = Path(choice)
    if not folder.is_dir():
        raise SettingsError(f"{name} is {choice!r}: it takes {takes}.")
    return folder
