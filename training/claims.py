"""Sentences beside evidence, as the checker learns them: built once, kept as JSON lines.

    .venv/bin/python -m training.claims BUILD

`training/claims.jsonl` has sentences that people wrote of the invented stories, as a model writes
them, each with false twins that differ in one thing; `tests/quality/written/more.jsonl` has such of
the sample archive and of invented briefs. Evidence is chosen as the check chooses it. Of what is
learned, further twins are made by rule (`training/twins.py`).
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from hashlib import md5
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
from tests.measuring.written import FOLDER as WRITTEN
from tests.measuring.written import articles as written_about
from training.sources import KEPT_BRIEFS, KEPT_STORY, STORIES, Span, article_of, number_in, rows
from training.twins import made

CLAIMS = STORIES.parent / "claims.jsonl"
BESIDE = 3
"""Articles of others that evidence is chosen from as well: those with the nearest titles."""

DROPPED = 0.25
"""Share of the true sentences that are also learned as false, without what bears them out."""

MADE = 3
"""False twins that are made of a true sentence by rule, at most."""


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
class Said:
    """A true sentence with its twins, each with its kind of mistake.

    `own` are the articles that it is about, `needed` the places of what bears it out where that is
    known.
    """

    group: str
    text: str
    twins: tuple[tuple[str, str], ...]
    own: tuple[str, ...]
    needed: frozenset[tuple[str, int]] = frozenset()


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


class Shelf:
    """Articles, and those whose titles are nearest to an article's."""

    def __init__(self, chooser: Chooser, articles: Iterable[Article]) -> None:
        self.articles = {article.uri: article for article in articles}
        self.pool = chooser.pool(list(self.articles.values()))
        self._ids = list(self.articles)
        self._titles = chooser.encoder.encode([a.title for a in self.articles.values()])

    def among(self, own: Sequence[str]) -> list[str]:
        """The articles that evidence is chosen among: one's own and `BESIDE` others."""
        near = self._titles @ self._titles[self._ids.index(own[0])]
        beside = [self._ids[n] for n in np.argsort(-near) if self._ids[n] not in own]
        return [*own, *beside[:BESIDE]]


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


def of_stories(*, kept: bool) -> tuple[list[Article], list[Said]]:
    """The invented stories that are, or are not, kept out, and what is said of them.

    Of the later stories, on some of which the reader is reported, none is.
    """
    told: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(STORIES.rglob("*.jsonl")):
        for row in rows(path):
            apart = path.parent == STORIES and number_in(row["story"]) % KEPT_STORY == 0
            if kept == apart:
                told.setdefault(row["story"], []).append(row)
    articles = [
        article_of(row, [s.strip() for s in row["sentences"]])
        for some in told.values()
        for row in some
    ]
    return articles, [
        Said(
            f"{row['story']}:{number}",
            claim["true"],
            tuple((twin["text"], twin["kind"]) for twin in claim["false"]),
            tuple(one["id"] for one in some),
            frozenset(_place(some, *spot) for spot in claim["sentences"]),
        )
        for row in rows(CLAIMS)
        if (some := told.get(row["story"]))
        for number, claim in enumerate(row["claims"])
    ]


def further(*, kept: bool) -> tuple[list[Article], list[Said]]:
    """The sample archive and briefs, and what is said of them by people who had one article each.

    Three of ten articles are kept out.
    """
    articles: dict[str, Article] = {a.uri.split("/")[-1]: a for a in written_about()}
    for path in _files():
        for row in rows(path):
            articles[row["id"]] = article_of(row, [s.strip() for s in row["sentences"]])
    said = [
        Said(
            f"m:{row['article']}:{number}",
            row["true"],
            tuple((twin["text"], twin["kind"]) for twin in row["twins"]),
            (articles[row["article"]].uri,),
        )
        for number, row in enumerate(rows(WRITTEN / "more.jsonl"))
        if kept == (int(md5(row["article"].encode()).hexdigest(), 16) % 10 >= 7)
    ]
    return list(articles.values()), said


def claims(chooser: Chooser, articles: Iterable[Article], said: Iterable[Said]) -> Iterator[Claim]:
    """Yield sentences and their twins, each beside evidence of its articles and like ones.

    A true one that the evidence chosen does not bear out is left out.
    """
    shelf, rng = Shelf(chooser, articles), random.Random("claims")
    for one in said:
        among = shelf.among(one.own)
        places = shelf.pool.of(among)
        found = chooser.chosen(one.text, shelf.pool, places)
        if one.needed <= {(unit.article.uri, unit.start) for unit in found}:
            yield Claim(one.group, "true", one.text, written(found), True)
        for text, kind in one.twins:
            evidence = written(chooser.chosen(text, shelf.pool, places))
            yield Claim(one.group, kind, text, evidence, False, changed(one.text, text))
        if one.needed and rng.random() < DROPPED:
            left = shelf.pool.of(among, without=one.needed)
            evidence = written(chooser.chosen(one.text, shelf.pool, left))
            yield Claim(f"{one.group}:without", "dropped", one.text, evidence, False)


def with_made(told: Iterable[Claim]) -> Iterator[Claim]:
    """Yield sentences, and after each true one twins that are made of it by rule."""
    rng = random.Random("made")
    for claim in told:
        yield claim
        for text, kind in made(claim.text, claim.evidence, rng, MADE) if claim.true else ():
            spans = changed(claim.text, text)
            yield Claim(claim.group, kind, text, claim.evidence, False, spans)


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


def _files() -> list[Path]:
    """The files of invented briefs."""
    return sorted((development.DATA / "reading").glob("?.jsonl"))


def _place(told: Sequence[dict[str, Any]], article: int, sentence: int) -> tuple[str, int]:
    row = told[article - 1]
    return row["id"], sum(len(s.strip()) + 1 for s in row["sentences"][:sentence])


def main() -> None:
    """Build, as the command line says."""
    parser = argparse.ArgumentParser(description="Build the examples that the checker learns.")
    parser.add_argument("folder", type=Path, help="where claims-train.jsonl and -kept.jsonl go")
    folder: Path = parser.parse_args().folder
    chooser = Chooser(OnnxEncoder())
    for kept in (False, True):
        path = folder / f"claims-{'kept' if kept else 'train'}.jsonl"
        told = chain(claims(chooser, *of_stories(kept=kept)), claims(chooser, *further(kept=kept)))
        others = (briefs(chooser, file) for file in _files() if (file.stem in KEPT_BRIEFS) == kept)
        every = chain(told if kept else with_made(told), chain.from_iterable(others))
        count = 0
        with path.open("w", encoding="utf-8") as out:
            for claim in every:
                out.write(json.dumps(asdict(claim), ensure_ascii=False) + "\n")
                count += 1
        print(f"{path.name}: {count}", flush=True)


if __name__ == "__main__":
    main()
