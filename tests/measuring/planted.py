"""Planted faults: sentences that no source bears out, made by rule from true ones.

Chance chooses what is put where, by a generator seeded with the sentence itself: what is made of
one does not depend on what else there is.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from corpus.article import Article
from retrieval.checking.agreement import supports
from retrieval.checking.facts import Fact, find_facts
from retrieval.checking.names import Name, find_names, has_name, key, keys
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.text.sentences import Kind, split_sentences
from retrieval.text.words import content_words
from tests.measuring.claims import TRUE, Item, Shelf, hand_written, holds, invented, true_items
from tests.measuring.development import available, golden, mtrag, xquad

SWAPPED = ("number swapped", "date swapped", "name swapped")

_AUXILIARY = re.compile(
    r"\b(is|are|was|were|has|have|had|will|would|could|can|should|may|might|must)\b(?! not\b)"
)
_SAID = re.compile(r"\b(said|announced|reported|agreed|took|began|called|reached|accused)\b")
_SAYS = {"said": "say", "announced": "announce", "reported": "report", "agreed": "agree",
         "took": "take", "began": "begin", "called": "call", "reached": "reach",
         "accused": "accuse"}  # fmt: skip
_ARTICLE = re.compile(r"\b([Aa]n?) $")
_POSSESSIVE = re.compile(r"['’]s?$")
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
class Planting:
    """What a fault is made of: a true sentence, the others of its set, and chance."""

    item: Item
    items: Sequence[Item]
    shelf: Shelf
    rng: random.Random


def faults(shelf: Shelf, items: Sequence[Item]) -> list[Item]:
    """Every fault that can be made of each true sentence."""
    made = []
    for item in items:
        if item.kind not in TRUE:
            continue
        for kind, plant in _PLANTERS.items():
            seed = f"{kind} {Path(item.article.uri).name} {item.spot} {item.text}"
            planted = plant(Planting(item, items, shelf, random.Random(seed)))
            if planted:
                made.append(replace(planted, kind=kind, base=item.kind))
    return made


def _fabricated(at: Planting) -> Item | None:
    """A sentence of an article that is not among the sources, cited like the true one."""
    item = at.item
    near = {s.match.article.uri for s in item.sources}
    theirs = frozenset[str]().union(*(_content(s.match.passage.text) for s in item.sources))
    others = [o for o in at.items if o.article.uri not in near and o.kind == item.kind]
    others = [o for o in others if len(_content(o.text) - theirs) >= 3]
    return replace(item, text=at.rng.choice(others).text) if others else None


@lru_cache(maxsize=5_000)
def _content(text: str) -> frozenset[str]:
    return frozenset(content_words(text))


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
        own = [f for f in _facts(item.text) if f.kind in kinds and _alone(f, item.text)]
        if not own:
            return None
        fact = at.rng.choice(own)
        for text in _pool(item):
            rivals = [
                f
                for f in _facts(text)
                if f.kind == fact.kind
                and _alone(f, text)
                and bool(f.day[2]) == bool(fact.day[2])
                and bool(f.day[1]) == bool(fact.day[1])
                and _yearly(f) == _yearly(fact)
                and (f.unit == "percent") == (fact.unit == "percent")
                and _borders(f, text) == _borders(fact, item.text)
                and not any(supports(f, g) or supports(g, f) for g in _facts(item.text))
            ]
            if rivals:
                rival = at.rng.choice(rivals)
                surface = text[rival.start : rival.end]
                if fact.kind not in ("date", "weekday"):
                    surface = surface.lower()
                return replace(item, text=_put(item.text, fact.start, fact.end, surface))
        return None

    return plant


@lru_cache(maxsize=5_000)
def _facts(text: str) -> tuple[Fact, ...]:
    """Return the figures of a text; the same passages are read for every sentence."""
    return tuple(find_facts(text))


def _yearly(fact: Fact) -> bool:
    return fact.kind == "number" and not fact.unit and 1000 <= fact.value <= 2100


def _alone(fact: Fact, text: str) -> bool:
    """Whether a fact is the only one at its place, and is no "one"."""
    at = [f for f in _facts(text) if f.start == fact.start]
    return len(at) == 1 and text[fact.start : fact.end].lower() != "one"


def _borders(fact: Fact, text: str) -> tuple[bool, bool]:
    """Whether a sign or another word is joined to a figure, before it and after."""
    signs = "%°$€£+-–−/"
    before, after = text[: fact.start][-1:], text[fact.end :][:1]
    return bool(before) and before in signs, bool(after) and after in signs


def _swapped_name(at: Planting) -> Item | None:
    """A whole name replaced by another of the sources that the sentence does not have."""
    item = at.item
    own = _whole_names(item.text, at.shelf)
    there = keys(item.text)
    single = [name for name in own if " and " not in name.phrase]
    if not single:
        return None
    name = at.rng.choice(single)
    for text in _pool(item):
        rivals = [
            other.phrase
            for other in _whole_names(text, at.shelf)
            if not {key(word) for word in other.phrase.split()} & there
            and " and " not in other.phrase
            and not has_name(other, keys(name.phrase))
            and _adjective(other.phrase) == _adjective(name.phrase)
        ]
        if rivals:
            place = re.search(rf"\b{re.escape(name.phrase)}\b", item.text)
            if place:
                return replace(item, text=_put(item.text, *place.span(), at.rng.choice(rivals)))
    return None


def _whole_names(text: str, shelf: Shelf) -> list[Name]:
    """The names of a text, a phrase once, without a possessive."""
    dates = [(f.start, f.end) for f in _facts(text) if f.kind in ("date", "weekday")]
    names = [
        replace(name, phrase=_POSSESSIVE.sub("", name.phrase))
        for name in find_names(text, shelf.is_common)
        if not any(s <= name.start < e for s, e in dates)
    ]
    return list({name.phrase: name for name in names if name.word[0].isupper()}.values())


def _adjective(name: str) -> bool:
    return name.endswith(("ian", "ish", "ese", "ans", "ijani", "raeli", "French", "Dutch"))


def _put(text: str, start: int, end: int, surface: str) -> str:
    """A text with something else at a place, as it is written there ("an" becomes "a")."""
    if not start:
        surface = surface[:1].upper() + surface[1:]
    before = text[:start]
    if article := _ARTICLE.search(before):
        form = "an" if surface[0].lower() in "aeiou" else "a"
        before = (
            before[: article.start(1)]
            + (form.capitalize() if article[1][0].isupper() else form)
            + " "
        )
    return before + surface + text[end:]


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


def sets(encoder: OnnxEncoder, sentences: int) -> Iterator[tuple[str, list[Item]]]:
    """Each set's items: the sample archive, the external sets where they are, what was made up.

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
    yield "invented", invented(encoder)
