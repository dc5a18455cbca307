"""The metrics, each of one question; `retrieval.evaluation.figures` averages them."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log2

from sentencex import segment

from corpus.article import Article
from retrieval.answers import Answer, Citation
from retrieval.archive.passages import Match
from retrieval.text.citation_markers import MARKER
from retrieval.text.lines import without_own
from retrieval.text.sentences import split_sentences
from retrieval.text.words import content_words, names, shares_a_name

Parts = Sequence[Sequence[str]]
"""What an answer must hold: parts, each with the ways it may be worded."""

LONG_ANSWER = 75
"""Words from which on an answer in a chat is over-long: what the quoting answerer keeps to."""

_SHORT = 3
"""Letters of a wording that is too short to be a part of another word."""

_MARKERS = re.compile(r"\s*((?:\[\d+\]\s*)+)")


# Search: a ranking of distinct articles against the gold ones.


def recall_at(k: int, ranked: Sequence[str], gold: Collection[str]) -> float:
    """Recall@k: the share of the gold articles among the first k (Manning et al., IIR 2008, 8.4).

    Gold articles must not be empty.
    """
    return len(set(ranked[:k]) & set(gold)) / len(gold)


def reciprocal_rank(ranked: Sequence[str], gold: Collection[str]) -> float:
    """1 / the rank of the first gold article, 0 without one (Voorhees, TREC-8, 1999).

    Averaged over questions it is MRR, here over the ten that a search returns.
    """
    return next((1 / rank for rank, uri in enumerate(ranked, start=1) if uri in gold), 0.0)


def ndcg_at(k: int, ranked: Sequence[str], gains: Mapping[str, float]) -> float:
    """nDCG@k (Järvelin & Kekäläinen, TOIS 2002) with linear gains, as in trec_eval.

    `gains` are those of the gold articles, above 0, and not empty; ranks are discounted by
    log2(rank + 1).
    """
    gained = sum(gains.get(uri, 0) / log2(at + 2) for at, uri in enumerate(ranked[:k]))
    best = sorted(gains.values(), reverse=True)[:k]
    return gained / sum(gain / log2(at + 2) for at, gain in enumerate(best))


def distinct(matches: Sequence[Match]) -> list[str]:
    """Return the URIs of the articles of some passages, each where it comes first."""
    return list(dict.fromkeys(match.article.uri for match in matches))


def whole(article: Article, start: int, end: int, text: str) -> bool:
    """Return whether a passage consists of whole sentences, at the offsets it states.

    `body[start:end]` is its text, and both ends are those of sentences, headings or captions.
    A sentence too long for a passage is cut, and counts as a fault.
    """
    sentences = split_sentences(article.body)
    edges = start in {s.start for s in sentences} and end in {s.end for s in sentences}
    return edges and article.body[start:end] == text


# Answers against gold answers.


def holds(text: str, wording: str) -> bool:
    """Return whether a text has a wording in it, whatever the case and white space.

    It must begin where a word does ("error" is in "errors", and not in "terror"), and a number or
    a short word must be there whole: 960 is not in 1,960, nor 12 in 12.5, nor "ten" in "tensions".
    """
    pattern = r"(?<![^\W_])" + re.escape(_plain(wording))
    if wording.isalpha() and len(wording) <= _SHORT:
        pattern += r"(?!\w)"
    if wording[:1].isdigit():
        pattern = r"(?<!\d[.,])" + pattern
    if wording[-1:].isdigit():
        pattern += r"(?!\w|[.,]\d)"
    return re.search(pattern, _plain(text)) is not None


def parts_held(text: str, parts: Parts, needed: int = 0) -> float:
    """Return the share of the gold answer's parts that a text holds; 1 for an answer of no parts.

    Of one part, whether the answer holds it; of several, the recall of answers in ALCE (Gao et
    al., EMNLP 2023, 3.1). Where fewer parts are `needed`, as many count as all of them do (ALCE's
    recall-5).
    """
    held = [any(holds(text, wording) for wording in part) for part in parts]
    return min(1.0, sum(held) / (needed or len(held))) if held else 1.0


def token_f1(text: str, parts: Parts) -> float:
    """F1 of the words that a text and the gold answer share (SQuAD; Rajpurkar et al., EMNLP 2016).

    Words are normalized as there: lower case, no punctuation, no articles. Of several wordings
    the best counts; the parts of an answer make up one gold answer together.
    """
    said = _squad_words(text)
    best = [max(part, key=lambda wording: _f1(said, _squad_words(wording))) for part in parts]
    return _f1(said, _squad_words(" ".join(best)))


def is_answer(words: str, parts: Parts) -> bool:
    """Return whether some words, pointed out of an answer, are a part of the gold answer.

    They are if they share most of their words with one of its wordings (F1 of .5, see `token_f1`),
    or one has the other within it; but not where both have figures and none in common.
    """
    return any(_are_one(_squad_words(words), _squad_words(w)) for part in parts for w in part)


def answer_words(text: str) -> int:
    """Return the number of words of an answer without its `[n]`."""
    return len(MARKER.sub(" ", text).split())


# Citations.


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of an answer and the numbers that stand behind it."""

    text: str
    numbers: tuple[int, ...]


