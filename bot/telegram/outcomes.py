"""Tells the log how updates ended."""

from __future__ import annotations

from typing import Any

from bot.telegram.conversation.updates import UpdateContext
from bot.telegram.transport.parsing import Incoming


def outcome_fields(
    incoming: Incoming, context: UpdateContext, outcome: str, *, with_text: bool
) -> dict[str, Any]:
    """Return the fields of an update's line: who, where, how long, which outcome."""
    fields: dict[str, Any] = {
        "event": incoming.verb,
        "update_id": incoming.update_id,
        "chat_id": incoming.chat_id,
        "thread_id": incoming.thread_id,
        "user_id": incoming.user_id,
        "message_id": incoming.message_id or None,
        "outcome": outcome,
        "ms": context.ms,
    }
    if answer := context.answer:
        fields |= {
            "engine": answer.engine,
            "citations": len(answer.citations),
            "removed": len(answer.removed),
            "tokens": answer.usage.prompt_tokens + answer.usage.completion_tokens,
            "cost_usd": answer.usage.cost_usd,
            "timings_ms": answer.timings_ms,
        }
    if with_text:
        fields["text"] = incoming.text
    return fields
