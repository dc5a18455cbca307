"""A run as one page for a browser: it stands alone, asks for nothing, and runs one script, its own.

The page is drawn by the templates in `page/`. Whatever comes from articles, golden files, readers
or models is text there: Jinja escapes it, control characters are shown and not obeyed, and the
page's own policy (Content-Security-Policy) allows its own style and script alone, by their hashes.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from retrieval.checking.reasons import in_words, why
from retrieval.evaluation.comparison import compare
from retrieval.evaluation.figures import METRICS, Metric
from retrieval.evaluation.metrics import holds
from retrieval.evaluation.plots import histogram, outcomes, stages, ticks, trade_off
from retrieval.evaluation.results import ACROSS, ALL, Change, Comparison, Figure, Record, Run

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

PASSAGES = 5
"""Passages shown of a question that was not answered rightly; of the others none are."""

_FOLDER = Path(__file__).parent / "page"
_PARTS = {
    "search": "Search",
    "answers": "Answers",
    "declining": "Declining",
    "cost": "Time and cost",
}
_TILES = ("right", "holds", "recall@5", "wrongly_answered", "latency_p50")
_WORST_FIRST = ("failed", "wrongly answered", "wrong answer", "wrongly declined", "right")


def render_report(run: Run, baseline: Run | None = None) -> str:
    """Return the page of a run, beside a baseline if there is one."""
    comparison = compare(run, baseline) if baseline else None
    style, script = _own("report.css"), _own("report.js")
    latencies = [r.values["latency_ms"] for r in run.records if "latency_ms" in r.values]
    return (
        _environment()
        .get_template("report.html")
        .render(
            run=run,
            baseline=baseline,
            comparison=comparison,
            policy=_policy(style, script),
            style=style,
            script=script,
            parts=_parts(run, comparison),
            tiles=_rows(run, comparison, _TILES),
            groups=_groups(run, baseline),
            answerable=outcomes(run.records, answerable=True),
            unanswerable=outcomes(run.records, answerable=False),
            trade_off=trade_off(run.records, run.threshold),
            bars=histogram(latencies),
            stages=stages(run.records),
            removed=_removed(run.records),
            questions=_questions(run, comparison),
        )
    )


@dataclass(frozen=True, slots=True)
class Row:
    """A metric over all questions, and how it differs from the baseline's."""

    metric: Metric
    figure: Figure
    change: Change | None

    @property
    def trend(self) -> str:
        """What the change is: "better" or "worse" where its interval leaves no doubt."""
        change, better = self.change, self.metric.better
        if change is None or change.low == change.high == 0:
            return "unchanged"
        if not better or change.low <= 0 <= change.high:
            return "unclear"
        return "better" if (change.difference > 0) == (better == "higher") else "worse"


@dataclass(frozen=True, slots=True)
class Group:
    """The questions of a kind: the share answered rightly, before and now, and how found."""

    name: str
    right: Figure
    found: Figure | None
    before: Figure | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A question on the page; `turned` is "wrong" or "right" where the baseline had the other."""

    anchor: str
    record: Record
    turned: str


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason, in words, for which the check removed so many sentences."""

    words: str
    count: int


def _removed(records: Iterable[Record]) -> list[Reason]:
    """Return the reasons that there are, the most frequent first."""
    reasons = Counter(removed.reason for record in records for removed in record.removed)
    return [Reason(in_words(reason), count) for reason, count in reasons.most_common()]


def _parts(run: Run, comparison: Comparison | None) -> list[tuple[str, list[Row]]]:
    sections = []
    for part, heading in _PARTS.items():
        names = [metric.name for metric in METRICS.values() if metric.part == part]
        if rows := _rows(run, comparison, names):
            sections.append((heading, rows))
    return sections


def _rows(run: Run, comparison: Comparison | None, names: Sequence[str]) -> list[Row]:
    changes = {c.metric: c for c in comparison.changes if c.group == ALL} if comparison else {}
    figures = ((name, run.figure(name)) for name in names)
    return [Row(METRICS[name], figure, changes.get(name)) for name, figure in figures if figure]


def _groups(run: Run, baseline: Run | None) -> list[tuple[str, list[Group]]]:
    found: dict[str, list[Group]] = {"All together": [], "By wording": [], "By kind": []}
    for name in run.groups:
        heading = "All together" if name == ALL else "By wording" if name in ACROSS else "By kind"
        if right := run.figure("right", name):
            before = baseline.figure("right", name) if baseline else None
            found[heading].append(Group(name, right, run.figure("recall@5", name), before))
    return [(heading, groups) for heading, groups in found.items() if groups]


