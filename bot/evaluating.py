"""Runs `newsdesk eval`: golden files over the archive, or a public set over its own articles."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bot.wiring import Desk
from corpus.article import Article
from corpus.reading import find_files, read_file
from retrieval.evaluation.external import ExternalSet, beir, mtrag, xquad
from retrieval.evaluation.golden import Case, read_golden
from retrieval.evaluation.results import Record, Run
from retrieval.evaluation.runner import evaluate, settings_of, setup_of

_CHECKOUT = Path(__file__).resolve().parent.parent
_QUALITY = _CHECKOUT / "tests" / "quality"
_SAMPLE = _CHECKOUT / "corpus" / "articles"


@dataclass(frozen=True, slots=True)
class Source:
    """The source of the questions: golden files, or one of the public sets."""

    files: tuple[Path, ...] = ()
    xquad: Path | None = None
    mtrag: Path | None = None
    beir: Path | None = None

    @property
    def count(self) -> int:
        """How many of the four fields are set."""
        return sum(map(bool, (self.files, self.xquad, self.mtrag, self.beir)))

    def external(self) -> ExternalSet | None:
        """Read the public set with its articles. Return None for golden files.

        Raises:
            EvaluationError: a file of the set cannot be used.
        """
        if self.xquad:
            return xquad(self.xquad)
        if self.mtrag:
            return mtrag(self.mtrag)
        if self.beir:
            return beir(self.beir)
        return None


def own_golden() -> tuple[Path, ...]:
    """Return the paths of the project's own golden files; outside a checkout there are none."""
    return tuple(sorted((_QUALITY / "golden").glob("*.jsonl")))


def own_baseline() -> Path | None:
    """Return the path of the project's baseline, or None outside a checkout."""
    return _QUALITY / "baseline.json" if _QUALITY.is_dir() else None


def own_sample() -> ExternalSet:
    """Read the project's sample articles with its golden questions."""
    files, _ = find_files([_SAMPLE])
    articles = [a for file in files for a in read_file(file) if isinstance(a, Article)]
    uris = {article.id: article.uri for article in articles}
    return ExternalSet(articles, read_golden(own_golden(), uris))


@contextmanager
def temporary(desk: Desk) -> Iterator[Desk]:
    """Open a desk with the same settings over an empty archive; delete both afterwards."""
    with tempfile.TemporaryDirectory(prefix="newsdesk-eval-") as home:
        other = Desk(desk.settings.model_copy(update={"home": Path(home)}))
        try:
            yield other
        finally:
            other.close()


def fill(desk: Desk, articles: Sequence[Article], advance: Callable[[], None]) -> None:
    """Ingest articles into a desk's archive; `advance` is called after each."""
    with desk.indexer() as indexer:
        indexer.ingest(articles, lambda _: advance())


def evaluate_desk(desk: Desk, cases: Sequence[Case], asked: Callable[[Record], None]) -> Run:
    """Ask a desk's assistant all questions; `asked` is called with each result.

    Raises:
        NewsdeskError: the archive, a setting or the encoder is at fault.
    """
    assistant = desk.assistant
    settings = {"encoder": desk.encoder.name, "index": desk.vectors.collection}
    settings |= settings_of(asdict(desk.searcher.options), asdict(assistant.options))
    setup = setup_of(desk.catalog, desk.engine, settings, assistant.options.answerable)
    return asyncio.run(evaluate(assistant, cases, setup, asked))
