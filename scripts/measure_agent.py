"""Measure what a model's own searches (NEWSDESK_AGENT=on) bring, beside one search.

    .venv/bin/python -m scripts.measure_agent
    OPENAI_BASE_URL=… OPENAI_API_KEY=… NEWSDESK_MODEL=… .venv/bin/python -m scripts.measure_agent

Asked are the golden questions whose answer is in several articles. The model is that of
`scripts.record_replies`, on llama.cpp's server, or the one that the environment names. For each way
it prints how many answers are right, how many have all their parts, and how many are declined.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from bot.evaluating import evaluate_desk
from bot.settings import Settings
from bot.wiring import Desk
from retrieval.answering import agent as searching
from retrieval.answering.agent import SearchAgent
from retrieval.answers import Question
from retrieval.evaluation.results import ALL
from retrieval.models.request_budget import RequestBudget
from retrieval.search.searcher import SearchResult
from scripts.record_replies import server
from tests.measuring import development, recorded

KIND = "multi"
SPLITS = ("dev", "test")


class _Counting(SearchAgent):
    """An agent that counts its calls and searches."""

    asked = searches = 0

    async def search(
        self, question: Question, first: SearchResult, request_budget: RequestBudget
    ) -> list[SearchResult]:
        """Search on, and count."""
        results = await super().search(question, first, request_budget)
        type(self).asked += 1
        type(self).searches += len(results)
        return results


def main() -> None:
    """Print the figures of both ways."""
    searching.SearchAgent = _Counting  # type: ignore[misc]
    cases = [
        case for split in SPLITS for case in development.golden(split).cases if case.kind == KIND
    ]
    with server() as (upstream, about), tempfile.TemporaryDirectory() as home:
        recorded.fill(Path(home))
        for agent in ("off", "on"):  # in one home: what both ask is asked once
            desk = _desk(Path(home), about.name, upstream.url, upstream.key, agent)
            began = time.monotonic()
            run = evaluate_desk(desk, cases, lambda _: None)
            seconds = time.monotonic() - began
            desk.close()
            rows = [f"{f.metric} {f.value:.3f}" for f in run.figures if f.group == ALL]
            print(f"agent {agent}: {len(cases)} questions, {seconds:.0f} s", flush=True)
            print("  " + ", ".join(rows), flush=True)
    print(f"{_Counting.asked} questions were searched on for, {_Counting.searches} searches")


def _desk(home: Path, model: str, url: str, key: str, agent: str) -> Desk:
    told: dict[str, Any] = {
        "NEWSDESK_HOME": home,
        "NEWSDESK_ENGINE": "openai",
        "NEWSDESK_MODEL": model,
        "NEWSDESK_TIMEOUT": 600,
        "NEWSDESK_CONTEXT_TOKENS": recorded.CONTEXT,
        "NEWSDESK_AGENT": agent,
        "OPENAI_API_KEY": key or "none",
        "OPENAI_BASE_URL": url,
    }
    return Desk(Settings(**told))


if __name__ == "__main__":
    main()
