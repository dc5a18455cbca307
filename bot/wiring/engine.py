"""Tells from settings what writes the answers, and whether that may cost money."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from bot.settings import Settings
from retrieval.answers import EXTRACTIVE
from retrieval.errors import SettingsError
from retrieval.models.model_names import OPENAI, OPENAI_URL, is_weak, split_name
from retrieval.models.prices import price_of


def is_near(url: str | None) -> bool:
    """Return whether an address is one of this machine or of a private network."""
    host = urlsplit(url or OPENAI_URL).hostname or ""
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost"


def engine_of(settings: Settings) -> str:
    """Return the engine's name, as answers show it: "extractive", or "provider:model".

    Raises:
        SettingsError: the settings ask for a model, but not how to reach it.
    """
    provider, model = split_name(settings.model)
    reachable = provider != OPENAI or bool(settings.openai_api_key or settings.openai_base_url)
    if settings.engine == "extractive" or (settings.engine == "auto" and not reachable):
        return EXTRACTIVE
    if not reachable:
        raise SettingsError(
            "NEWSDESK_ENGINE=openai needs OPENAI_API_KEY, or OPENAI_BASE_URL for another server."
        )
    return f"{provider}:{model}"


def may_cost(settings: Settings) -> bool:
    """Return whether a question may cost money: a model or encoder of another machine is asked."""
    provider = split_name(settings.model)[0]
    writes = engine_of(settings) != EXTRACTIVE
    if writes and provider not in (OPENAI, "ollama"):
        return True
    asked = provider == OPENAI and writes
    return (asked or settings.embeddings == OPENAI) and not is_near(settings.openai_base_url)


def has_weak_model(settings: Settings) -> bool:
    """Return whether the model is known to be too weak to judge or to translate, by its name."""
    return is_weak(split_name(settings.model)[1])


def has_known_model(settings: Settings) -> bool:
    """Return whether the model's name tells if it can judge: it is too weak, or has a list price
    of OpenAI's."""
    provider, model = split_name(settings.model)
    return is_weak(model) or (provider == OPENAI and price_of(model) is not None)


def judges(settings: Settings) -> bool:
    """Return whether there is a model that judges the sentences that the check leaves in doubt."""
    if engine_of(settings) == EXTRACTIVE or settings.verify == "off":
        return False
    return settings.verify == "model" or not has_weak_model(settings)
