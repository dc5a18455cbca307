"""Dialogues written by hand, held with the engine: its own answers are what the next turn follows.

`tests/quality/dialogues/README.md` describes the files.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bot.sessions import remember
from corpus.article import Article
from corpus.reading import find_files, read_file
from prompts import line
from retrieval.answers import Answer, Question, Turn
from retrieval.assistant import Assistant
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.evaluation import metrics
from retrieval.evaluation.runner import Answerer
from retrieval.text.citation_markers import MARKER
from tests.measuring import development

FOLDER = development.ROOT / "tests" / "quality" / "dialogues"
BRIEFS = FOLDER / "briefs"
SPLITS = ("dev", "test")
ANSWERABLE = ("opening", "elliptical", "switch")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """A turn as it went. `kind` is "opening", "elliptical", "switch", "declined" or a meta request.

    `subject` is whether an article of the right story is cited, `right` whether the answer is;
    where nothing answers, or nothing is asked, both are whether that was seen.
    """

    id: str
    kind: str
    turn: Row
    answer: Answer
    subject: bool
    right: bool
    ms: float


def rows(path: Path) -> list[Row]:
    """Read the dialogues of a file."""
    return [json.loads(text) for text in path.read_text(encoding="utf-8").splitlines()]


def assistants(home: Path, encoder: OnnxEncoder, briefs: Path = BRIEFS) -> dict[str, Assistant]:
    """Return an assistant for each archive, which is built in a folder."""
    folders = {"sample": development.SAMPLE_ARCHIVE, "briefs": briefs}
    found = {}
    for name, folder in folders.items():
        articles = [a for f in find_files([folder])[0] for a in read_file(f)]
        known = [article for article in articles if isinstance(article, Article)]
        found[name] = Assistant(development.build(known, home / name, encoder))
    return found


async def held(assistants: Mapping[str, Answerer], dialogues: Iterable[Row]) -> list[Told]:
    """Hold some dialogues, each with the assistant of its archive."""
    return [t for row in dialogues for t in await hold(assistants[row["archive"]], row)]


async def hold(answerer: Answerer, dialogue: Row) -> list[Told]:
    """Ask the turns of a dialogue one after another, each with the answers before it."""
    history: tuple[Turn, ...] = ()
    told: list[Told] = []
    for number, turn in enumerate(dialogue["turns"]):
        begun = time.perf_counter()
        answer = await answerer.ask(Question(turn["question"], history))
        passed = (time.perf_counter() - begun) * 1000
        history = remember(history, answer)
        kind = _kind(turn, first=number == 0)
        subject, right = _judged(turn, answer, told)
        told.append(Told(dialogue["id"], kind, turn, answer, subject, right, passed))
    return told


def grouped(told: Iterable[Told]) -> dict[str, list[Told]]:
    """Return the turns by kind; "answerable" are all that ask what an archive answers."""
    kinds: dict[str, list[Told]] = {"answerable": []}
    for turn in told:
        kinds.setdefault(turn.kind, []).append(turn)
        if turn.kind in ANSWERABLE:
            kinds["answerable"].append(turn)
    return kinds


def report(told: Iterable[Told]) -> Iterator[str]:
    """Yield a line for each kind of turn: how many, right subject, right answer."""
    for kind, turns in grouped(told).items():
        yield (
            f"{kind:10} {len(turns):4}  subject {share(turns, 'subject'):.3f}"
            f"  right {share(turns, 'right'):.3f}  {median(t.ms for t in turns):.0f} ms"
        )


def share(turns: Sequence[Told], what: str) -> float:
    """Return the share of some turns that have the right "subject", or are "right"."""
    return sum(getattr(turn, what) for turn in turns) / len(turns)


def _kind(turn: Row, *, first: bool) -> str:
    if "meta" in turn:
        return str(turn["meta"])
    if not turn["answerable"]:
        return "declined"
    if turn["elliptical"]:
        return "elliptical"
    return "opening" if first else "switch"


def _judged(turn: Row, answer: Answer, told: Sequence[Told]) -> tuple[bool, bool]:
    if "meta" in turn and turn["meta"] != "item":
        right = META[turn["meta"]](answer, told)
        return right, right
    if not turn.get("answerable", True):
        return answer.refused, answer.refused
    subject = _cites(answer, turn["articles"])
    return subject, subject and metrics.parts_held(answer.text, turn["answers"]) == 1.0


def _cites(answer: Answer, names: Iterable[str]) -> bool:
    wanted = set(names)
    return any(Path(citation.uri).name in wanted for citation in answer.citations)


def _bare(text: str) -> str:
    return " ".join(MARKER.sub(" ", text).split())


def _last(told: Sequence[Told]) -> Answer:
    """Return the last answer from the archive, which a meta request is about."""
    return next((t.answer for t in reversed(told) if t.answer.matches), told[-1].answer)


def _repeats(answer: Answer, told: Sequence[Told]) -> bool:
    last = _last(told)
    return _bare(answer.text) == _bare(last.text) and len(answer.citations) == len(last.citations)


def _thanks(answer: Answer, _: Sequence[Told]) -> bool:
    return answer.text == line("thanks")


def _shortens(answer: Answer, told: Sequence[Told]) -> bool:
    return len(answer.citations) >= 1 and _bare(answer.text) in _bare(_last(told).text)


def _goes_on(answer: Answer, told: Sequence[Told]) -> bool:
    """Return whether an answer says something new from articles that the dialogue is about."""
    said = " ".join(_bare(turn.answer.text) for turn in told)
    names = [name for turn in told for name in turn.turn.get("articles", ())]
    news = [citation for citation in answer.citations if citation.quote not in said]
    return bool(news) and _cites(answer, names)


META = {
    "repeat": _repeats,
    "thanks": _thanks,
    "more": _goes_on,
    "shorter": _shortens,
}
"""How an answer to each kind of meta request is judged; an item is by what it is."""
