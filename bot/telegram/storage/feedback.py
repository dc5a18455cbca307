"""Stores 👍 and 👎 with the question, the answer and the passages retrieved."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.telegram.storage.conversations import Answered
from bot.telegram.storage.store import Store

UP, DOWN = "up", "down"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One person's rating of one answer; `content` is the answer's JSON object."""

    answer_id: int
    user_id: int
    at: str
    verdict: str
    content: dict[str, Any]


class Feedback:
    """Reads and writes verdicts in the bot's file; a person's last verdict on an answer counts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def give(self, answered: Answered, user_id: int, verdict: str) -> None:
        """Store a person's verdict, `UP` or `DOWN`; it replaces their earlier one."""
        self._store.write(
            "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?)",
            answered.id,
            user_id,
            answered.user_id,
            datetime.now(UTC).isoformat(timespec="seconds"),
            verdict,
            json.dumps(answered.content),
        )

    def every(self) -> Iterator[Verdict]:
        """Yield all verdicts, oldest first."""
        for number, user_id, at, verdict, content in self._store.rows(
            "SELECT answer_id, user_id, at, verdict, answer FROM feedback ORDER BY at, answer_id"
        ):
            yield Verdict(number, user_id, at, verdict, json.loads(content))


def candidate(number: int, verdict: Verdict) -> dict[str, Any]:
    """Turn an answer that somebody disliked into a draft of a golden question.

    A person fills in `answerable`, `articles` (those that answer it), `answers` (a list of
    alternative wordings for each fact) and `why`. `seen` holds the bot's answer and sources.
    """
    content = verdict.content
    return {
        "id": f"feedback-{number:03d}",
        "kind": "feedback",
        "question": content["standalone_question"],
        "paraphrase": False,
        "answerable": None,
        "articles": [],
        "answers": [],
        "why": "",
        "seen": {
            "at": verdict.at,
            "question": content["question"],
            "answer": content["answer"],
            "refused": content["refused"],
            "cited": [citation["uri"] for citation in content["citations"]],
            "retrieved": list(dict.fromkeys(found["uri"] for found in content["retrieved"])),
        },
    }
