"""What is left of the answers in what a model is shown, where it has little room.

    .venv/bin/python -m scripts.measure_packing

Prints a table in Markdown for the golden questions of the test split that have an answer: the share
of which all parts of the answer are in the prompt, with passages that are whole and with those that
are cut to the sentences around the evidence.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import cast

from retrieval.answering.generative import Writer, Written
from retrieval.answering.packing import pack, show
from retrieval.answers import Draft, Question
from retrieval.archive.passages import Match
from retrieval.assistant import Assistant
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.evaluation.metrics import Parts, parts_held
from retrieval.models.request_budget import RequestBudget
from retrieval.search.condense import Query, condense
from retrieval.stopwatch import Stopwatch
from retrieval.text.tokens import counter
from tests.measuring import development

ROOMS = (300, 500, 750, 1000, 1500, 4000)
COUNT = counter("a model with a vocabulary of its own")


@dataclass
class Listener:
    """Takes the writer's place, and writes nothing: it keeps what it is given to write from."""

    name: str = "listener"
    matches: list[Match] = field(default_factory=list)

    def request_budget(self) -> RequestBudget:
        """A budget that is not used."""
        return RequestBudget(0.0)

    async def condense(self, question: Question, _: RequestBudget) -> Query:
        """The query that is made without a model."""
        return condense(question.text, question.history)

    async def write(
        self, _: Question, __: Query, matches: Sequence[Match], ___: RequestBudget, ____: Stopwatch
    ) -> AsyncGenerator[Written]:
        """Keep the passages."""
        self.matches = list(matches)
        yield Written(Draft(""))


def main() -> int:
    """The table."""
    source = development.golden("test")
    cases = [case for case in source.cases if case.expected.answers]
    given: list[list[Match]] = []
    with tempfile.TemporaryDirectory() as home:
        searcher = development.build(source.articles, Path(home), OnnxEncoder())
        for case in cases:
            listener = Listener()
            asyncio.run(Assistant(searcher, writer=cast(Writer, listener)).ask(case.question))
            given.append(listener.matches)
    print(f"| tokens of passages ({len(cases)} questions) | {' | '.join(map(str, ROOMS))} |")
    print(f"|---|{'---|' * len(ROOMS)}")
    whole = [[replace(match, clues=()) for match in matches] for matches in given]
    for name, shown in (("whole", whole), ("cut to the sentences around the evidence", given)):
        cells = (_held(shown, [case.expected.answers for case in cases], room) for room in ROOMS)
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
    sizes = [sum(COUNT(show(e)) for e in pack(matches, ROOMS[-1], COUNT)) for matches in given]
    print(f"\nAll that is found has {median(filter(None, sizes)):,.0f} tokens (median).")
    return 0


def _held(given: Sequence[Sequence[Match]], answers: Sequence[Parts], room: int) -> str:
    held = 0
    for matches, parts in zip(given, answers, strict=True):
        text = " ".join(excerpt.text for excerpt in pack(matches, room, COUNT))
        held += parts_held(text, parts) == 1.0
    return f"{held / len(given):.3f}".removeprefix("0")


if __name__ == "__main__":
    sys.exit(main())
