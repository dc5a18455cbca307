"""What each stage of the search is worth: the same questions with stages added one by one.

    .venv/bin/python -m scripts.ablation

Prints a table in Markdown for the golden questions of the test split, on which nothing was
fitted, and for each development set that lies beside the repository. Values have their 95 %
intervals (bootstrap over questions). The stages that search the full text without reading are shown
with the catalog in PostgreSQL too.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from retrieval.answers import Answer, Question
from retrieval.archive.catalog import Catalog
from retrieval.archive.homes import catalog_at
from retrieval.assistant import Assistant
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.evaluation.external import ExternalSet
from retrieval.evaluation.results import Run
from retrieval.search.searcher import Searcher, SearchOptions
from tests import postgres
from tests.measuring import development

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Stage:
    """A row: the search as it is with some stages off; `history` is whether follow-ups have it."""

    name: str
    options: SearchOptions
    history: bool = False


_BARE = SearchOptions(rerank=False)
STAGES = (
    Stage("dense alone", replace(_BARE, lexical=False)),
    Stage("lexical alone", replace(_BARE, dense=False)),
    Stage("fused", _BARE),
    Stage("+ reranking", SearchOptions()),
    Stage("+ history", SearchOptions(), history=True),
)
COLUMNS = {
    "recall@5": "recall@5",
    "ndcg@5": "nDCG@5",
    "passage@1": "answer in the first passage",
}


class WithoutHistory:
    """Asks an assistant without what was said before."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    async def ask(self, question: Question) -> Answer:
        """The answer to the question as it stands."""
        return await self._assistant.ask(replace(question, history=()))


def main() -> int:
    """Every table, as it is there."""
    encoder = OnnxEncoder()
    sets = {"Golden questions, test split": development.golden("test")}
    if development.available():
        mtrag = development.mtrag()
        talks = [case for case in mtrag.cases if case.expected.articles]
        sets["XQuAD, development articles"] = development.xquad()
        sets["MTRAG-UN, development conversations"] = ExternalSet(mtrag.articles, talks)
    else:
        print("The development sets are not beside the repository: left out.", file=sys.stderr)
    with postgres.running() as server:
        for name, source in sets.items():
            with (
                tempfile.TemporaryDirectory() as home,
                closing(catalog_at(server.new_database())) as there,
            ):
                searcher = development.build(source.articles, Path(home), encoder)
                development.copy(searcher.catalog, there)
                _table(name, source, searcher, there)
    return 0


def _table(name: str, source: ExternalSet, searcher: Searcher, there: Catalog) -> None:
    here = searcher.catalog
    talks = any(case.question.history for case in source.cases)
    texts = any(case.expected.answers for case in source.cases)
    columns = {key: label for key, label in COLUMNS.items() if texts or "@5" in key}
    gold = sum(bool(case.expected.articles) for case in source.cases)
    print(f"\n| {name} ({gold} with gold articles) | {' | '.join(columns.values())} |")
    print(f"|---|{'---|' * len(columns)}", flush=True)
    for stage in STAGES:
        if not stage.history or talks:
            _row(stage.name, _run(stage, source, searcher), columns)
        if stage.options.lexical and not stage.options.rerank:
            searcher.catalog = there
            _row(f"{stage.name}, in PostgreSQL", _run(stage, source, searcher), columns)
            searcher.catalog = here


def _row(name: str, run: Run, columns: Iterable[str]) -> None:
    print(f"| {name} | {' | '.join(_cell(run, column) for column in columns)} |", flush=True)


def _run(stage: Stage, source: ExternalSet, searcher: Searcher) -> Run:
    searcher.options = stage.options
    assistant = Assistant(searcher)
    return development.run(
        searcher, source.cases, assistant if stage.history else WithoutHistory(assistant)
    )


def _cell(run: Run, metric: str) -> str:
    figure = run.figure(metric)
    if figure is None:
        return ""
    value, low, high = (
        f"{v:.3f}".removeprefix("0") for v in (figure.value, figure.low, figure.high)
    )
    return f"{value} [{low}–{high}]"


if __name__ == "__main__":
    sys.exit(main())
