"""Topics of which somebody said which articles bear on them, and how well that is told."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.article import article_id
from tests.conftest import SAMPLE_ARCHIVE

FOLDER = Path(__file__).resolve().parents[1] / "quality" / "topics"


@dataclass(frozen=True)
class Labelled:
    """A topic with the names of the articles that bear on it, and of those that may."""

    topic: str
    form: str
    bears: frozenset[str]
    unclear: frozenset[str]


def topics(split: str) -> list[Labelled]:
    """The topics of a split ("dev" or "test")."""
    rows = _rows(f"{split}.jsonl")
    return [
        Labelled(r["topic"], r["form"], frozenset(r["bears"]), frozenset(r["unclear"]))
        for r in rows
    ]


def write_articles(folder: Path) -> dict[str, str]:
    """Write the invented articles and the sample archive's; returns article id -> name."""
    for row in _rows("articles.jsonl"):
        head = "\n".join(f"{k}: {json.dumps(row[k])}" for k in ("title", "published", "source"))
        (folder / f"{row['id']}.md").write_text(f"---\n{head}\n---\n{row['body']}\n")
    for path in SAMPLE_ARCHIVE.glob("*.md"):
        (folder / path.name).write_bytes(path.read_bytes())
    return {article_id(str(path)): path.stem for path in folder.glob("*.md")}


@dataclass
class Tally:
    """Articles that were rightly and wrongly told to bear on a topic, and those missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong or 1)

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed or 1)


def tally(split: str, matcher: Any, names: dict[str, str]) -> Tally:
    """Compare what a matcher tells with what somebody said."""
    total = Tally()
    for one in topics(split):
        told = {names[b.article.id] for b in matcher.bearing(one.topic, list(names))}
        total.right += len(told & one.bears)
        total.wrong += len(told - one.bears - one.unclear)
        total.missed += len(one.bears - told)
    return total


def features(matcher: Any, topic: str, names: dict[str, str]) -> dict[str, dict[str, float]]:
    """Name -> what is measured, of the articles that are near a topic."""
    spelt = matcher._speller.read(topic).text
    found = matcher.measured(spelt, list(names))
    return {names[reading.match.article.id]: asdict(measured) for reading, measured in found}


def _rows(name: str) -> list[dict[str, Any]]:
    text = (FOLDER / name).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
