"""OpenAI's chat completions, so that programs which speak to a model can speak to the archive."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field
from starlette.responses import Response

from bot.serving.conversation import Asked, Memory, Message, question_in
from bot.serving.errors import Refused, failure_in_stream
from bot.serving.schemas import FAILURES, CitationShown, Particulars, UrlCitation
from bot.serving.wording import (
    annotations_of,
    begun,
    citations_of,
    content_of,
    growth,
    particulars_of,
)
from bot.sessions import remember
from retrieval.answers import Answer, Draft

if TYPE_CHECKING:
    from bot.wiring import Desk

MODEL = "newsdesk"


class ModelShown(BaseModel):
    """A model that may be asked."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelList(BaseModel):
    """The models that may be asked."""

    object: Literal["list"]
    data: list[ModelShown]


class StreamOptions(BaseModel):
    """What a stream is to have."""

    include_usage: bool | None = None


class Format(BaseModel):
    """The form that an answer is to have."""

    type: str = "text"


class ChatRequest(Asked):
    """A conversation that ends with a question. Other fields of OpenAI's are passed over."""

    model: str = MODEL
    messages: Annotated[list[Message], Field(min_length=1)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    response_format: Format | None = None


class Annotation(BaseModel):
    """A mark in the content."""

    type: Literal["url_citation"]
    url_citation: UrlCitation


class MessageShown(BaseModel):
    """The answer. `refusal` stays empty: that the archive has no answer is no misdeed."""

    role: Literal["assistant"]
    content: str
    refusal: None
    annotations: list[Annotation]
    citations: list[CitationShown]


class Choice(BaseModel):
    """The one answer."""

    index: int
    message: MessageShown
    logprobs: None
    finish_reason: Literal["stop"]


class UsageShown(BaseModel):
    """Tokens of the model behind the answer; none where it is quoted."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatCompletion(BaseModel):
    """An answer with its sources."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[Choice]
    usage: UsageShown
    citations: list[CitationShown]
    newsdesk: Particulars


def routes(desk: Desk, memory: Memory) -> APIRouter:
    """Return the routes of models and chat completions."""
    router = APIRouter(prefix="/v1", tags=["OpenAI"], responses=FAILURES)
    created = int(time.time())
    model = ModelShown(id=MODEL, object="model", created=created, owned_by="newsdesk")

    @router.get("/models")
    async def models() -> ModelList:
        """List the one model: the archive."""
        return ModelList(object="list", data=[model])

    @router.get("/models/{name}")
    async def one_model(name: str) -> ModelShown:
        """Describe the model."""
        require_model(name)
        return model

    @router.post(
        "/chat/completions",
        response_model=ChatCompletion,
        response_model_exclude_unset=True,
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    )
    async def complete(given: ChatRequest) -> Any:
        """Answer the question that a conversation ends with, at once or as it grows."""
        require_model(given.model)
        if given.n not in (None, 1):
            raise Refused("There is one answer to a question: leave n out.", param="n")
        if given.response_format and given.response_format.type != "text":
            raise Refused(
                "Answers are text; their sources are in `citations`.", param="response_format"
            )
        question = question_in(given.messages, given, memory)
        if given.stream:
            parts = await begun(desk.assistant.stream(question))
            options = given.stream_options or StreamOptions()
            chunks = _chunks(parts, memory, with_usage=bool(options.include_usage))
            return event_stream(chunks)
        answer = await desk.assistant.ask(question)
        content = content_of(answer)
        memory.keep(content.strip(), remember((), answer))
        return _completion(answer, content)

    return router


def require_model(name: str) -> None:
    """Refuse to be asked for another model.

    Raises:
        Refused: it is not Newsdesk's.
    """
    if name != MODEL:
        raise Refused(
            f"There is no model of that name here: the one there is is {MODEL}.",
            404,
            param="model",
            code="model_not_found",
        )


def event_stream(events: AsyncGenerator[str]) -> Response:
    """Return the response that sends events as they come."""
    headers = {"X-Accel-Buffering": "no"}  # nginx would keep them back
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


def _completion(answer: Answer, content: str) -> dict[str, Any]:
    citations = citations_of(answer)
    message = {
        "role": "assistant",
        "content": content,
        "refusal": None,
        "annotations": _annotations(answer),
        "citations": citations,
    }
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    return _head("chat.completion") | {
        "choices": [choice],
        "usage": _usage(answer),
        "citations": citations,
        "newsdesk": particulars_of(answer),
    }


async def _chunks(
    parts: AsyncGenerator[Draft | Answer], memory: Memory, *, with_usage: bool
) -> AsyncGenerator[str]:
    """Yield the events of a stream: what is added to the content, then the sources."""
    head = _head("chat.completion.chunk")
    more: dict[str, Any] = {"usage": None} if with_usage else {}

    def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        return head | {"choices": [choice]} | more

    content = ""
    try:
        yield _event(chunk({"role": "assistant", "content": ""}))
        async with aclosing(growth(parts)) as added:
            async for part in added:
                if isinstance(part, str):
                    content += part
                    yield _event(chunk({"content": part}))
                    continue
                memory.keep(content.strip(), remember((), part))
                own = citations_of(part)
                offset = len(content) - len(content_of(part))
                marks = _annotations(part, offset)
                last = chunk({"annotations": marks, "citations": own}, "stop")
                yield _event(last | {"citations": own, "newsdesk": particulars_of(part)})
                if with_usage:
                    yield _event(head | {"choices": [], "usage": _usage(part)})
        yield "data: [DONE]\n\n"
    except Exception as error:
        yield _event(failure_in_stream(error))


def _head(kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "object": kind,
        "created": int(time.time()),
        "model": MODEL,
    }


def _annotations(answer: Answer, offset: int = 0) -> list[dict[str, Any]]:
    return [
        {"type": "url_citation", "url_citation": mark} for mark in annotations_of(answer, offset)
    ]


def _usage(answer: Answer) -> dict[str, int]:
    used = answer.usage
    return {
        "prompt_tokens": used.prompt_tokens,
        "completion_tokens": used.completion_tokens,
        "total_tokens": used.prompt_tokens + used.completion_tokens,
    }


def _event(data: dict[str, Any]) -> str:
    return f"data: {json.dumps(data)}\n\n"
