"""LangChain's client of OpenAI, for servers that send more or less than OpenAI does."""

from __future__ import annotations

from typing import Any

from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI


class TolerantChat(ChatOpenAI):
    """Reads chunks in which parts are missing, and keeps thoughts that are sent apart.

    Thoughts are in a message's `additional_kwargs["reasoning_content"]`, as LangChain's clients of
    other providers have them.
    """

    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, Any], default_chunk_class: type, base_generation_info: Any
    ) -> ChatGenerationChunk | None:
        choices = chunk.get("choices") or []
        for choice in choices:
            choice["delta"] = choice.get("delta") or {}
        found = super()._convert_chunk_to_generation_chunk(
            chunk | {"choices": choices}, default_chunk_class, base_generation_info
        )
        delta = choices[0]["delta"] if choices else {}
        # DeepSeek, llama.cpp and LiteLLM use the first name, Ollama and newer vLLM the second.
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if found and thought:
            found.message.additional_kwargs["reasoning_content"] = str(thought)
        return found
