"""Acts of a service that speaks OpenAI's Responses API, as its own address does."""

from __future__ import annotations

import json
from typing import Any

from tests.openai_server.server import Act, Exchange

USAGE = {
    "input_tokens": 1000,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 100,
    "output_tokens_details": {"reasoning_tokens": 40},
    "total_tokens": 1100,
}
_REASONING = {"id": "rs_1", "type": "reasoning", "summary": []}


def response(exchange: Exchange, status: str, *content: dict[str, Any], **more: Any) -> dict:
    """The response itself, as the events repeat it and a request without a stream gets it."""
    message = {"id": "msg_1", "type": "message", "role": "assistant", "status": status}
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": exchange.body["model"],
        "status": status,
        "error": None,
        "incomplete_details": None,
        "output": [_REASONING, message | {"content": list(content)}] if content else [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": None,
    } | more


def text_part(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": []}


def send(exchange: Exchange, kind: str, **fields: Any) -> None:
    event = {"type": kind, "sequence_number": 1} | fields
    exchange.raw(f"event: {kind}\ndata: {json.dumps(event)}\n\n".encode())


def begin(exchange: Exchange) -> None:
    """All that comes before the first word, of a model that reasons."""
    exchange.begin_stream()
    for kind in ("response.created", "response.in_progress"):
        send(exchange, kind, response=response(exchange, "in_progress"))
    for kind in ("response.output_item.added", "response.output_item.done"):
        send(exchange, kind, output_index=0, item=_REASONING)


def words(exchange: Exchange, text: str) -> None:
    for at in range(0, len(text), 7):
        where = {"item_id": "msg_1", "output_index": 1, "content_index": 0}
        delta = text[at : at + 7]
        send(exchange, "response.output_text.delta", **where, delta=delta, logprobs=[])


def end(exchange: Exchange, status: str, *content: dict[str, Any], **more: Any) -> None:
    """The last event. There is no `[DONE]` after it."""
    send(exchange, f"response.{status}", response=response(exchange, status, *content, **more))
    exchange.handler.wfile.write(b"0\r\n\r\n")


def responds(text: str, cut: str = "") -> Act:
    """Stream a text, or answer it whole where no stream is asked for.

    `cut` is why it is incomplete, such as "max_output_tokens".
    """
    status = "incomplete" if cut else "completed"

    def act(exchange: Exchange) -> None:
        part = [text_part(text)] if text else []
        ended = {"usage": USAGE, "incomplete_details": {"reason": cut} if cut else None}
        if exchange.body.get("stream"):
            begin(exchange)
            words(exchange, text)
            end(exchange, status, *part, **ended)
        else:
            exchange.send_json(200, response(exchange, status, *part, **ended))

    return act


def breaks(kind: str, text: str = "", **fields: Any) -> Act:
    """Stream a text, then one event that says what went wrong."""

    def act(exchange: Exchange) -> None:
        begin(exchange)
        words(exchange, text)
        if kind == "response.failed":
            end(exchange, "failed", error=fields)
        else:
            send(exchange, kind, **fields)
            exchange.handler.wfile.write(b"0\r\n\r\n")

    return act


def refuses_to_answer(exchange: Exchange) -> None:
    """A model that declines in words of its own, apart from an answer."""
    begin(exchange)
    where = {"item_id": "msg_1", "output_index": 1, "content_index": 0}
    said = "I cannot help with that."
    send(exchange, "response.refusal.delta", **where, delta=said)
    send(exchange, "response.refusal.done", **where, refusal=said)
    end(exchange, "completed", {"type": "refusal", "refusal": said}, usage=USAGE)
