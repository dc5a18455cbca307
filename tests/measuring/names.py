"""Questions that ask only of a name, over invented stories that no reader learned from.

`tests/quality/names` has them, with what has to be in a quote of the answer; none of it where the
stories do not tell.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import date
from pathlib import Path

from corpus.article import Article
from retrieval.answers import Question
from retrieval.assistant import Assistant
from retrieval.embeddings.encoder import OnnxEncoder
from tests.measuring import development

QUESTIONS = development.ROOT / "tests" / "quality" / "names" / "questions.jsonl"
_STORIES = development.ROOT / "training" / "stories" / "later"
_LOOKED_AT = 1_200
"""Stories before those that are asked about: questions on them were tried on the way."""


def outcomes(encoder: OnnxEncoder, home: Path) -> Counter[tuple[str, str]]:
    """Count what became of the questions: by "who" or "said" and "told", "other" or "declined".

    Those that the stories do not answer count as "untold".
    """
    assistant = Assistant(development.build(_stories(), home, encoder))
    found: Counter[tuple[str, str]] = Counter()
    for row in map(json.loads, QUESTIONS.read_text(encoding="utf-8").splitlines()):
        answer = asyncio.run(assistant.ask(Question(row["question"])))
        quoted = " ".join(citation.quote for citation in answer.citations)
        kind = "who" if row["question"].startswith("Who") else "said"
        told = any(quote in quoted for quote in row["quotes"])
        became = "declined" if answer.refused else "told" if told else "other"
        found[kind if row["quotes"] else "untold", became] += 1
    return found


def _stories() -> list[Article]:
    rows = [
        json.loads(line)
        for file in sorted(_STORIES.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    return [
        Article(
            row["id"],
            row["title"],
            " ".join(row["sentences"]),
            row["outlet"],
            date.fromisoformat(row["published"]),
        )
        for row in rows[_LOOKED_AT:]
    ]
