"""Sentences that are borne out word by word: what is written is a sentence of the source."""

from __future__ import annotations

from retrieval.text.sentences import Kind, split_sentences
from retrieval.text.words import words

_LINK = frozenset("the a an that and also it its has have had was were is are on in".split())
"""Words that may be added or left out."""


def is_verbatim(sentence: str, quote: str) -> bool:
    """Return whether a sentence is a quote, but for articles and the like.

    What is cut out of a sentence may turn its sense ("Hardly any …"), so a part is not enough.
    """
    said = _said(sentence)
    return bool(said) and said == _said(quote)


def verbatim_in(sentence: str, body: str) -> tuple[int, int] | None:
    """Return where a body has a sentence word for word as one of its own, or None."""
    # Few bodies have all of its words in a row; only those are split, which takes long.
    if f" {' '.join(_said(sentence))} " not in f" {' '.join(_said(body))} ":
        return None
    return next(
        (
            (one.start, one.end)
            for one in split_sentences(body)
            if one.kind is not Kind.HEADING and is_verbatim(sentence, body[one.start : one.end])
        ),
        None,
    )


def _said(text: str) -> list[str]:
    return [word for word in words(text) if word not in _LINK]
