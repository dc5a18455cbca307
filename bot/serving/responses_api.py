"""OpenAI's responses, which some of its newer clients speak instead of chat completions."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from itertools import count
from typing import TYPE_CHECKING, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from bot.serving.conversation import Asked, Memory, Message, question_in
from bot.serving.errors import Refused, failure_in_stream
from bot.serving.openai_api import MODEL, event_stream, require_model
from bot.serving.schemas import FAILURES, CitationShown, Particulars
from bot.serving.wording import (
    annotations_of,
    begun,
    citations_of,
    content_of,
    growth,
    particulars_of,
)
from bot.sessions import remember
from retrieval.answers import Answer, Draft, Turn

if TYPE_CHECKING:
    from bot.wiring import Desk


class ResponsesRequest(Asked):
    """A question, or a conversation that ends with one; other fields are passed over."""

    model: str = MODEL
    input: str | list[Message]
    previous_response_id: str | None = None
    stream: bool | None = None


class ResponseShown(BaseModel):
    """An answer with its sources, in the form of OpenAI's responses."""

    model_config = ConfigDict(extra="allow")

    id: str
    object: Literal["response"]
    status: Literal["completed"]
    model: str
    output: list[dict[str, Any]]
    usage: dict[str, Any]
    citations: list[CitationShown]
    newsdesk: Particulars


def routes(desk: Desk, memory: Memory) -> APIRouter:
    """Return the route of responses."""
    router = APIRouter(prefix="/v1", tags=["OpenAI"], responses=FAILURES)

    @router.post(
        "/responses",
        response_model=ResponseShown,
        response_model_exclude_unset=True,
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    )
    async def respond(given: ResponsesRequest) -> Any:
        """Answer a question, at once or as the answer grows."""
        require_model(given.model)
        before = _before(given, memory)
        messages = given.input
        if isinstance(messages, str):
            messages = [Message(role="user", content=messages)]
        question = question_in(messages, given, memory, before)
        identity = {"id": f"resp_{secrets.token_hex(12)}", "created_at": int(time.time())}
        head = identity | _fixed(given.previous_response_id)
        if given.stream:
            parts = await begun(desk.assistant.stream(question))
            return event_stream(_events(parts, head, memory, question.history))
        answer = await desk.assistant.ask(question)
        content = content_of(answer)
        _keep(memory, head, content, question.history, answer)
        return _completed(head, answer, _item(content, annotations_of(answer)))

    return router


def _before(given: ResponsesRequest, memory: Memory) -> Sequence[Turn]:
    if not given.previous_response_id:
        return ()
    turns = memory.get(given.previous_response_id)
    if turns is None:
        raise Refused(
            "That response is no longer known: send the conversation in `input`.",
            param="previous_response_id",
            code="previous_response_not_found",
        )
    return turns


def _keep(
    memory: Memory, head: dict[str, Any], content: str, history: tuple[Turn, ...], answer: Answer
) -> None:
    memory.keep(content.strip(), remember((), answer))
    memory.keep(head["id"], remember(history, answer))


def _fixed(previous: str | None) -> dict[str, Any]:
    """Return the fields that every response has alike."""
    return {
        "object": "response",
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "metadata": {},
        "model": MODEL,
        "parallel_tool_calls": False,
        "previous_response_id": previous,
        "temperature": None,
        "text": {"format": {"type": "text"}},
        "tool_choice": "none",
        "tools": [],
        "top_p": None,
        "truncation": "disabled",
    }


def _item(content: str, marks: list[dict[str, Any]], status: str = "completed") -> dict[str, Any]:
    return {
        "type": "message",
        "id": f"msg_{secrets.token_hex(12)}",
        "status": status,
        "role": "assistant",
        "content": [_part(content, marks)],
    }


def _part(content: str, marks: list[dict[str, Any]]) -> dict[str, Any]:
    annotations = [{"type": "url_citation"} | mark for mark in marks]
    return {"type": "output_text", "text": content, "annotations": annotations, "logprobs": []}


def _completed(head: dict[str, Any], answer: Answer, item: dict[str, Any]) -> dict[str, Any]:
    used = answer.usage
    return head | {
        "status": "completed",
        "output": [item],
        "usage": {
            "input_tokens": used.prompt_tokens,
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": used.completion_tokens,
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": used.prompt_tokens + used.completion_tokens,
        },
        "citations": citations_of(answer),
        "newsdesk": particulars_of(answer),
    }


async def _events(
    parts: AsyncGenerator[Draft | Answer],
    head: dict[str, Any],
    memory: Memory,
    history: tuple[Turn, ...],
) -> AsyncGenerator[str]:
    """Yield the events of a streamed response, numbered in their order."""
    numbers, item = count(), _item("", [], "in_progress")
    place = {"item_id": item["id"], "output_index": 0, "content_index": 0}

    def event(kind: str, **fields: Any) -> str:
        data = {"type": kind, "sequence_number": next(numbers)} | fields
        return f"event: {kind}\ndata: {json.dumps(data)}\n\n"

    content = ""
    try:
        running = head | {"status": "in_progress", "output": [], "usage": None}
        yield event("response.created", response=running)
        yield event("response.in_progress", response=running)
        yield event("response.output_item.added", output_index=0, item=item | {"content": []})
        yield event("response.content_part.added", **place, part=_part("", []))
        async with aclosing(growth(parts)) as added:
            async for part in added:
                if isinstance(part, str):
                    content += part
                    yield event("response.output_text.delta", **place, delta=part, logprobs=[])
                    continue
                _keep(memory, head, content, history, part)
                marks = annotations_of(part, len(content) - len(content_of(part)))
                done = item | _item(content, marks) | {"id": item["id"]}
                for said in _endings(event, place, done):
                    yield said
                yield event("response.completed", response=_completed(head, part, done))
    except Exception as error:
        details = failure_in_stream(error)["error"]
        yield event("error", message=details["message"], code=details["code"], param=None)


def _endings(event: Any, place: dict[str, Any], item: dict[str, Any]) -> Iterator[str]:
    [part] = item["content"]
    for number, annotation in enumerate(part["annotations"]):
        yield event(
            "response.output_text.annotation.added",
            **place,
            annotation_index=number,
            annotation=annotation,
        )
    yield event("response.output_text.done", **place, text=part["text"], logprobs=[])
    yield event("response.content_part.done", **place, part=part)
    yield event("response.output_item.done", output_index=0, item=item)
