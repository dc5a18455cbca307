"""A question and a passage as one row of word pieces, as the reader is given them."""

from __future__ import annotations

from collections.abc import Sequence

KINDS = {
    "question": 0,
    "passage": 1,
    "question, in the passage": 0,
    "passage, in the question": 1,
    "conversation": 0,
    "title": 1,
}
"""What a piece is; even numbers are the question's side, odd ones the passage's. The value is the
segment of BERT that each starts from when the reader is trained.

A piece that both texts have is marked, as DrQA's exact-match feature does (Chen et al., ACL 2017):
that saves a small network most of the work of comparing them.
"""

LONGEST_QUESTION = 64
"""Pieces of a question that are read: its end, if it is longer."""


def kinds(question: Sequence[int], context: int, passage: Sequence[int], title: int) -> list[int]:
    """Return the kinds of the pieces of `[CLS] question [SEP] passage [SEP]`.

    `question` and `passage` are ids of pieces, without the special ones; the first `context` of
    the question's are the conversation's, the first `title` of the passage's its title's.
    """
    asked, told = set(question), set(passage)
    first = [2 if p in told else 4 if n < context else 0 for n, p in enumerate(question)]
    second = [3 if p in asked else 5 if n < title else 1 for n, p in enumerate(passage)]
    return [0, *first, 0, *second, 1]
