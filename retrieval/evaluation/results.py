"""What an evaluation leaves behind: runs, their figures, and how two runs compare.

All of it turns into JSON and back. A baseline is a run without its texts (`without_texts`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

from retrieval.answers import Derived, Removed, Turn
from retrieval.errors import EvaluationError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FORMAT = 1
"""The version of the JSON; another one is refused."""

ALL = "all"
"""The group of figures over all questions."""

PLAIN, PARAPHRASED, WITH_HISTORY = "plainly worded", "in other words", "with history"
ACROSS = (PLAIN, PARAPHRASED, WITH_HISTORY)
"""Groups that go across kinds: answerable questions in the article's words or in others, and
questions after others."""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that was found. `gold`: its article is expected; `holds`: it has a gold answer."""

    uri: str
    title: str
    score: float
    text: str
    gold: bool = False
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation. `gold`: its article is expected; `verbatim`: the quote is where it says."""

    number: int
    uri: str
    title: str
    quote: str
    gold: bool = False
    verbatim: bool = True


@dataclass(frozen=True, slots=True)
class Expected:
    """What is expected of an answer.

    `articles` are the URIs (of golden files: file names or URIs as they stand there) of the gold
    articles; `answers` the parts an answer must hold, each with its variants. A question that is
    not `answerable` is to be declined. `why` says what the question is there for. `grades` are
    the articles' gains, in their order; without any, all count 1. `needed` is how many of the
    parts are enough (0: all of them); `avoided` is what no right answer says.
    """

    answerable: bool
    articles: tuple[str, ...] = ()
    answers: tuple[tuple[str, ...], ...] = ()
    why: str = ""
    grades: tuple[int, ...] = ()
    needed: int = 0
    avoided: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """A question, what was expected, and what came.

    `right` is the verdict: an answerable question was answered with every part of the gold
    answer and a citation of a gold article; another was declined. `evidence` is the probability
    of the best sentence on the scale of `Run.threshold` (None where the engine has none, or did
    not search). `removed` are the sentences that the check took out of what a model wrote,
    `derived` those it left whose figures follow from others.
    `values` are the question's own metric values by name; metrics that say nothing about such a
    question are left out. `error` is set where asking failed.
    """

    id: str
    kind: str
    right: bool
    values: dict[str, float]
    question: str = ""
    history: tuple[Turn, ...] = ()
    as_of: str = ""
    paraphrase: bool = False
    expected: Expected = field(default_factory=lambda: Expected(answerable=True))
    refused: bool = False
    standalone_question: str = ""
    answer: str = ""
    citations: tuple[Cited, ...] = ()
    removed: tuple[Removed, ...] = ()
    derived: tuple[Derived, ...] = ()
    retrieved: tuple[Retrieved, ...] = ()
    evidence: float | None = None
    timings_ms: dict[str, float] = field(default_factory=dict)
    error: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups whose figures the question counts in."""
        wording: tuple[str, ...] = ()
        if self.expected.answerable:
            wording = (PARAPHRASED,) if self.paraphrase else (PLAIN,)
        return (ALL, self.kind, *wording, *((WITH_HISTORY,) if self.history else ()))

    @property
    def verdict(self) -> str:
        """Right, or what is wrong, in two or three words."""
        if self.error:
            return "failed"
        if self.right:
            return "right"
        if not self.expected.answerable:
            return "wrongly answered"
        return "wrongly declined" if self.refused else "wrong answer"


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric over a group of questions: its value and 95 % interval; `count` were averaged."""

    metric: str
    group: str
    value: float
    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Run:
    """Questions asked of one assistant over one archive.

    `started` is an ISO date and time; `engine` what answered; `archive` the hash of the articles
    (`archive_hash`); `articles` and `passages` their numbers; `settings` the options in force and
    `versions` the libraries', by name; `threshold` the evidence below which a question is
    declined (None where the engine has none).
    """

    engine: str
    started: str
    archive: str
    articles: int
    passages: int
    settings: dict[str, str]
    versions: dict[str, str]
    figures: tuple[Figure, ...]
    records: tuple[Record, ...]
    threshold: float | None = None
    format: int = FORMAT

    def figure(self, metric: str, group: str = ALL) -> Figure | None:
        """Return a figure by name and group, or None."""
        found = (f for f in self.figures if f.metric == metric and f.group == group)
        return next(found, None)

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups there are figures for, in their order; `ALL` comes first."""
        return tuple(dict.fromkeys(f.group for f in self.figures))


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure differs from the baseline's, on the questions that both runs asked.

    `difference` is now less before; `low` and `high` bound it (95 %, paired by question).
    `tolerance` is what the gate allows a fall to be, None where it does not look; `fails` tells
    whether this change stops it.
    """

    metric: str
    group: str
    before: float
    now: float
    difference: float
    low: float
    high: float
    count: int
    tolerance: float | None
    fails: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run against a baseline. Ids of questions that turned, and problems that are no change.

    `problems` are one line each: another archive, questions that are gone.
    """

    baseline_started: str
    changes: tuple[Change, ...]
    turned_wrong: tuple[str, ...]
    turned_right: tuple[str, ...]
    problems: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[Change, ...]:
        """The changes that stop the gate."""
        return tuple(change for change in self.changes if change.fails)

    @property
    def passes(self) -> bool:
        """Whether the gate lets the run through."""
        return not self.failures and not self.problems


def without_texts(run: Run) -> Run:
    """Return a run reduced to what a baseline keeps: outcomes, without texts and timings.

    Timings are those of a machine on a day: they would make every line of a new baseline differ.
    """
    slim = (
        Record(
            record.id,
            record.kind,
            record.right,
            {name: value for name, value in record.values.items() if name != "latency_ms"},
            paraphrase=record.paraphrase,
            refused=record.refused,
        )
        for record in run.records
    )
    kept = (figure for figure in run.figures if not figure.metric.startswith("latency"))
    return replace(run, figures=tuple(kept), records=tuple(slim))


def run_to_json(run: Run) -> dict[str, Any]:
    """Return a run as a JSON-ready object, without empty fields."""
    fields: dict[str, Any] = _adapter().dump_python(run, mode="json", exclude_defaults=True)
    return fields | {"format": run.format}


def run_from_json(fields: Any) -> Run:
    """Return the run that an object from `run_to_json` describes.

    Raises:
        EvaluationError: it is not one.
    """
    from pydantic import ValidationError

    if isinstance(fields, dict) and fields.get("format", FORMAT) != FORMAT:
        raise EvaluationError(
            f"results of format {fields['format']} are not understood: only {FORMAT} is."
        )
    try:
        return _adapter().validate_python(fields)
    except ValidationError as error:
        problem = error.errors()[0]
        place = ".".join(str(part) for part in problem["loc"])
        raise EvaluationError(f"not an evaluation's results: {place}: {problem['msg']}.") from None


@cache
def _adapter() -> TypeAdapter[Run]:
    from pydantic import TypeAdapter

    return TypeAdapter(Run)
