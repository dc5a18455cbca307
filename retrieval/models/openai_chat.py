"""LangChain's clients of OpenAI: for its own service, and for servers that send more or less."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, contextmanager
from typing import Any, cast

import httpx2
import openai
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_openai import ChatOpenAI


class ResponsesChat(ChatOpenAI):
    """Asks by the Responses API, and has nothing stored.

    That a model is at work on its reply is no chunk of it. A response that failed is an error of
    the SDK, as it is with Chat Completions.
    """

    use_responses_api: bool | None = True
    store: bool | None = False

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        stream = cast(AsyncGenerator[ChatGenerationChunk, None], super()._astream(*args, **kwargs))
        with _failures():
            async with aclosing(stream) as chunks:
                async for chunk in chunks:
                    if not _is_silent(chunk.message):
                        yield chunk

    async def _agenerate(self, *args: Any, **kwargs: Any) -> ChatResult:
        with _failures():
            return await super()._agenerate(*args, **kwargs)


def _is_silent(message: BaseMessage) -> bool:
    """Return whether a chunk has no word of a response, and does not end it."""
    kinds = {part["type"] for part in message.content if isinstance(part, dict)}
    ended = getattr(message, "chunk_position", None) == "last"
    return not message.text and "refusal" not in kinds and not ended


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what LangChain raises for a failed response, a bare ValueError, into the SDK's error."""
    try:
        yield
    except ValueError as error:
        if type(error) is not ValueError:
            raise
        raise openai.APIError(str(error), httpx2.Request("POST", ""), body=None) from None


class TolerantChat(ChatOpenAI):
    """Reads chunks in which parts are missing, and keeps thoughts that are sent apart.

    Thoughts are in a message's `additional_kwargs["reasoning_content"]`, as LangChain's clients of
    other providers have them. How long llama.cpp's server took is in `"timings"` there, a list.
    """

    use_responses_api: bool | None = False

    async def _agenerate(self, *args: Any, **kwargs: Any) -> ChatResult:
        try:
            return await super()._agenerate(*args, **kwargs)
        except (openai.LengthFinishReasonError, openai.ContentFilterFinishReasonError) as error:
            if error.completion is None:
                raise
            return self._create_chat_result(error.completion)  # a reply, though not a whole one

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
        if found and (timings := chunk.get("timings")):
            # As a list, because LangChain adds up chunks, and cannot add up other things.
            found.message.additional_kwargs["timings"] = [timings]
        return found
