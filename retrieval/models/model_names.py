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
