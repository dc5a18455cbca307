"""Sentences beside evidence, as the checker learns them: built once, kept as JSON lines.

    .venv/bin/python -m training.claims BUILD

`training/claims` has sentences that people wrote of the invented stories, as a model writes them,
each with false twins that differ in one thing. Evidence is chosen as the check chooses it.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from corpus.article import Article
from retrieval.archive.passages import Match, Passage
from retrieval.checking.evidence import Unit, chosen, clauses, units_of, written
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.onnx_model import Floats
from tests.measuring import development
from training.sources import KEPT_BRIEFS, KEPT_STORY, STORIES, Span, article_of, number_in, rows

CLAIMS = STORIES.parent / "claims.jsonl"
BESIDE = 3
"""Articles of other stories that evidence is chosen from as well: those with the nearest titles."""

DROPPED = 0.25
"""Share of the true sentences that are also learned as false, without what bears them out."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence beside evidence; `changed` is where a false one says something else than the true.

    A true sentence and its twins are of one `group`.
    """

    group: str
    kind: str
    text: str
    evidence: str
    true: bool
    changed: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """Sentences of articles with their vectors, among which evidence is chosen."""

    units: list[Unit]
    vectors: Floats

    def of(self, uris: Iterable[str], without: Iterable[tuple[str, int]] = ()) -> list[int]:
        """The places of the sentences of some articles, but for some, article by article."""
        gone, wanted = set(without), list(uris)
        places: dict[str, list[int]] = {uri: [] for uri in wanted}
        for at, unit in enumerate(self.units):
            if unit.article.uri in places and (unit.article.uri, unit.start) not in gone:
                places[unit.article.uri].append(at)
        return [at for uri in wanted for at in places[uri]]


class Chooser:
    """Chooses the evidence of a sentence as the check does (`retrieval.checking.check`)."""

    def __init__(self, encoder: OnnxEncoder) -> None:
        self.encoder = encoder

    def pool(self, articles: Sequence[Article]) -> Pool:
        """The sentences of whole articles."""
        whole = [Passage(a.uri, a.id, 0, 0, len(a.body), a.body) for a in articles]
        matches = [Match(p, a, 1.0) for p, a in zip(whole, articles, strict=True)]
        units = units_of(matches, self.encoder.count_pieces)
        return Pool(units, self.encoder.encode([unit.text for unit in units]))

    def chosen(self, text: str, pool: Pool, places: Sequence[int]) -> list[Unit]:
        """The sentences that a sentence is read beside."""
        units = [pool.units[at] for at in places]
        asked = self.encoder.encode([text, *clauses(text)])
        likeness = (asked @ pool.vectors[list(places)].T).max(axis=0)
        return chosen(units, [float(v) for v in likeness], self.encoder.count_pieces)


def changed(true: str, false: str) -> tuple[Span, ...]:
    """Where a false twin differs from the true sentence; a word beside, where words are gone."""
    one, other = true.split(" "), false.split(" ")
    starts = np.cumsum([0, *(len(word) + 1 for word in other)])
    spans = []
    for tag, _, _, first, last in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        gone = first == last
        begin, end = (max(0, first - 1), min(len(other), last + 1)) if gone else (first, last)
        spans.append((int(starts[begin]), int(starts[end]) - 1))
    return tuple(spans)


def stories(chooser: Chooser, *, kept: bool) -> Iterator[Claim]:
    """Yield the sentences about the invented stories that are, or are not, kept out.

    Of the later stories, on some of which the reader is reported, none is.
    """
    told: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(STORIES.rglob("*.jsonl")):
        for row in rows(path):
            apart = path.parent == STORIES and number_in(row["story"]) % KEPT_STORY == 0
            if kept == apart:
                told.setdefault(row["story"], []).append(row)
    articles = {
        row["id"]: article_of(row, [s.strip() for s in row["sentences"]])
        for some in told.values()
        for row in some
    }
    pool = chooser.pool(list(articles.values()))
    titles = chooser.encoder.encode([a.title for a in articles.values()])
    ids, rng = list(articles), random.Random("claims")
    for row in rows(CLAIMS):
        if some := told.get(row["story"]):
            own = [r["id"] for r in some]
            near = titles @ titles[ids.index(own[0])]
            beside = [ids[n] for n in np.argsort(-near) if ids[n] not in own][:BESIDE]
            yield from _of_story(chooser, pool, [*own, *beside], row, some, rng)


def _of_story(
    chooser: Chooser,
    pool: Pool,
    among: Sequence[str],
    row: dict[str, Any],
    told: Sequence[dict[str, Any]],
    rng: random.Random,
) -> Iterator[Claim]:
    """Yield the sentences about one story; evidence is chosen `among` some articles.

    A true one that the evidence chosen does not bear out is left out.
    """
    places = pool.of(among)
    for number, claim in enumerate(row["claims"]):
        group = f"{row['story']}:{number}"
        needed = {_place(told, *spot) for spot in claim["sentences"]}
        found = chooser.chosen(claim["true"], pool, places)
        if needed <= {(unit.article.uri, unit.start) for unit in found}:
            yield Claim(group, "true", claim["true"], written(found), True)
        for twin in claim["false"]:
            evidence = written(chooser.chosen(twin["text"], pool, places))
            spans = changed(claim["true"], twin["text"])
            yield Claim(group, twin["kind"], twin["text"], evidence, False, spans)
        if rng.random() < DROPPED:
            left = pool.of(among, without=needed)
            evidence = written(chooser.chosen(claim["true"], pool, left))
            yield Claim(f"{group}:without", "dropped", claim["true"], evidence, False)


def briefs(chooser: Chooser, path: Path) -> Iterator[Claim]:
    """Yield the sentences about a file of invented briefs, each beside its own brief alone."""
    for row in rows(path):
        article = article_of(row, [s.strip() for s in row["sentences"]])
        pool = chooser.pool([article])
        places = pool.of([article.uri])
        for number, claim in enumerate(row["claims"]):
            group = f"{row['id']}:{number}"
            for text, true in ((claim["true"], True), (claim["false"], False)):
                evidence = written(chooser.chosen(text, pool, places))
                spans = () if true else changed(claim["true"], text)
                kind = "true" if true else claim["change"]
                yield Claim(group, kind, text, evidence, true, spans)


def _place(told: Sequence[dict[str, Any]], article: int, sentence: int) -> tuple[str, int]:
    row = told[article - 1]
    return row["id"], sum(len(s.strip()) + 1 for s in row["sentences"][:sentence])


def main() -> None:
    """Build, as the command line says."""
    parser = argparse.ArgumentParser(description="Build the examples that the checker learns.")
    parser.add_argument("folder", type=Path, help="where claims-train.jsonl and -kept.jsonl go")
    folder: Path = parser.parse_args().folder
    reading = development.DATA / "reading"
    chooser = Chooser(OnnxEncoder())
    for kept in (False, True):
        path = folder / f"claims-{'kept' if kept else 'train'}.jsonl"
        made = 0
        with path.open("w", encoding="utf-8") as out:
            files = [p for p in sorted(reading.glob("?.jsonl")) if (p.stem in KEPT_BRIEFS) == kept]
            every = [stories(chooser, kept=kept), *(briefs(chooser, file) for file in files)]
            for claim in chain.from_iterable(every):
                out.write(json.dumps(asdict(claim), ensure_ascii=False) + "\n")
                made += 1
        print(f"{path.name}: {made}", flush=True)


if __name__ == "__main__":
    main()
