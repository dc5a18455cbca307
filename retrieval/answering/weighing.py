"""How well a stretch of a passage bears out a sentence: windows, and what is measured of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from corpus.article import Article
from retrieval.answering.alignment import Words, nearness
from retrieval.answering.names import Name, find_names, has_name, key, keys
from retrieval.answering.negation import bound, negated, opposite, stem
from retrieval.answering.numbers import Fact, find_facts, implied, supports, years_of
from retrieval.embeddings.encoder import Floats
from retrieval.passages import Passage

Common = Callable[[str], bool]

LONGEST = 3
"""Sentences of a window at most."""

_FAINTEST = 0.05
_ALIGNED = 0.55
"""The cosine from which two words count as saying the same."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its words, facts and names. `before` is where a passage's own text begins."""

    text: str
    words: Words
    facts: list[Fact]
    names: list[Name]
    negations: list[int]


@dataclass(frozen=True, slots=True)
class SourceText:
    """A passage as the gate reads it: its title, then itself; places are those in `read.text`.

    `sentences` are the quotable ones, (start, end); `shift` is what turns a place into one in
    the article's body.
    """

    article: Article
    passage: Passage
    read: Text
    sentences: list[tuple[int, int]]
    shift: int
    years: frozenset[int]
    dated: list[Fact]
    title_end: int


@dataclass(frozen=True, slots=True)
class Features:
    """What is measured of a sentence beside a window of a passage.

    `echo` is the mean logarithm of the best cosine that each content word finds in the window or
    the title, `worst` that cosine for the two words echoed least, `lexical` the share of content
    words that are there as words, `cosine` that of the mean vectors; `near` and `far` count the
    names and figures that are not in the window but near it, or elsewhere in the passage;
    `binding` how much nearer they are to what goes with them than their rivals are (least of
    all), `rival` how near a rival is to the place of one that is not there; `flips` counts
    opposite polarities, `extra` the window's sentences beyond one.
    """

    echo: float
    worst: float
    lexical: float
    cosine: float
    near: float
    far: float
    binding: float
    rival: float
    flips: float
    extra: float

    def as_dict(self) -> dict[str, float]:
        """By name, for a model's weights."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A window with its features; `missing` are the facts that its passage has nowhere."""

    source: SourceText
    start: int
    end: int
    features: Features
    missing: tuple[str, ...]


def read_text(text: str, words: Words, is_common: Common) -> Text:
    """A text's facts, names and negations beside its words."""
    facts = find_facts(text)
    taken = [(f.start, f.end) for f in facts if f.kind in ("date", "weekday")]
    names = [
        name
        for name in find_names(text, is_common)
        if not any(s <= name.start < e for s, e in taken)
    ]
    return Text(text, words, facts, names, negated(text, words.spans))


def windows(claim: Text, source: SourceText, count: int) -> list[tuple[int, int]]:
    """The most promising windows of a passage: (start, end), by echo and by facts."""
    if not source.sentences:
        return []
    content = [i for i, kept in enumerate(claim.words.content) if kept] or list(
        range(len(claim.words.forms))
    )
    if not content:
        return []
    cosines = claim.words.vectors[content] @ source.read.words.vectors.T
    best = np.zeros((len(content), len(source.sentences)), dtype=np.float32)
    for at, (start, end) in enumerate(source.sentences):
        inside = source.read.words.within(start, end)
        if len(inside):
            best[:, at] = cosines[:, inside.start : inside.stop].max(axis=1)
    title = source.read.words.within(0, source.title_end)
    heading = cosines[:, : title.stop].max(axis=1) * 0.9 if len(title) else np.zeros(len(content))
    scored = []
    for first in range(len(source.sentences)):
        for last in range(first, min(first + LONGEST, len(source.sentences))):
            echoed = np.maximum(best[:, first : last + 1].max(axis=1), heading)
            start, end = source.sentences[first][0], source.sentences[last][1]
            held = _held_share(claim, source, start, end)
            scored.append((float(echoed.mean()) + 0.3 * held - 0.04 * (last - first), start, end))
    scored.sort(key=lambda item: -item[0])
    return [(start, end) for _, start, end in scored[:count]]