def _questions(run: Run, comparison: Comparison | None) -> list[Shown]:
    turned = {}
    if comparison:
        turned = dict.fromkeys(comparison.turned_wrong, "wrong")
        turned |= dict.fromkeys(comparison.turned_right, "right")
    shown = [Shown(f"q{at}", r, turned.get(r.id, "")) for at, r in enumerate(run.records, start=1)]
    return sorted(shown, key=lambda question: _WORST_FIRST.index(question.record.verdict))


# Words and numbers.


_NARROW = "\u202f"
"""The space between a number and its unit: narrow, and no line ends there."""


def amount(value: float, unit: str) -> str:
    """Format a value for people."""
    match unit:
        case "share":
            return f"{value * 100:.1f}{_NARROW}%"
        case "ms":
            slow = value >= 10_000
            return f"{value / 1000:,.1f}{_NARROW}s" if slow else f"{value:,.0f}{_NARROW}ms"
        case "usd":
            return f"${value:.4f}" if value else "$0"
        case "words":
            return f"{value:.1f}"
        case _:
            return f"{value:.2f}"


def interval(low: float, high: float, unit: str) -> str:
    """Two values as a person reads them, with their unit once."""
    number, space, symbol = amount(low, unit).partition(_NARROW)
    upper = amount(high, unit)
    return f"{number if upper.endswith(space + symbol) else number + space + symbol}–{upper}"


def difference(value: float, unit: str) -> str:
    """Format a change for people, with its sign; shares in percentage points."""
    if unit == "share":
        return f"{value * 100:+.1f}".replace("-", "−")
    sign = "−" if value < 0 else "+"
    return sign + amount(abs(value), unit)


def moment(iso: str) -> str:
    """Format a date and time for people; any other text stays as it is."""
    try:
        at = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{at.day} {at:%B %Y, %H:%M} {at.tzname() or ''}".rstrip()


def file_name(uri: str) -> str:
    """Return the last part of a URI or path."""
    return PurePosixPath(unquote(uri.rstrip("/"))).name or uri


_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """Return a text with its control characters, those of direction too, written out as U+202E."""
    return _UNSEEN.sub(lambda match: f"⟨U+{ord(match.group()):04X}⟩", text)


def marked(text: str, parts: Sequence[Sequence[str]]) -> Markup:
    """Return a text, escaped, in which the wordings of a gold answer are marked."""
    from markupsafe import Markup, escape

    wordings = sorted({wording for part in parts for wording in part}, key=len, reverse=True)
    text = visible(text)
    if not wordings:
        return escape(text)
    pattern = r"(?<![^\W_])(?:" + "|".join(re.escape(visible(w)) for w in wordings) + ")"
    pieces, end = [], 0
    for match in re.finditer(pattern, text, re.IGNORECASE):
        pieces += [escape(text[end : match.start()])]
        pieces += [Markup("<mark>{}</mark>").format(match.group())]
        end = match.end()
    return Markup("").join([*pieces, escape(text[end:])])


def _holds_any(text: str, part: Sequence[str]) -> bool:
    return any(holds(text, wording) for wording in part)


def _finalize(value: Any) -> Any:
    """Escape what a template prints, and make invisible characters visible."""
    return visible(value) if type(value) is str else value


def page_environment(folder: Path, finalize: Callable[[Any], Any]) -> Environment:
    """Return Jinja's environment for the pages of a folder: everything printed is escaped.

    `finalize` is given each value that a template prints, before that.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _environment() -> Environment:
    environment = page_environment(_FOLDER, _finalize)
    environment.filters |= {
        "amount": amount,
        "interval": lambda figure, unit: interval(figure.low, figure.high, unit),
        "difference": difference,
        "moment": moment,
        "file_name": file_name,
        "marked": marked,
        "ticks": ticks,
        "why": why,
    }
    environment.tests["holding"] = _holds_any
    environment.globals |= {"PASSAGES": PASSAGES, "metrics": METRICS}
    return environment


def _own(name: str) -> Markup:
    """Return the text of one of the page's own files, to be inlined."""
    from markupsafe import Markup

    return Markup((_FOLDER / name).read_text(encoding="utf-8"))


def _policy(style: str, script: str) -> str:
    """Return the page's content security policy: its own style and script, nothing else."""
    allowed = {"style-src": _hash(style), "script-src": _hash(script), "img-src": "data:"}
    rules = [f"{source} {what}" for source, what in allowed.items()]
    return "; ".join(["default-src 'none'", *rules, "base-uri 'none'", "form-action 'none'"])


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
