"""Golden questions put to an assistant, one after the other."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

from retrieval.answers import Answer, Question
from retrieval.archive.catalog import Catalog
from retrieval.errors import ArchiveError, ModelFileError, NewsdeskError, SettingsError
from retrieval.evaluation.figures import figures
from retrieval.evaluation.golden import Case
from retrieval.evaluation.judging import failed, judge
from retrieval.evaluation.results import Record, Run

_LIBRARIES = ("newsdesk", "chromadb", "numpy", "onnxruntime", "sentencex", "tokenizers")


class Answerer(Protocol):
    """What is evaluated: anything that answers questions as the assistant does."""

    async def ask(self, question: Question) -> Answer:
        """Return the answer to a question, or a refusal."""
        ...


@dataclass(frozen=True, slots=True)
class Setup:
    """What a run is of: see the fields of `Run` of the same names."""

    engine: str
    archive: str
    articles: int
    passages: int
    settings: dict[str, str] = field(default_factory=dict)
    threshold: float | None = None


def setup_of(
    catalog: Catalog, engine: str, settings: dict[str, str], threshold: float | None = None
) -> Setup:
    """Describe the archive and the settings of a run."""
    summary = catalog.summary()
    archive = archive_hash(catalog.fingerprints().values())
    return Setup(engine, archive, summary.articles, summary.passages, settings, threshold)


def settings_of(*options: dict[str, Any]) -> dict[str, str]:
    """Return the options in force as flat texts, such as `limits.words`."""
    found: dict[str, str] = {}
    for group in options:
        for name, value in group.items():
            if isinstance(value, dict):
                inner = settings_of(value)
                found |= {f"{name}.{key}": text for key, text in inner.items()}
            else:
                found[name] = str(value)
    return found


def archive_hash(fingerprints: Iterable[str]) -> str:
    """Return a hash of an archive's contents (16 hexadecimal digits), independent of file
    locations.
    """
    return hashlib.sha256("\n".join(sorted(fingerprints)).encode()).hexdigest()[:16]


async def evaluate(
    answerer: Answerer,
    cases: Iterable[Case],
    setup: Setup,
    asked: Callable[[Record], None] = lambda _: None,
) -> Run:
    """Ask every question; `asked` hears of each record as it is there.

    A question that fails by itself (a model's server, say) is a wrong one, with its error.

    Raises:
        ArchiveError, ModelFileError, SettingsError: nothing can be asked.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    records = []
    for case in cases:
        record = await _ask(answerer, case)
        asked(record)
        records.append(record)
    return Run(
        engine=setup.engine,
        started=started,
        archive=setup.archive,
        articles=setup.articles,
        passages=setup.passages,
        settings=setup.settings,
        versions=versions(),
        figures=figures(records),
        records=tuple(records),
        threshold=setup.threshold,
    )


async def _ask(answerer: Answerer, case: Case) -> Record:
    begun = time.perf_counter()

    def passed() -> float:
        return round((time.perf_counter() - begun) * 1000, 1)

    try:
        answer = await answerer.ask(case.question)
    except (ArchiveError, ModelFileError, SettingsError):
        raise
    except NewsdeskError as error:
        return failed(case, str(error), passed())
    return judge(case, answer, passed())


def versions() -> dict[str, str]:
    """Return the versions of the packages that figures may depend on."""
    found = {}
    for name in _LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"
    return found