def weigh(claim: Text, source: SourceText, start: int, end: int, question: Text) -> Weighed:
    """Measure a sentence against a window."""
    inside = source.read.words.within(start, end)
    window = source.read.words.vectors[inside.start : inside.stop]
    cosines = (
        claim.words.vectors @ window.T if len(inside) else np.zeros((len(claim.words.forms), 1))
    )
    content = np.asarray(claim.words.content, dtype=bool)
    if not content.any():
        content[:] = True
    title = source.read.words.within(0, source.title_end)
    there = {stem(source.read.words.forms[i]) for i in [*inside, *title]}
    echoed = cosines.max(axis=1)
    if len(title):
        heading = (claim.words.vectors @ source.read.words.vectors[: title.stop].T).max(axis=1)
        echoed = np.maximum(echoed, 0.9 * heading)
    kept = np.sort(echoed[content])
    lexical = [stem(f) in there for f, c in zip(claim.words.forms, content, strict=True) if c]
    binding = _Binding(claim, source, inside, cosines)
    near, far, missing, least, rival = _facts(claim, source, (start, end), question, binding)
    features = Features(
        echo=float(np.log(np.maximum(kept, _FAINTEST)).mean()),
        worst=float(kept[:2].mean()),
        lexical=sum(lexical) / len(lexical),
        cosine=_cosine(claim.words.vectors, window),
        near=near,
        far=far,
        binding=least,
        rival=rival,
        flips=_flips(claim, source, inside, cosines),
        extra=sum(start <= s and e <= end for s, e in source.sentences) - 1.0,
    )
    return Weighed(source, start, end, features, tuple(missing))


class _Binding:
    """How near the places of a window are to what goes with a fact of the claim."""

    def __init__(self, claim: Text, source: SourceText, inside: range, cosines: Floats) -> None:
        self._claim = claim
        self._source = source
        self._inside = inside
        self._cosines = cosines
        self._marked = {
            i
            for item in [*claim.facts, *claim.names]
            for i in claim.words.within(item.start, item.end)
        }

    def at(self, item: Fact | Name, place: int) -> float:
        """From 0 to 1: near is what goes with `item` in the claim to a place of the source."""
        own = set(self._claim.words.within(item.start, item.end))
        if not own or not len(self._inside):
            return 0.0
        middle = sum(own) / len(own)
        around = [
            i
            for i in range(len(self._claim.words.forms))
            if i not in own and self._claim.words.content[i] and abs(i - middle) <= 7
        ]
        weights = np.asarray([1 / (1 + abs(i - middle) / 2) for i in around], dtype=np.float32)
        words = self._source.read.words.within(place, len(self._source.read.text))
        return nearness(self._cosines[around], weights, words.start - self._inside.start)


def _facts(
    claim: Text,
    source: SourceText,
    window: tuple[int, int],
    question: Text,
    binding: _Binding,
) -> tuple[float, float, list[str], float, float]:
    """Near, far, missing, least margin, nearest rival, over the claim's facts and names."""
    near = far = rival = 0.0
    least = 1.0
    missing: list[str] = []
    start, end = window
    read = source.read
    nearby = keys(read.text[: source.title_end] + " . " + _before(source, start))
    outlet = keys(source.article.source)
    asked = keys(question.text)
    whole = keys(read.text)
    inside = keys(read.text[start:end])
    facts_inside = [f for f in [*read.facts, *source.dated] if start <= f.start < end]
    names_inside = [n for n in read.names if start <= n.start < end]
    for fact in claim.facts:
        if _is_one(claim.text, fact):
            continue
        held = [g for g in facts_inside if supports(g, fact, source.years)]
        rivals = [
            g
            for g in facts_inside
            if g.kind == fact.kind and not supports(g, fact, source.years) and g not in source.dated
        ]
        if held:
            own = max(binding.at(fact, g.start) for g in held)
            other = max((binding.at(fact, g.start) for g in rivals), default=0.0)
            least = min(least, own - other)
            continue
        rival = max(rival, max((binding.at(fact, g.start) for g in rivals), default=0.0))
        others = [*read.facts, *source.dated]
        if any(supports(g, fact, source.years) for g in others):
            far += 1
        elif any(supports(g, fact, source.years) for g in question.facts) or (fact.kind == "number" and fact.value in source.years and not fact.unit):
            near += 1
        else:
            missing.append(fact.reason)
    for name in claim.names:
        rivals_n = [n for n in names_inside if key(n.word) != key(name.word)]
        if has_name(name, inside):
            held_n = [n for n in names_inside if key(n.word) == key(name.word)]
            if held_n:
                own = max(binding.at(name, n.start) for n in held_n)
                free = [
                    n for n in rivals_n if not any(key(n.word) == key(c.word) for c in claim.names)
                ]
                other = max((binding.at(name, n.start) for n in free), default=0.0)
                least = min(least, own - other)
            continue
        free = [n for n in rivals_n if not any(key(n.word) == key(c.word) for c in claim.names)]
        rival = max(rival, max((binding.at(name, n.start) for n in free), default=0.0))
        if has_name(name, nearby) or has_name(name, outlet):
            near += 1
        elif has_name(name, whole):
            far += 1
        elif has_name(name, asked):
            near += 1
        else:
            missing.append("name")
    return near, far, missing, least, rival


