"""The golden questions that a recorded model answers again, through the whole chain.

Retrieval, prompts, the protocol and the checks are the real ones; the model's replies come from
tests/quality/replies, over HTTP. `make record` records them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.evaluating import evaluate_desk
from bot.settings import Settings
from bot.wiring import Desk
from retrieval.answering.generative import Writer
from retrieval.answers import Answer, Question
from retrieval.assistant import Assistant
from retrieval.checking.check import SupportCheck
from retrieval.evaluation.golden import Case
from retrieval.evaluation.results import Record, Run
from retrieval.models.token_budget import TokenBudget
from retrieval.search.searcher import Searcher
from tests.measuring import development
from tests.measuring.replies import Model, NotRecorded, Replayer, read_replies
from tests.measuring.upstream import SECONDS

ROOT = Path(__file__).resolve().parents[2]

FOLDER = ROOT / "tests" / "quality" / "replies"

EVERY = 2
"""Of each split, every so many questions are asked, beginning with the first."""

CONTEXT = 750
"""NEWSDESK_CONTEXT_TOKENS: what an otherwise idle server on two cores reads in the time it has. It
has to be named, because a prompt must not depend on how fast a server was."""


def files() -> list[Path]:
    """The recordings there are, one a model."""
    return sorted(FOLDER.glob("*.jsonl"))


def subset(splits: Sequence[str] = ("dev", "test")) -> list[Case]:
    """The golden questions that are recorded."""
    return [case for split in splits for case in development.golden(split).cases[::EVERY]]


class _Watched(Assistant):
    """The assistant, which would quote where its model fails; here that is an error.

    Its `ask` raises NotRecorded.
    """

    def __init__(self, searcher: Searcher, *, writer: Writer, replayer: Replayer) -> None:
        super().__init__(searcher, writer=writer)
        self._replayer = replayer

    async def ask(self, question: Question) -> Answer:
        answer = await super().ask(question)
        if self._replayer.problem:
            raise NotRecorded(self._replayer.problem)
        return answer


def desk_for(home: Path, model: str, url: str, replayer: Replayer) -> Desk:
    """A desk that is told nothing by the environment, whose model is behind `replayer`."""
    told: dict[str, Any] = {
        "NEWSDESK_HOME": home,
        "NEWSDESK_ENGINE": "openai",
        "NEWSDESK_MODEL": model,
        "NEWSDESK_TIMEOUT": SECONDS,
        "NEWSDESK_CONTEXT_TOKENS": CONTEXT,
        "NEWSDESK_VERIFY": "off",
        "NEWSDESK_EMBEDDINGS": "local",
        "NEWSDESK_DAILY_BUDGET_USD": None,
        "OPENAI_API_KEY": "none",
        "OPENAI_BASE_URL": url,
    }
    desk = Desk(Settings(**told))
    attend(desk, replayer)
    return desk


def attend(desk: Desk, replayer: Replayer, check: SupportCheck | None = None) -> None:
    """Give a desk a writer with some check, or its own."""
    budget = TokenBudget(context=desk.settings.context_tokens)
    writer = Writer(desk.chat, check, budget) if check else desk.writer
    assert writer is not None
    vars(desk).update(assistant=_Watched(desk.searcher, writer=writer, replayer=replayer))


def fill(home: Path) -> None:
    """Put the sample archive into a home."""
    told: dict[str, Any] = {"NEWSDESK_HOME": home, "NEWSDESK_EMBEDDINGS": "local"}
    desk = Desk(Settings(**told))
    with desk.indexer() as indexer:
        indexer.ingest(development.golden("dev").articles)


def run(
    desk: Desk, model: Model, cases: Sequence[Case], asked: Callable[[Record], None] | None = None
) -> Run:
    """The questions asked of a desk; the run says which model answered.

    Raises:
        NotRecorded: there is no reply to a request.
    """
    found = evaluate_desk(desk, cases, asked or (lambda _: None))
    told = {"context_tokens": str(CONTEXT), "every": str(EVERY)}
    return replace(
        found,
        settings=found.settings | told | model.described(),
        versions=found.versions | model.versions,
    )


@contextmanager
def replaying(path: Path, home: Path) -> Iterator[tuple[Desk, Model, Replayer]]:
    """A desk over the archive in a home, whose model is a recording."""
    model, replies = read_replies(path)
    replayer = Replayer(replies)
    with replayer.listening() as url:
        desk = desk_for(home, model.name, url, replayer)
        try:
            yield desk, model, replayer
        finally:
            desk.vectors.close()
            desk.catalog.close()
