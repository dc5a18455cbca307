"""Train the network that tells whether evidence bears a sentence out.

    python -m training.checker BUILD OUT --encoder MODEL --start WEIGHTS

BUILD has what `training.claims` built; WEIGHTS are the reader's, which already compares two texts.
Needs PyTorch (see the README beside this). Writes a checkpoint as it goes, and resumes from it.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import roc_auc_score
from tokenizers import Tokenizer
from torch import Tensor, nn

from retrieval.reading.pieces import kinds
from training.batches import BATCH, CLS, SEP, read_tokenizer
from training.network import Reader
from training.train import Plan, in_half, learn

LONGEST, READ = 96, 300
"""Pieces of a sentence that are read, and of a sentence with its evidence."""

AGAINST = frozenset(
    "who figure date place denies order negated meaning attribution comparison degree mixture name"
    " negation number role verb".split()
)
"""Mistakes after which a sentence mostly says what the evidence contradicts; after the others (an
invention, a cause, a plan told as done) it says what is nowhere."""

LEARNING_RATE = 1e-4
WARM_UP = 100


class Checker(Reader):
    """The reader's network over a sentence and its evidence, in the places of question and passage.

    What says more than the evidence are some words of the sentence: a piece's logit is that of
    being among them, and the sentence's a softened maximum of these beside what [CLS] says.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.against = nn.Linear(self.whole.in_features, 1)

    def forward(self, ids: Tensor, mask: Tensor, marks: Tensor) -> tuple[Tensor, ...]:
        """Return logits: of each piece of saying more, of the sentence not being borne out, and,
        if it is not, of the evidence contradicting it."""
        states = self.network(ids, mask, marks)
        more = self.pieces(states).float()[..., 2]
        special = (ids == CLS) | (ids == SEP)
        own = (marks % 2 == 0) & (mask > 0) & ~special
        most = torch.logsumexp(torch.where(own, more, torch.full_like(more, -1e4)), 1)
        whole = self.whole(states[:, 0])[:, 0].float() + self.sharpness * most
        return more, whole, self.against(states[:, 0])[:, 0].float()


@dataclass(frozen=True, slots=True)
class Coded:
    """A claim in word pieces; `changed` are those of a false one that its true twin has not."""

    group: str
    kind: str
    true: bool
    claim: list[int]
    evidence: list[int]
    changed: list[int]