def statements(text: str, citations: Sequence[Citation]) -> list[Statement]:
    """Return the sentences of an answer, each with the numbers after it.

    What stands between two runs of `[n]` is one statement where a cited quote has it so;
    otherwise it is cut into sentences, of which the last alone has the numbers.
    """
    pieces = _MARKERS.split(without_own(text))
    found: list[Statement] = []
    for body, marks in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        numbers = tuple(int(number) for number in MARKER.findall(marks))
        cited = [c.quote for c in citations if c.number in numbers]
        if not body.strip():
            continue
        cut = [body] if _quoted(body, cited) else [s for s in segment("en", body) if s.strip()]
        found += [Statement(part.strip(), ()) for part in cut[:-1]]
        found.append(Statement(cut[-1].strip(), numbers))
    return found


def supported(statement: Statement, sound: Sequence[Citation]) -> bool:
    """Return whether a statement's citations support it; only verbatim ones (`sound`) count.

    ALCE asks a language model for that. Here it is a matter of words: one of the quotes has the
    statement verbatim, or all of them together have each of its numbers and names and at
    least three in five of its content words (of five letters or more, their first five).
    """
    quotes = [c.quote for c in sound if c.number in statement.numbers]
    if not quotes:
        return False
    if _quoted(statement.text, quotes):
        return True
    there = " ".join(quotes)
    named = names("x " + statement.text)  # the first word counts here too
    said = set(content_words(statement.text))
    borne = [word for word in said if shares_a_name({word}, there)]
    return all(shares_a_name({name}, there) for name in named) and len(borne) >= 0.6 * len(said)


def is_verbatim(citation: Citation, bodies: dict[str, str]) -> bool:
    """Return whether `body[start:end]` of the cited article is the quote; `bodies` are by article
    id."""
    body = bodies.get(citation.article_id, "")
    return bool(citation.quote) and body[citation.start : citation.end] == citation.quote


def citation_recall(answer: Answer, sound: Sequence[Citation]) -> float:
    """Return the share of an answer's sentences that what they cite bears out (after ALCE, 3.2).

    See `supported` for how that is judged.
    """
    found = statements(answer.text, answer.citations)
    return 1.0 - unsupported(answer, sound) / len(found) if found else 0.0


def unsupported(answer: Answer, sound: Sequence[Citation]) -> int:
    """Return the number of an answer's sentences that nothing they cite bears out."""
    return sum(not supported(s, sound) for s in statements(answer.text, answer.citations))


def citation_precision(
    citations: Sequence[Citation], sound: Sequence[Citation], gold: Collection[str]
) -> float:
    """Return the share of citations that are verbatim and of a gold article (after ALCE, 3.2).

    ALCE counts a citation as precise where a sentence needs it; here the gold articles, named by
    hand, tell what may be cited. 0 without citations.
    """
    good = [c for c in sound if c.uri in gold]
    return len(good) / len(citations) if citations else 0.0


def _quoted(text: str, quotes: Sequence[str]) -> bool:
    # The answerer writes an article's own "[7]" as "(7)".
    wanted = _plain(MARKER.sub(r"(\1)", text))
    return any(wanted in _plain(MARKER.sub(r"(\1)", quote)) for quote in quotes)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _squad_words(text: str) -> list[str]:
    text = MARKER.sub(" ", text).lower()
    text = "".join(c for c in text if c not in string.punctuation)
    return [word for word in text.split() if word not in ("a", "an", "the")]


def _are_one(said: Sequence[str], gold: Sequence[str]) -> bool:
    figures, others = ({w for w in some if re.search(r"\d", w)} for some in (said, gold))
    if figures and others and figures.isdisjoint(others):
        return False
    return _f1(said, gold) >= 0.5 or _within(said, gold) or _within(gold, said)


def _within(some: Sequence[str], words: Sequence[str]) -> bool:
    return f" {' '.join(some)} " in f" {' '.join(words)} "


def _f1(said: Sequence[str], gold: Sequence[str]) -> float:
    shared = sum((Counter(said) & Counter(gold)).values())
    return 2 * shared / (len(said) + len(gold)) if shared else float(list(said) == list(gold))
