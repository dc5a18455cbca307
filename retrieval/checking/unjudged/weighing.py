"""How well a window of a passage bears out a sentence: what is measured of the two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from dataclasses import asdict, dataclass, field
from math import ceil, floor

import numpy as np
import numpy.typing as npt

from retrieval.checking.agreement import supports
from retrieval.checking.facts import Fact
from retrieval.checking.names import Name, has_name, in_runs, key, keys
from retrieval.checking.unjudged.alignment import nearness
from retrieval.checking.unjudged.exchanges import exchanges
from retrieval.checking.unjudged.figures import bounds, is_numbered_before, numbers_another
from retrieval.checking.unjudged.negation import Negations, opposites
from retrieval.checking.unjudged.reading import TITLE, Text, Window, claimed
from retrieval.checking.unjudged.strength import overstates
from retrieval.onnx_model import Floats

_FAINTEST = 0.05
_RUN = 3
"""Length of the run of content words whose weakest match is tested."""

_ALIGNED = 0.55
"""The cosine from which two words count as saying the same."""

_RIVAL = 0.2
"""How near another name may be to the place of one that a window does not have."""

_MANY = 3
"""Words of opposite polarity from which even as many negations on both sides do not excuse them."""

_FEW = 4
_ANAPHOR = re.compile(r"\b(?:the|these|those|all|other|its|their)\s+$", re.I)
"""What stands before a small number that counts what has been named ("the two countries")."""

_LIST = re.compile(r"[,:]\s[^,:;]+(?:,\s[^,:;]+)*?(,)?\sand\s[^,:;]+")
"""A list of things after a comma or colon; the group is the comma before its "and"."""

_IT = re.compile(r"\W*(?:The [a-z]|(?:It|He|She|They|Its|His|Her|Their)\b)")
"""How a sentence begins whose subject was named before it: "The vessel is owned by"."""

_SUBJECT = 12
"""Code points from the beginning of a sentence in which the name of its subject begins."""

_CAP = 0.2
"""The margin from which a name or figure counts as bound up with what goes with it."""

_AROUND = 7
"""Words on either side of a name or figure that are taken to go with it."""


@dataclass(frozen=True, slots=True)
class Features:
    """What is measured of a sentence beside a window of a passage.

    `echo` is the mean logarithm of the best cosine that each content word finds in the window or
    the title; `close` the cosine of the sentence's vector and the window's, each read by itself:
    it hears who does what to whom, which words compared one by one hardly do. `near` counts the
    names and figures that are not in the window but near it, or in the question; `binding` is how
    much nearer they are to what goes with them than rivals of their kind are that the sentence
    does not have (the least margin), `rival` how near a rival is to the place of one that is not
    there. `flips` counts opposite polarities, `extra` the window's sentences beyond one.

    The share of words that are there as words, the cosine of the mean vectors of the words and
    the words echoed least were tried too: beside `echo` the fit gives them no weight. Nor do a
    trained comparison of the word vectors (attention, then a small network) or the gain of
    putting the window's names in the place of the sentence's tell swaps apart any better.
    """

    echo: float
    close: float
    near: float
    binding: float
    rival: float
    flips: float
    extra: float

    def as_dict(self) -> dict[str, float]:
        """Return the features by name, as the model's weights are named."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Weighed:
    """A window with its features; `missing` says what neither it nor what is near it has.

    It holds "number", "date" and "name", once for each that is missing. `likeness` is the mean
    of the best cosines that the words beside the sentence's names and figures find in the window,
    `gap` the mean logarithm of those that the three content words in a row find that find least:
    what is added to a true sentence stands together, where what is reworded stands apart. `fault`
    is what rules it out whatever its features: the first that is missing, "negation", "exchanged"
    (words change places, or one stands for another of its kind) or "strength" (it says less than
    the sentence); empty if nothing does.
    """

    window: Window
    features: Features
    missing: tuple[str, ...]
    likeness: float
    gap: float
    fault: str


def weigh(claim: Text, window: Window, question: Text, passage: Floats, close: float) -> Weighed:
    """Measure a sentence against a window; `question` may lend it names and figures.

    `passage` compares every word of the claim with every word of the passage, `close` is a
    feature.
    """
    inside = window.words
    cosines = passage[:, inside.start : inside.stop]
    bound_up = _bind(claim, window, question, cosines)
    content = claim.words.content if claim.words.content.any() else ~claim.words.content
    # What is lent has no words in the window.
    plain = content.copy()
    for item in bound_up.lent:
        within = claim.words.within(item.start, item.end)
        plain[within.start : within.stop] = False
    content = plain if plain.any() else content
    heading = passage[:, : window.source.heading.stop]
    best = _best(cosines)
    echoed = np.maximum(best, TITLE * _best(heading))
    echoes = np.log(np.maximum(echoed[content], _FAINTEST))
    flips = _flips(claim, window, cosines)
    return Weighed(
        window,
        Features(
            echo=float(echoes.mean()) if len(echoes) else 0.0,
            close=close,
            near=bound_up.near,
            binding=bound_up.binding,
            rival=bound_up.rival,
            flips=flips,
            extra=len(window.sentences) - 1.0,
        ),
        tuple(bound_up.missing),
        _likeness(claim, content, best),
        _gap(echoes),
        _fault(bound_up.missing, flips, claim, window),
    )