def load(path: Path, tokenizer: Tokenizer) -> list[list[Coded]]:
    """The claims of a file, a true one and its twins together."""
    groups: dict[str, list[Coded]] = defaultdict(list)
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        claim = tokenizer.encode(row["text"], add_special_tokens=False)
        evidence = tokenizer.encode(row["evidence"], add_special_tokens=False)
        ids = claim.ids[:LONGEST]
        changed = [
            n
            for n, (start, end) in enumerate(claim.offsets[:LONGEST])
            if any(start < last and first < end for first, last in row["changed"])
        ]
        groups[row["group"]].append(
            Coded(
                row["group"],
                row["kind"],
                row["true"],
                ids,
                evidence.ids[: READ - len(ids)],
                changed,
            )
        )
    return list(groups.values())


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of equal length, and what they should be read as; -1 where that is not known."""

    ids: Tensor
    mask: Tensor
    marks: Tensor
    more: Tensor
    false: Tensor
    against: Tensor
    groups: list[str]


def batch(claims: list[Coded]) -> Batch:
    """Pad some claims with their evidence to one length."""
    read = [[CLS, *c.claim, SEP, *c.evidence, SEP] for c in claims]
    size = len(read), max(map(len, read))
    ids, marks = torch.zeros(size, dtype=torch.long), torch.zeros(size, dtype=torch.long)
    more, false = torch.full(size, -1.0), torch.zeros(size[0])
    for n, (claim, row) in enumerate(zip(claims, read, strict=True)):
        ids[n, : len(row)] = torch.tensor(row)
        marks[n, : len(row)] = torch.tensor(kinds(claim.claim, 0, claim.evidence, 0))
        if claim.true or claim.changed:
            more[n, 1 : 1 + len(claim.claim)] = 0.0
            more[n, [1 + at for at in claim.changed]] = 1.0
        false[n] = float(not claim.true)
    against = torch.tensor([-1.0 if c.true else float(c.kind in AGAINST) for c in claims])
    return Batch(ids, (ids > 0).long(), marks, more, false, against, [c.group for c in claims])


def batches(groups: list[list[Coded]], rng: random.Random) -> Iterator[Batch]:
    """Yield about BATCH claims at a time, whole groups with evidence of like length."""
    order = rng.sample(groups, len(groups))
    packed: list[list[Coded]] = [[]]
    for at in range(0, len(order), 400):
        packed.append([])
        for group in sorted(order[at : at + 400], key=lambda g: max(len(c.evidence) for c in g)):
            packed[-1] += group
            if len(packed[-1]) >= BATCH:
                packed.append([])
    rng.shuffle(packed)
    yield from (batch(claims) for claims in packed if claims)


def loss(read: tuple[Tensor, ...], wanted: Batch) -> Tensor:
    """The losses of words, sentences and contradictions, and that what is true ranks above its
    twins.
    """
    more, whole, against = read
    binary = nn.functional.binary_cross_entropy_with_logits
    known = wanted.more >= 0
    words = binary(more[known], wanted.more[known], pos_weight=torch.tensor(3.0))
    same = torch.tensor([[a == b for b in wanted.groups] for a in wanted.groups])
    above = same & (wanted.false[:, None] > wanted.false[None, :])
    margins = (whole[:, None] - whole[None, :])[above]
    ranks = nn.functional.softplus(-margins).mean() if len(margins) else 0 * whole.sum()
    told = wanted.against >= 0
    other = binary(against[told], wanted.against[told]) if told.any() else 0 * whole.sum()
    return words + binary(whole, wanted.false) + ranks + other


def scores(checker: Checker, claims: list[Coded]) -> list[tuple[float, float]]:
    """The log-odds that each claim is borne out, and that it is contradicted if it is not."""
    checker.eval()
    found = [(0.0, 0.0)] * len(claims)
    order = sorted(range(len(claims)), key=lambda n: len(claims[n].evidence))
    for at in range(0, len(order), 32):
        part = order[at : at + 32]
        b = batch([claims[n] for n in part])
        with torch.no_grad():
            _, whole, against = in_half(checker, b.ids, b.mask, b.marks)
        for n, value, other in zip(part, whole.tolist(), against.tolist(), strict=True):
            found[n] = -value, other
    checker.train()
    return found


def report(checker: Checker, kept: list[list[Coded]]) -> None:
    """Print how well claims kept apart are told apart, and which mistakes are heard."""
    for name, briefs in (("stories", False), ("briefs", True)):
        claims = [c for g in kept if g[0].group.startswith("f-") == briefs for c in g]
        values, against = np.array(scores(checker, claims)).T
        true = np.array([c.true for c in claims])
        twin = np.array([c.kind != "dropped" for c in claims])
        least = np.quantile(values[true], 0.15)
        kinds_against = [c.kind in AGAINST for c in claims if not c.true]
        told = roc_auc_score(kinds_against, against[~true])
        heard: dict[str, list[bool]] = defaultdict(list)
        for claim, value in zip(claims, values, strict=True):
            if not claim.true:
                heard[claim.kind].append(bool(value < least))
        print(
            f"  {name}: AUC {roc_auc_score(true[twin], values[twin]):.3f}; with .85 of the true "
            f"kept, {np.mean(values[twin & ~true] < least):.3f} of the false are stopped; what "
            f"contradicts AUC {told:.3f};",
            ", ".join(f"{kind} {np.mean(some):.2f}" for kind, some in sorted(heard.items())),
            flush=True,
        )


def main() -> None:
    """Train, as the command line says."""
    parser = argparse.ArgumentParser(description="Train the network of the check.")
    parser.add_argument("build", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--encoder", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--start", type=Path, required=True, help="the reader's weights")
    parser.add_argument("--more", action="store_true", help="these are a checker's already")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--rate", type=float, default=LEARNING_RATE, help="the highest rate")
    parser.add_argument("--every", type=int, default=500, help="steps between reports")
    a = parser.parse_args()
    torch.manual_seed(1)
    rng = random.Random(31)
    tokenizer = read_tokenizer(a.encoder)
    groups = load(a.build / "claims-train.jsonl", tokenizer)
    kept = load(a.build / "claims-kept.jsonl", tokenizer)
    checker = Checker(a.encoder)
    checker.load_state_dict(torch.load(a.start), strict=False)  # the reader has no `against`
    for table in (checker.network.word.weight, checker.network.position.weight):
        table.requires_grad_(False)
    if not a.more:  # the reader's told something else
        for layer in (checker.pieces, checker.whole):
            nn.init.normal_(layer.weight, std=0.02)
        nn.init.constant_(checker.sharpness, 1.0)
    print(f"{len(groups)} sentences and their twins, {sum(map(len, groups))} in all", flush=True)
    learn(
        checker,
        Plan(a.out, a.steps, a.rate, WARM_UP, a.every),
        rng,
        lambda: batches(groups, rng),
        lambda wanted: loss(in_half(checker, wanted.ids, wanted.mask, wanted.marks), wanted),
        lambda: report(checker, kept),
    )


if __name__ == "__main__":
    main()
