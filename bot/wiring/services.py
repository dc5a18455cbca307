"""Asks the services that the settings name for the models that they have."""

from __future__ import annotations

from bot import proxies
from bot.settings import Settings
from bot.wiring.engine import engine_of
from retrieval.models.listing import list_models
from retrieval.models.model_names import OPENAI, split_name


def try_services(settings: Settings, url: str) -> None:
    """Ask the service of the model and of remote embeddings, if any, for the models it has.

    Other providers than OpenAI, and servers of its kind, are not asked.

    Raises:
        ServiceError: it cannot be used, or does not have a model that the settings name.
    """
    wanted = {}
    if engine_of(settings).startswith(f"{OPENAI}:"):
        wanted["NEWSDESK_MODEL"] = split_name(settings.model)[1]
    if settings.embeddings == OPENAI:
        wanted["NEWSDESK_EMBEDDING_MODEL"] = settings.embedding_model
    if not wanted:
        return
    listing = list_models(url, settings.openai_api_key, http=proxies.client_options(url))
    for setting, model in wanted.items():
        if listing is not None:
            listing.require(model, setting)
