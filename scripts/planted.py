"""True sentences and planted faults, with the passages that a model would have had before it.

Faults are made by rule from true sentences: verbatim ones of the development sets and of the
sample archive, and hand-written ones (tests/quality/support): paraphrases, sentences reworded as
freely as they can be, and paraphrases held out, which are for reporting alone. A random number
generator with a fixed seed chooses; what is made is the same on every run.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from corpus.article import Article
from retrieval.answering.names import Name, find_names, has_name, key, keys
from retrieval.answering.numbers import Fact, find_facts, supports
from retrieval.answering.support import Outcome, Source, Verdict
from retrieval.chunking import Chunking, chunk
from retrieval.embeddings.encoder import Floats, OnnxEncoder
from retrieval.passages import Match, titled
from retrieval.sentences import Kind, split_sentences
from retrieval.text import always_capitalized, content_words
from retrieval.tokens import count_tokens
from scripts.development import available, golden, mtrag, xquad

HAND_WRITTEN = Path(__file__).resolve().parent.parent / "tests" / "quality" / "support"
TRUE = ("verbatim", "paraphrased", "reworded")
SWAPPED = ("number swapped", "date swapped", "name swapped")
CONTEXT = 6
"""Sources beside each sentence: its passage, and the nearest others of the whole set."""

_AUXILIARY = re.compile(
    r"\b(is|are|was|were|has|have|had|will|would|could|can|should|may|might|must)\b(?! not\b)"
)
_SAID = re.compile(r"\b(said|announced|reported|agreed|took|began|called|reached|accused)\b")
_SAYS = {"said": "say", "announced": "announce", "reported": "report", "agreed": "agree",
         "took": "take", "began": "begin", "called": "call", "reached": "reach",
         "accused": "accuse"}  # fmt: skip
_TAILS = (
    " after weeks of secret talks",
    ", which experts had predicted for years",
    " in spite of protests by the trade unions",
    " at the request of the royal family",
    ", and a second vote is planned for the summer",
    " because of a shortage of fuel",
    ", the largest sum ever paid for such a purpose",
    ", and the costs were met by private investors",
    " while thousands watched from the harbour",
    ", a decision that the courts later overturned",
)


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence with its markers and sources, and what ought to become of it.

    `kind` is "verbatim", "paraphrased" or the fault's name; `base` what a fault was made from;
    `spot` the place in `article` where a true or misattributed sentence stands.
    """

    set: str
    split: str
    kind: str
    base: str
    text: str
    sources: tuple[Source, ...]
    markers: tuple[int, ...]
    article: Article
    spot: tuple[int, int]

    @property
    def marked(self) -> str:
        """The sentence as a model would write it."""
        return self.text + "".join(f"[{n}]" for n in self.markers)


class Shelf:
    """The passages of a set of articles, and which are near a text."""

    def __init__(self, name: str, articles: Sequence[Article], encoder: OnnxEncoder) -> None:
        self.name = name
        self.articles = list(articles)
        self._encoder = encoder
        self.matches = [
            Match(passage, article, 0.0)
            for article in articles
            for passage in chunk(article, Chunking(), count_tokens, encoder.count_pieces)
        ]
        texts = [titled(m.article.title, m.passage.text) for m in self.matches]
        self._vectors: Floats = encoder.encode(texts)
        self.always = always_capitalized(a.body for a in articles)

    def is_common(self, word: str) -> bool:
        """Whether a first word of a sentence is no name, to judge by all articles."""
        return word.lower() not in self.always

    def around(self, text: str, article: Article, spot: tuple[int, int]) -> tuple[Source, ...]:
        """The passage of a sentence among its nearest neighbours, numbered from 1 by nearness."""
        scores = self._vectors @ self._encoder.encode([text])[0]
        holding = [i for i, m in enumerate(self.matches) if holds(m, article, spot)]
        ranked = [int(i) for i in np.argsort(-scores) if int(i) not in holding[1:]]
        chosen = ranked[:CONTEXT]
        if holding and holding[0] not in chosen:
            chosen[-1] = holding[0]
        return tuple(Source(n, self.matches[i]) for n, i in enumerate(chosen, start=1))


def holds(match: Match, article: Article, spot: tuple[int, int]) -> bool:
    """Whether a passage has the whole of a place of an article."""
    passage = match.passage
    return match.article.uri == article.uri and passage.start <= spot[0] and spot[1] <= passage.end


def split_of(name: str) -> str:
    """The split of a sample article, by its file's name: two of five are for testing."""
    return "test" if sum(map(ord, name)) % 5 in (1, 3) else "dev"


def true_items(shelf: Shelf, most: int) -> list[Item]:
    """Sentences of a set, verbatim, chosen at random."""
    rng = random.Random(7)
    spots = [
        (article, (s.start, s.end))
        for article in shelf.articles
        for s in split_sentences(article.body)
        if s.kind is Kind.SENTENCE and 6 <= len(article.body[s.start : s.end].split()) <= 45
    ]
    chosen = rng.sample(spots, min(most, len(spots)))
    return [
        item
        for article, (start, end) in chosen
        for item in _true(shelf, "verbatim", article, (start, end), article.body[start:end])
    ]