def _fault(missing: Sequence[str], flips: float, claim: Text, window: Window) -> str:
    if missing:
        return missing[0]
    if flips:
        return "negation"
    if exchanges(claim.text, window.text):
        return "exchanged"
    return "strength" if overstates(claim, window) else ""


def _gap(echoes: Floats) -> float:
    """Return the least mean of `_RUN` consecutive values, or of all if there are fewer."""
    if not len(echoes):
        return 0.0
    run = min(_RUN, len(echoes))
    return float(np.convolve(echoes, np.full(run, 1 / run), "valid").min())


def _likeness(claim: Text, content: npt.NDArray[np.bool_], best: Floats) -> float:
    """Return how similar a claim and a window are with names and figures left out."""
    plain = content.copy()
    items: list[Fact | Name] = [*claim.facts, *claim.names]
    for item in items:
        within = claim.words.within(item.start, item.end)
        plain[within.start : within.stop] = False
    return float(best[plain].mean()) if plain.any() else 0.0


@dataclass(slots=True)
class _Bound:
    """What becomes of a claim's names and figures; see `Features`. `lent` are those that the
    window need not repeat: a day of its article, or the name that "the vessel" stands for."""

    near: float = 0.0
    binding: float = _CAP
    rival: float = 0.0
    missing: list[str] = field(default_factory=list)
    lent: list[Fact | Name] = field(default_factory=list)


def _bind(claim: Text, window: Window, question: Text, cosines: Floats) -> _Bound:
    found = _Bound()
    _bind_facts(found, claim, window, question, cosines)
    if numbers_another(claim, window):
        found.missing.append("number")
    _bind_names(found, claim, window, question, cosines)
    return found


def _bind_facts(
    found: _Bound, claim: Text, window: Window, question: Text, cosines: Floats
) -> None:
    source = window.source
    facts = claimed(claim)
    inside = window.facts
    said = [g for g in inside if any(supports(g, fact, source.years) for fact in facts)]
    for fact in facts:
        held = [g for g in inside if supports(g, fact, source.years)]
        free = [g for g in inside if g.kind == fact.kind and g not in said]
        curve = _curve(fact, claim, cosines)
        if held:
            _margins(found, curve, window, held, free)
            continue
        rival = _highest(curve, free, window)
        displaced = rival > _RIVAL
        if not displaced and (_counts_the_named(fact, claim.text) or _lists(fact, claim.text)):
            continue
        found.rival = max(found.rival, rival)
        lent = any(supports(g, fact) for g in question.facts) or any(
            supports(g, fact, source.years) for g in source.days
        )
        lent = lent or is_numbered_before(fact, window)
        if lent and not displaced:
            found.near += 1
            found.lent.append(fact)
        else:
            found.missing.append(fact.reason)


def _counts_the_named(fact: Fact, text: str) -> bool:
    """Return whether a figure is as in "the two countries", which no source need state."""
    small = fact.kind == "number" and not fact.unit and fact.value <= _FEW
    return small and bool(_ANAPHOR.search(text, 0, fact.start))


def _lists(fact: Fact, text: str) -> bool:
    """Return whether a figure counts a list in the same sentence: "two men, A and B"."""
    match = _LIST.search(text, fact.end)
    if fact.kind != "number" or match is None:
        return False
    return fact.value == match.group().count(",", 1) + 2 - bool(match[1])


def _bind_names(
    found: _Bound, claim: Text, window: Window, question: Text, cosines: Floats
) -> None:
    source = window.source
    inside = window.keys
    names = window.names
    said = keys(claim.text)
    near = source.heading_keys | _keys_before(window) | source.outlet_keys | keys(question.text)
    free = [n for n in names if key(n.word) not in said]
    apart = _apart(free, names, said, source.read.text)
    lent: set[str] = set()
    for name in claim.names:
        curve = _curve(name, claim, cosines)
        if has_name(name, inside):
            own = [n for n in names if key(n.word) == key(name.word)]
            if own:
                _margins(found, curve, window, own, apart)
            continue
        rival = _highest(curve, apart, window)
        found.rival = max(found.rival, rival)
        # The first name of somebody whose surname is there may come from anywhere in the passage.
        others = set(name.phrase.split()).difference(name.word.split())
        whole = any(key(word) in inside for word in others)
        subject = name.start < _SUBJECT and _IT.match(window.text)
        lends = has_name(name, near) or ((whole or subject) and has_name(name, source.keys))
        if lends and rival <= _RIVAL:
            found.near += name.phrase not in lent
            lent.add(name.phrase)
            found.lent += [name] if subject else []
        else:
            found.missing.append("name")