def _flips(claim: Text, source: SourceText, inside: range, cosines: Floats) -> float:
    """Words of opposite polarity, and numbers whose bounds are opposite."""
    if not len(inside):
        return 0.0
    forms = [source.read.words.forms[i] for i in inside]
    stems = [stem(f) for f in forms]
    counts = [source.read.negations[i] for i in inside]
    own_stems = {stem(f) for f in claim.words.forms}
    flips = 0.0
    mismatched: set[int] = set()
    matched: set[int] = set()
    for i, form in enumerate(claim.words.forms):
        same = [j for j, s in enumerate(stems) if s == stem(form)]
        against = [
            j for j, f in enumerate(forms) if opposite(form, f) and stems[j] not in own_stems
        ]
        if against and not same:
            best = max(against, key=lambda j: cosines[i, j])
            odd = (claim.negations[i] + counts[best]) % 2
            if not odd and cosines[i, best] > 0.3:
                flips += 1
            continue
        if not claim.words.content[i]:
            continue
        target = max(same, key=lambda j: cosines[i, j]) if same else int(cosines[i].argmax())
        if not same and cosines[i, target] < _ALIGNED:
            continue
        if claim.negations[i] == 0 and counts[target] == 0:
            continue
        (mismatched if (claim.negations[i] + counts[target]) % 2 else matched).add(i)
    if len(mismatched) > len(matched):
        flips += 1
    for fact in claim.facts:
        bounds = {
            bound(source.read.text, g.start)
            for g in source.read.facts
            if source.read.words.spans[inside.start][0] <= g.start
            and g.end <= source.read.words.spans[inside.stop - 1][1]
            and supports(g, fact, source.years)
        }
        said = bound(claim.text, fact.start)
        if said and bounds == {-said}:
            flips += 1
    return flips


def _before(source: SourceText, start: int) -> str:
    """The nearest sentence before a window that has a name, and what is between."""
    earlier = [(s, e) for s, e in source.sentences if e <= start]
    for s, _ in reversed(earlier[-2:]):
        if any(s <= n.start < start for n in source.read.names):
            return source.read.text[s:start]
    return ""


def _held_share(claim: Text, source: SourceText, start: int, end: int) -> float:
    items = [f for f in claim.facts if not _is_one(claim.text, f)]
    inside = keys(source.read.text[start:end])
    known = [f for f in [*source.read.facts, *source.dated] if start <= f.start < end]
    held = [any(supports(g, f, source.years) for g in known) for f in items]
    held += [has_name(n, inside) for n in claim.names]
    return sum(held) / len(held) if held else 1.0


def _is_one(text: str, fact: Fact) -> bool:
    """ "One" is as often a pronoun as a number."""
    return (
        fact.kind == "number" and fact.value == 1 and text[fact.start : fact.end].lower() == "one"
    )


def _cosine(one: Floats, other: Floats) -> float:
    if not len(one) or not len(other):
        return 0.0
    a, b = one.mean(axis=0), other.mean(axis=0)
    return float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9))


def source_years(article: Article, facts: Sequence[Fact]) -> frozenset[int]:
    """The years that a date of an article may be in."""
    return years_of(facts, article.published)


def dated(text: str, article: Article) -> list[Fact]:
    """Dates that the words of a text stand for, given the article's day."""
    return implied(text, article.published)