def hand_written(shelf: Shelf) -> list[Item]:
    """The true and the negated sentences written by hand over the sample archive.

    The paraphrases of `held_out` are the only ones of the test split: the gate's rules were made
    with an eye on the others.
    """
    by_name = {Path(a.uri).name: a for a in shelf.articles}
    items = []
    for kind, file, field, split in (
        ("paraphrased", "paraphrases", "paraphrase", "dev"),
        ("paraphrased", "held_out", "paraphrase", "test"),
        ("reworded", "reworded", "paraphrase", "dev"),
        ("negated", "negations", "negated", ""),
    ):
        for line in (HAND_WRITTEN / f"{file}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            article = by_name[row["article"]]
            start = article.body.index(row["sentence"])
            spot = (start, start + len(row["sentence"]))
            items += [
                replace(item, base="hand", split=split or item.split)
                for item in _true(shelf, kind, article, spot, row[field])
            ]
    return items


def _true(
    shelf: Shelf, kind: str, article: Article, spot: tuple[int, int], text: str
) -> Iterator[Item]:
    sources = shelf.around(text, article, spot)
    markers = [s.number for s in sources if holds(s.match, article, spot)]
    if markers:
        split = split_of(Path(article.uri).name) if shelf.name == "sample" else "dev"
        yield Item(shelf.name, split, kind, kind, text, sources, (markers[0],), article, spot)


@dataclass(frozen=True, slots=True)
class Planting:
    """What a fault is made of: a true sentence, the others of its set, and chance."""

    item: Item
    items: Sequence[Item]
    shelf: Shelf
    rng: random.Random


def faults(shelf: Shelf, items: Sequence[Item]) -> list[Item]:
    """Every fault that can be made of each true sentence."""
    rng = random.Random(11)
    made = []
    for item in items:
        if item.kind not in TRUE:
            continue
        for kind, plant in _PLANTERS.items():
            planted = plant(Planting(item, items, shelf, rng))
            if planted:
                made.append(replace(planted, kind=kind, base=item.kind))
    return made


def _fabricated(at: Planting) -> Item | None:
    """A sentence of an article that is not among the sources, cited like the true one."""
    item = at.item
    near = {s.match.article.uri for s in item.sources}
    theirs = set(content_words(" ".join(s.match.passage.text for s in item.sources)))
    others = [o for o in at.items if o.article.uri not in near and o.kind == item.kind]
    others = [o for o in others if len(set(content_words(o.text)) - theirs) >= 3]
    return replace(item, text=at.rng.choice(others).text) if others else None


def _embroidered(at: Planting) -> Item | None:
    """A true sentence with something invented at its end."""
    item = at.item
    return replace(item, text=item.text.rstrip(".") + at.rng.choice(_TAILS) + ".")


def _misattributed(at: Planting) -> Item | None:
    """The marker moved to another of the sources."""
    item = at.item
    others = [s.number for s in item.sources if not holds(s.match, item.article, item.spot)]
    return replace(item, markers=(at.rng.choice(others),)) if others else None


def _stitched(at: Planting) -> Item | None:
    """The first half of the sentence and the second half of one from another source."""
    item = at.item
    others = []
    for source in item.sources:
        if not holds(source.match, item.article, item.spot):
            passage = source.match.passage
            others += [
                (source.number, source.match.article.body[s.start : s.end])
                for s in split_sentences(source.match.article.body)
                if passage.start <= s.start and s.end <= passage.end and s.kind is Kind.SENTENCE
            ]
    others = [(n, t) for n, t in others if len(t.split()) >= 8]
    if not others or len(item.text.split()) < 8:
        return None
    number, other = at.rng.choice(others)
    mine, theirs = item.text.split(), other.split()
    text = " ".join([*mine[: len(mine) // 2], *theirs[len(theirs) // 2 :]])
    return replace(item, text=text, markers=(*item.markers, number))


def _pool(item: Item) -> list[str]:
    """Its own passage first, then the others."""
    own = [s.match.passage.text for s in item.sources if s.number in item.markers]
    return own + [s.match.passage.text for s in item.sources if s.number not in item.markers]


def _swapped_fact(kinds: Sequence[str]) -> Callable[..., Item | None]:
    def plant(at: Planting) -> Item | None:
        item = at.item
        own = [f for f in find_facts(item.text) if f.kind in kinds and _alone(f, item.text)]
        if not own:
            return None
        fact = at.rng.choice(own)
        for text in _pool(item):
            rivals = [
                f
                for f in find_facts(text)
                if f.kind == fact.kind
                and _alone(f, text)
                and bool(f.day[2]) == bool(fact.day[2])
                and bool(f.day[1]) == bool(fact.day[1])
                and _yearly(f) == _yearly(fact)
                and (f.unit == "percent") == (fact.unit == "percent")
                and not any(supports(f, g) or supports(g, f) for g in find_facts(item.text))
            ]
            if rivals:
                rival = at.rng.choice(rivals)
                return _put(item, fact, text[rival.start : rival.end])
        return None

    return plant


def _yearly(fact: Fact) -> bool:
    return fact.kind == "number" and not fact.unit and 1000 <= fact.value <= 2100


def _alone(fact: Fact, text: str) -> bool:
    """Whether a fact is the only one at its place, and is no "one"."""
    at = [f for f in find_facts(text) if f.start == fact.start]
    return len(at) == 1 and text[fact.start : fact.end].lower() != "one"


def _swapped_name(at: Planting) -> Item | None:
    """A whole name replaced by another of the sources that the sentence does not have."""
    item = at.item
    own = _whole_names(item.text, at.shelf)
    if not own:
        return None
    there = {key(word) for name in own for word in name.phrase.split()}
    name = at.rng.choice(own)
    for text in _pool(item):
        rivals = [
            other.phrase
            for other in _whole_names(text, at.shelf)
            if not {key(word) for word in other.phrase.split()} & there
            and not has_name(other, keys(name.phrase))
            and _adjective(other.phrase) == _adjective(name.phrase)
        ]
        if rivals:
            start = item.text.index(name.phrase)
            return replace(
                item,
                text=item.text[:start]
                + at.rng.choice(rivals)
                + item.text[start + len(name.phrase) :],
            )
    return None


def _whole_names(text: str, shelf: Shelf) -> list[Name]:
    dates = [(f.start, f.end) for f in find_facts(text) if f.kind in ("date", "weekday")]
    names = [
        name
        for name in find_names(text, shelf.is_common)
        if not any(s <= name.start < e for s, e in dates)
    ]
    return list({name.phrase: name for name in names if name.word[0].isupper()}.values())


def _adjective(name: str) -> bool:
    return name.endswith(("ian", "ish", "ese", "ans", "ijani", "raeli", "French", "Dutch"))


def _put(item: Item, fact: Fact, surface: str) -> Item:
    return replace(item, text=item.text[: fact.start] + surface + item.text[fact.end :])


def _negated(at: Planting) -> Item | None:
    """A "not" after the first auxiliary verb, or a "did not"."""
    item = at.item
    if re.search(r"\b(?:not|no|never|nobody|none|without|neither)\b|n't", item.text, re.I):
        return None
    if _AUXILIARY.search(item.text):
        return replace(item, text=_AUXILIARY.sub(r"\1 not", item.text, count=1))
    match = _SAID.search(item.text)
    if match:
        start, end = match.span()
        text = f"{item.text[:start]}did not {_SAYS[match.group()]}{item.text[end:]}"
        return replace(item, text=text)
    return None


_PLANTERS: dict[str, Callable[..., Item | None]] = {
    "fabricated": _fabricated,
    "embroidered": _embroidered,
    "misattributed": _misattributed,
    "stitched": _stitched,
    "number swapped": _swapped_fact(("number", "ordinal", "time")),
    "date swapped": _swapped_fact(("date", "weekday")),
    "name swapped": _swapped_name,
    "negated": _negated,
}


def thinned(items: Sequence[Item], step: int) -> list[Item]:
    """Every true, swapped and hand-written sentence, and each `step`th of what else is made.

    Of the swaps, those made of the freely reworded sentences are thinned like what else is made.
    """
    seen: dict[tuple[str, ...], int] = {}
    kept = []
    for item in items:
        group = (item.set, item.split, item.kind, item.base)
        seen[group] = seen.get(group, -1) + 1
        swapped = item.kind in SWAPPED and item.base != "reworded"
        whole = swapped or item.kind in TRUE or item.base == "hand"
        if whole or seen[group] % step == 0:
            kept.append(item)
    return kept


def well(item: Item, verdict: Verdict) -> bool:
    """Whether a verdict is right: true sentences pass, faults do not.

    A misattributed sentence is also caught by citing it where it stands.
    """
    if item.kind in TRUE:
        return verdict.outcome in (Outcome.SUPPORTED, Outcome.RECITED)
    if item.kind == "misattributed" and verdict.outcome is Outcome.RECITED:
        return any(
            q.match.article.uri == item.article.uri
            and q.start < item.spot[1]
            and item.spot[0] < q.end
            for q in verdict.quotes
        )
    return verdict.outcome is Outcome.REMOVED


def sets(encoder: OnnxEncoder, sentences: int) -> Iterator[tuple[str, list[Item]]]:
    """Each set's items: the sample archive, and the external ones where they are.

    `sentences` are taken verbatim from the sample archive, half as many from each other set.
    """
    sources: dict[str, Callable[[], list[Article]]] = {"sample": lambda: golden("dev").articles}
    if available():
        sources |= {"xquad": lambda: xquad().articles, "mtrag": lambda: mtrag().articles}
    for name, articles in sources.items():
        shelf = Shelf(name, articles(), encoder)
        items = true_items(shelf, sentences if name == "sample" else sentences // 2)
        if name == "sample":
            items += hand_written(shelf)
        yield name, items + faults(shelf, items)
