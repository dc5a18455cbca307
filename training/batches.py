"""Examples as word pieces, and batches of them."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from retrieval.archive.passages import titled
from retrieval.reading.pieces import LONGEST_QUESTION, kinds

CLS, SEP = 101, 102
BATCH = 16
CROPPED = 0.4
"""Share of passages of which only a window is shown: quicker, and other passages every epoch."""

TITLED = 254
"""Pieces of a passage with its title: what an encoder of 256 reads (`retrieval.archive`)."""


@dataclass(frozen=True, slots=True)
class Coded:
    """An example in word pieces; spans count pieces of `passage`, the last one included."""

    group: str
    made: str
    question: list[int]
    context: int
    passage: list[int]
    title: int
    answer: tuple[int, int] | None
    evidence: list[tuple[int, int]]


def coded(fields: dict[str, Any], tokenizer: Tokenizer) -> Coded | None:
    """An example as pieces; None where its answer is not within the pieces that are read."""
    asked = tokenizer.encode(fields["question"], add_special_tokens=False)
    cut = max(0, len(asked.ids) - LONGEST_QUESTION)
    context = sum(end <= fields["context"] for _, end in asked.offsets[cut:])
    text = titled(fields["title"], fields["passage"])
    shift = len(text) - len(fields["passage"])
    told = tokenizer.encode(text, add_special_tokens=False)
    offsets = told.offsets[:TITLED]

    def pieces(span: list[int]) -> tuple[int, int] | None:
        start, end = span[0] + shift, span[1] + shift
        inside = [n for n, (a, b) in enumerate(offsets) if a < end and start < b]
        return (inside[0], inside[-1]) if inside else None

    title = sum(end <= shift for _, end in offsets)
    answer = pieces(fields["answer"]) if fields["answer"] else None
    if fields["answer"] and not answer:
        return None
    evidence = [span for s in fields["evidence"] if (span := pieces(s))]
    return Coded(
        fields["group"],
        fields["made"],
        asked.ids[cut:],
        context,
        told.ids[:TITLED],
        title,
        answer,
        evidence,
    )


def cropped(example: Coded, rng: random.Random) -> Coded:
    """The example with only a window of its passage, around the answer if there is one."""
    length = len(example.passage)
    size = rng.randint(50, 110)
    body = length - example.title
    if body <= size + 20:
        return example
    spans = [*example.evidence, *([example.answer] if example.answer else [])]
    first = min((a for a, _ in spans), default=rng.randrange(example.title, length))
    last = max((b for _, b in spans), default=first)
    size = max(size, last - first + 1)
    start = rng.randint(
        max(example.title, last + 1 - size), max(example.title, min(first, length - size))
    )
    gone = start - example.title

    def moved(span: tuple[int, int]) -> tuple[int, int]:
        return span[0] - gone, span[1] - gone

    return Coded(
        example.group,
        example.made,
        example.question,
        example.context,
        example.passage[: example.title] + example.passage[start : start + size],
        example.title,
        moved(example.answer) if example.answer else None,
        [moved(span) for span in example.evidence],
    )


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of equal length and what they should be read as; `groups` tells who asks the same."""

    ids: Tensor
    mask: Tensor
    kinds: Tensor
    start: Tensor
    end: Tensor
    evidence: Tensor
    answers: Tensor
    groups: list[str]


def batch(examples: list[Coded]) -> Batch:
    """Pad some examples to one length."""
    rows = [[CLS, *e.question, SEP, *e.passage, SEP] for e in examples]
    size = (len(rows), max(map(len, rows)))
    ids, marks = torch.zeros(size, dtype=torch.long), torch.zeros(size, dtype=torch.long)
    evidence = torch.full(size, -1.0)
    start, end = torch.zeros(size[0], dtype=torch.long), torch.zeros(size[0], dtype=torch.long)
    for n, (e, pieces) in enumerate(zip(examples, rows, strict=True)):
        ids[n, : len(pieces)] = torch.tensor(pieces)
        marks[n, : len(pieces)] = torch.tensor(kinds(e.question, e.context, e.passage, e.title))
        shift = len(e.question) + 2
        evidence[n, shift : len(pieces) - 1] = 0.0
        for a, b in e.evidence:
            evidence[n, shift + a : shift + b + 1] = 1.0
        if e.answer:
            start[n], end[n] = shift + e.answer[0], shift + e.answer[1]
    answers = (start > 0).float()
    mask = (ids > 0).long()
    return Batch(ids, mask, marks, start, end, evidence, answers, [e.group for e in examples])


def sampled(group: list[Coded], rng: random.Random) -> list[Coded]:
    """The examples of a group to learn from this time: a passage that answers, it with questions
    that it does not answer, one that does not, and what the search found."""
    made: dict[str, list[Coded]] = defaultdict(list)
    for example in group:
        kind = "answering" if example.answer else example.made
        made[kind].append(example)

    def some(kind: str, most: int) -> list[Coded]:
        return rng.sample(made[kind], min(most, len(made[kind])))

    chosen = some("answering", 1) + some("beside", 2)
    if rng.random() < (0.2 if made["beside"] else 0.5):
        chosen += some("swapped", 1)
    if len(chosen) < 3 or rng.random() < 0.4:
        chosen += some("state", 1)
    alone = len(chosen) < 2
    chosen += some("found", 1 + (rng.random() < (0.4 if alone else 0.12)))
    return [cropped(e, rng) if rng.random() < CROPPED else e for e in chosen]


def batches(groups: list[list[Coded]], rng: random.Random) -> Iterator[list[Coded]]:
    """Yield about BATCH examples at a time, whole groups of like length, in random order."""
    order = [sampled(group, rng) for group in groups]
    order = [group for group in order if group]
    rng.shuffle(order)
    for at in range(0, len(order), 400):
        part = sorted(order[at : at + 400], key=lambda g: max(len(e.passage) for e in g))
        packed: list[list[Coded]] = [[]]
        for group in part:
            packed[-1] += group
            if len(packed[-1]) >= BATCH:
                packed.append([])
        rng.shuffle(packed)
        yield from (p for p in packed if p)


def read_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of an encoder's folder, which neither pads nor cuts."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def load(path: Path, tokenizer: Tokenizer) -> list[list[Coded]]:
    """The examples of a file, those of one question together."""
    groups: dict[str, list[Coded]] = defaultdict(list)
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            fields = json.loads(line)
            if (example := coded(fields, tokenizer)) is not None:
                groups[fields["group"]].append(example)
    return list(groups.values())
