"""Train the reader on the examples that `training.examples` built.

    python -m training.train BUILD OUT --encoder MODEL --steps 4400
    python -m training.train BUILD OUT --encoder MODEL --start WEIGHTS --rate 6e-5 --steps 1300

Needs PyTorch (see the README beside this). Writes a checkpoint as it goes, and resumes from it:
with another BUILD, if more has been written since.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from training.batches import Batch, Coded, batch, batches, load, read_tokenizer
from training.network import Reader
from training.report import report

B = TypeVar("B")

LEARNING_RATE = 1e-4
WEIGHT_DECAY = 0.01
WARM_UP = 200
SAVED = 100
"""Steps between checkpoints."""

REPORTED = 150
"""Questions of each source that are reported on."""


def main() -> None:
    """Train, as the command line says."""
    parser = argparse.ArgumentParser(description="Train the reader.")
    parser.add_argument("build", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--encoder", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--steps", type=int, default=4400)
    parser.add_argument("--share", type=float, default=1.0, help="share of the questions to use")
    parser.add_argument("--whole", default="", help="source of which all questions are used")
    parser.add_argument("--start", type=Path, help="weights to go on from")
    parser.add_argument("--rate", type=float, default=LEARNING_RATE, help="the highest rate")
    parser.add_argument("--every", type=int, default=500, help="steps between reports")
    a = parser.parse_args()
    torch.manual_seed(1)
    rng = random.Random(1)
    tokenizer = read_tokenizer(a.encoder)
    groups = load(a.build / "train.jsonl", tokenizer)
    groups = [g for g in groups if source_of(g) == a.whole or rng.random() < a.share]
    kept = by_source(load(a.build / "kept.jsonl", tokenizer))
    reader = Reader(a.encoder)
    if a.start:
        reader.load_state_dict(torch.load(a.start))
    for table in (reader.network.word.weight, reader.network.position.weight):
        table.requires_grad_(False)
    print(f"{len(groups)} questions, {sum(map(len, groups))} examples", flush=True)
    plan = Plan(a.out, a.steps, a.rate, WARM_UP, a.every)
    learn(
        reader,
        plan,
        rng,
        lambda: map(batch, batches(groups, rng)),
        lambda wanted: loss(in_half(reader, wanted.ids, wanted.mask, wanted.kinds), wanted),
        lambda: report(reader, kept),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """Where weights are written, how many steps there are, how fast it learns, and when it tells.

    The rate rises for `warm_up` steps to the highest and falls from there to nothing.
    """

    out: Path
    steps: int
    rate: float
    warm_up: int
    every: int


def learn(
    network: nn.Module,
    plan: Plan,
    rng: random.Random,
    epoch: Callable[[], Iterable[B]],
    loss_of: Callable[[B], Tensor],
    told: Callable[[], None],
) -> None:
    """Train a network, epoch by epoch; `told` reports on it. A checkpoint is gone on from."""
    optimizer = optimizer_of(network)
    step, resume = 0, plan.out.with_suffix(".resume")
    if resume.exists():
        saved = torch.load(resume)
        network.load_state_dict(saved["network"])
        optimizer.load_state_dict(saved["optimizer"])
        step = saved["step"]
        rng.seed(step)
        print(f"from step {step}", flush=True)
    begun, losses = time.monotonic(), []
    while step < plan.steps:
        for wanted in epoch():
            if step >= plan.steps:
                break
            rate = plan.rate * min(1.0, (step + 1) / plan.warm_up) * (1 - step / plan.steps)
            losses.append(stepped(network, optimizer, partial(loss_of, wanted), rate))
            step += 1
            if step % 50 == 0:
                seconds = time.monotonic() - begun
                print(f"{step}: loss {np.mean(losses):.4f}, {seconds:.0f} s", flush=True)
                losses = []
            if step % SAVED == 0 or step == plan.steps:
                torch.save(network.state_dict(), plan.out)
                state = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
                torch.save(state | {"step": step}, resume)
            if step % plan.every == 0 or step == plan.steps:
                told()


def by_source(groups: list[list[Coded]]) -> dict[str, list[list[Coded]]]:
    """The questions kept apart, some of each source."""
    kept: dict[str, list[list[Coded]]] = defaultdict(list)
    for group in groups:
        names = {"squad": "squad", "f": "briefs", "kinds": "kinds"}
        kept[names.get(source_of(group), "stories")].append(group)
    return {n: random.Random(2).sample(g, min(REPORTED, len(g))) for n, g in kept.items()}


def source_of(group: list[Coded]) -> str:
    """The name of the source that a question is of."""
    return group[0].group.partition(":")[0]


def optimizer_of(network: nn.Module) -> torch.optim.Optimizer:
    """AdamW, with no decay of biases and norms."""
    weights = [p for p in network.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in weights if p.ndim > 1], "weight_decay": WEIGHT_DECAY},
        {"params": [p for p in weights if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=LEARNING_RATE, fused=True)


def in_half(network: nn.Module, *inputs: Tensor) -> tuple[Tensor, ...]:
    """Run a network in half precision."""
    with torch.autocast("cpu", torch.bfloat16):
        read: tuple[Tensor, ...] = network(*inputs)
    return read


def stepped(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    loss_of: Callable[[], Tensor],
    rate: float,
) -> float:
    """Learn from one batch and return its loss."""
    network.train()
    for group in optimizer.param_groups:
        group["lr"] = rate
    total = loss_of()
    total.backward()
    nn.utils.clip_grad_norm_([p for p in network.parameters() if p.requires_grad], 1.0)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return total.item()


def loss(read: tuple[Tensor, ...], wanted: Batch) -> Tensor:
    """Span, evidence and answer losses, and that what answers ranks above what does not."""
    start, end, evidence, answers = read
    cross = nn.functional.cross_entropy
    binary = nn.functional.binary_cross_entropy_with_logits
    spans = (cross(start, wanted.start) + cross(end, wanted.end)) / 2
    known = wanted.evidence >= 0
    weight = torch.tensor(3.0)
    sentences = binary(evidence[known], wanted.evidence[known], pos_weight=weight)
    whole = binary(answers, wanted.answers)
    same = torch.tensor([[a == b for b in wanted.groups] for a in wanted.groups])
    above = same & (wanted.answers[:, None] > wanted.answers[None, :])
    margins = (answers[:, None] - answers[None, :])[above]
    ranks = nn.functional.softplus(-margins).mean() if len(margins) else 0 * whole
    return spans + sentences + whole + ranks


if __name__ == "__main__":
    main()
