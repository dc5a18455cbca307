"""LangChain's chat models, set up for `ChatService`: no retries, and replies that repeat."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from typing import Any

import httpx2
from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from retrieval.errors import SettingsError
from retrieval.models.model_names import OPENAI, reasons

_CONNECT_SECONDS = 10.0
_SEED = 7
_KEPT_CONNECTIONS = 20


def build_model(
    provider: str,
    model: str,
    *,
    api_key: SecretStr | None,
    base_url: str,
    seconds: float,
    responses: bool = False,
    effort: str | None = None,
    keep_connections: bool = True,
    http: Mapping[str, Any] | None = None,
) -> BaseChatModel:
    """Return a chat model of OpenAI, of a server of its kind, or of another provider.

    Other providers' keys are read from the environment by their own packages, which also manage
    their connections. Of OpenAI's kind, one that speaks `responses` is asked by that API, others
    by Chat Completions; `effort` is how hard the model is to reason. `keep_connections` keeps
    connections open for the next request; `http` holds more options of the HTTP client.

    Raises:
        SettingsError: the provider's package is missing, or it cannot be set up.
    """
    if provider != OPENAI:
        return _other(provider, model)
    import openai

    from retrieval.models.dialect import AdaptingClient
    from retrieval.models.openai_chat import ResponsesChat, TolerantChat

    # LangChain makes plain values of a reply whose content is a list of parts, which is not in the
    # SDK's types; the values are right, and nobody can act on the warning.
    warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
    limits = httpx2.Limits(max_keepalive_connections=_KEPT_CONNECTIONS if keep_connections else 0)
    http = http or {}
    at_random = reasons(model) and effort != "none"  # such a model takes no temperature
    own: dict[str, Any] = {} if responses else {"seed": _SEED, "stream_usage": True}
    return (ResponsesChat if responses else TolerantChat)(
        model=model,
        api_key=api_key or SecretStr("none"),
        base_url=base_url,
        timeout=httpx2.Timeout(seconds, connect=min(seconds, _CONNECT_SECONDS)),
        max_retries=0,
        temperature=None if at_random else 0,
        reasoning_effort=effort,
        stream_chunk_timeout=None,
        http_client=openai.DefaultHttpxClient(**http) if http else None,
        http_async_client=AdaptingClient(limits=limits, **http),
        http_socket_options=(),  # of a client that is not used; else LangChain warns of proxies
        openai_proxy=None,  # else read from another program's variable, and refused beside a client
        **own,
    )


def _other(provider: str, model: str) -> BaseChatModel:
    from langchain.chat_models import init_chat_model

    try:
        return init_chat_model(
            model,
            model_provider=provider,
            temperature=0,
            max_retries=0,
        )
    except ImportError as error:
        package = re.search(r"pip install ([\w-]+)", str(error))
        name = package[1] if package else f"langchain-{provider}"
        problem = f"needs the package {name}: install it with `pip install {name}`."
    except Exception as error:  # each provider has its own for a key that is missing
        problem = f"cannot be set up ({type(error).__name__}): check its key and name."
    raise SettingsError(f"NEWSDESK_MODEL={provider}:{model} {problem}")
