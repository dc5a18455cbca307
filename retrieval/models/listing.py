"""Asks a model service which models it has: that costs nothing, and shows whether it works."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import SecretStr

from retrieval.errors import ServiceError

_UNTOLD = (403, 404, 405, 501)
"""A key that may not list models may still ask them, and some servers have no list."""

SECONDS = 5.0
"""The time that a service has to tell its models."""

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Listing:
    """The models of a service; one that `takes_any` name has one model and calls it anything."""

    names: tuple[str, ...]
    takes_any: bool = False

    def require(self, model: str, setting: str) -> None:
        """Raise an error if the service does not have a model, which a setting names.

        Raises:
            ServiceError: it does not; the message says what it has.
        """
        if self.takes_any or not {model, f"{model}:latest"}.isdisjoint(self.names):
            return
        nearest = get_close_matches(model, self.names, _SHOWN, cutoff=0)
        more = len(self.names) - len(nearest)
        has = ", ".join(name[:80] for name in nearest) + (f" and {more} more" if more else "")
        raise ServiceError(
            f"The model service does not have {model}, which {setting} names: it has "
            f"{has or 'no models'}."
        )


def list_models(
    url: str,
    api_key: SecretStr | None,
    *,
    http: Mapping[str, Any] | None = None,
) -> Listing | None:
    """Return the models of a service, or None if it does not tell them.

    Args:
        url: its address, with /v1 at its end.
        api_key: its key.
        http: more options of the HTTP client.

    Raises:
        ServiceError: it refuses the key, cannot be reached, fails, or is too slow.
    """
    from retrieval.models.faults import as_service_error

    try:
        return asyncio.run(_listed(url, api_key, http or {}))
    except Exception as error:
        if getattr(error, "status_code", 0) in _UNTOLD:
            return None
        found = as_service_error(error)
    raise found


async def _listed(url: str, api_key: SecretStr | None, http: Mapping[str, Any]) -> Listing:
    import openai

    key = api_key.get_secret_value() if api_key else "none"
    client = openai.AsyncOpenAI(
        api_key=key,
        base_url=url,
        max_retries=0,
        http_client=openai.DefaultAsyncHttpxClient(**http),
    )
    async with client, asyncio.timeout(SECONDS):
        models = (await client.models.list()).data
    owners = {str(model.owned_by) for model in models}
    return Listing(tuple(str(model.id) for model in models), takes_any=owners == {"llamacpp"})
