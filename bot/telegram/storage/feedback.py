"""Stores 👍 and 👎 with the question, the answer and the passages retrieved."""

from __future__ import annotations

import json
from collections import Counter
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
    """Reads and writes verdicts in the bot's tables; a person's last one on an answer counts."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def press(self, answered: Answered, user_id: int, verdict: str) -> None:
        """Store a person's verdict, `UP` or `DOWN`, or take it back if they gave it before."""
        with self._store.transaction():
            before = self.of(answered.id, user_id)
            self._store.write(
                "DELETE FROM feedback WHERE answer_id = ? AND user_id = ?", answered.id, user_id
            )
            if verdict != before:
                self._store.write(
                    "INSERT INTO feedback VALUES (?, ?, ?, ?, ?, ?)",
                    answered.id,
                    user_id,
                    answered.user_id,
                    datetime.now(UTC).isoformat(timespec="seconds"),
                    verdict,
                    json.dumps(answered.content),
                )

    def of(self, answer_id: int, user_id: int) -> str | None:
        """Return a person's verdict on an answer, or None."""
        verdict: str | None = self._store.one(
            "SELECT verdict FROM feedback WHERE answer_id = ? AND user_id = ?", answer_id, user_id
        )
        return verdict

    def counts(self, answer_id: int) -> Counter[str]:
        """Return how many people gave each verdict on an answer."""
        rows = self._store.rows(
            "SELECT verdict, count(*) FROM feedback WHERE answer_id = ? GROUP BY verdict", answer_id
        )
        return Counter(dict(rows))

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