def _apart(free: Sequence[Name], names: Sequence[Name], said: Set[str], text: str) -> list[Name]:
    """Return the names of a window that are not part of a name in the claim."""
    runs = in_runs(text, names)
    known = {name.start for run in runs if any(key(n.word) in said for n in run) for name in run}
    return [name for name in free if name.start not in known]


def _margins(
    found: _Bound,
    curve: Floats,
    window: Window,
    own: Sequence[Fact | Name],
    free: Sequence[Fact | Name],
) -> None:
    mine = _highest(curve, own, window)
    if free:
        found.binding = min(found.binding, mine - _highest(curve, free, window))


def _curve(item: Fact | Name, claim: Text, cosines: Floats) -> Floats:
    """Return how near each window word is to the words around a name or figure of the claim."""
    own = claim.words.within(item.start, item.end)
    middle = (own.start + own.stop - 1) / 2
    around = [
        i
        for i in range(
            max(0, ceil(middle - _AROUND)),
            min(len(claim.words.forms), floor(middle + _AROUND) + 1),
        )
        if i not in own and claim.words.content[i]
    ]
    weights = np.asarray([1 / (1 + abs(i - middle) / 2) for i in around], dtype=np.float32)
    return nearness(cosines[around], weights)


def _highest(curve: Floats, items: Iterable[Fact | Name], window: Window) -> float:
    """Return the greatest value of a curve at the places of some names or figures, or 0."""
    words = window.source.read.words
    places = [words.within(item.start, item.end) for item in items]
    first = window.words.start
    points = [
        float(curve[i - first]) for place in places for i in place if 0 <= i - first < len(curve)
    ]
    return max(points, default=0.0)


def _flips(claim: Text, window: Window, cosines: Floats) -> float:
    """Count words of opposite polarity and numbers with opposite bounds."""
    read, inside = window.source.read, window.words
    if not len(inside):
        return 0.0
    stems = read.words.stems[inside.start : inside.stop]
    own = claim.polarity.implied.counts
    counts = read.polarity.implied.counts[inside.start : inside.stop]
    places: dict[str, list[int]] = {}
    for place, form in enumerate(stems):
        places.setdefault(form, []).append(place)
    said = set(claim.words.stems)
    flips = 0.0
    aligned: list[tuple[int, int]] = []
    for i, form in enumerate(claim.words.stems):
        same = places.get(form, [])
        if not same:
            against = opposites(claim.words.forms[i]) & places.keys() - said
            # "Fired" is what "dismissed" is beside, though the same sentence has "appointed".
            targets = [
                place
                for word in against
                for place in places[word]
                if int(np.argmax(cosines[:, place])) == i
            ]
            if targets:
                target = max(targets, key=lambda j: cosines[i, j])
                flips += (own[i] + counts[target]) % 2 == 0
                continue
        if claim.words.content[i]:
            target = max(same or range(len(stems)), key=lambda j: cosines[i, j])
            if same or cosines[i, target] >= _ALIGNED:
                aligned.append((i, target))
    uneven = all(
        _is_uneven(window.words, aligned, one, other)
        for one, other in (
            (claim.polarity.outright, read.polarity.outright),
            (claim.polarity.implied, read.polarity.implied),
        )
    )
    return flips + uneven + bounds(claim, window).count(-1)


def _is_uneven(
    inside: range, aligned: Sequence[tuple[int, int]], own: Negations, theirs: Negations
) -> bool:
    """Return whether most of the words that either text negates have opposite polarity.

    `inside` are the words of the window; `aligned` has words of the claim with words of the window.
    """
    odd = even = 0
    for i, at in aligned:
        said_not = own.counts[i] + theirs.counts[inside.start + at]
        odd += said_not % 2
        even += said_not > 0 and said_not % 2 == 0
    differ = sum(at in inside for at in theirs.cues) != len(own.cues)
    return odd > even and (differ or odd - even >= _MANY)


def _keys_before(window: Window) -> frozenset[str]:
    """Return the names in the nearest of the two sentences before a window that has any."""
    return next((sentence.keys for sentence in window.before if sentence.names), frozenset())


def _best(cosines: Floats) -> Floats:
    if not cosines.shape[1]:
        return np.zeros(len(cosines), dtype=np.float32)
    found: Floats = cosines.max(axis=1)
    return found
