"""Train the reader on the examples that `training.examples` built.

    python -m training.train BUILD OUT --encoder MODEL --steps 4400

Needs PyTorch (see the README beside this). Writes a checkpoint as it goes, and resumes from it:
with another BUILD, if more has been written since.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.batches import Batch, Coded, batch, batches, load
from training.network import Reader
from training.report import report

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
    parser.add_argument("--every", type=int, default=500, help="steps between reports")
    a = parser.parse_args()
    torch.manual_seed(1)
    rng = random.Random(1)
    tokenizer = Tokenizer.from_file(str(a.encoder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    groups = load(a.build / "train.jsonl", tokenizer)
    groups = rng.sample(groups, int(a.share * len(groups)))
    kept = by_source(load(a.build / "kept.jsonl", tokenizer))
    reader = Reader(a.encoder)
    for table in (reader.network.word.weight, reader.network.position.weight):
        table.requires_grad_(False)
    optimizer = optimizer_of(reader)
    step, resume = 0, a.out.with_suffix(".resume")
    if resume.exists():
        saved = torch.load(resume)
        reader.load_state_dict(saved["reader"])
        optimizer.load_state_dict(saved["optimizer"])
        step = saved["step"]
        rng.seed(step)
    print(
        f"{len(groups)} questions, {sum(map(len, groups))} examples, from step {step}", flush=True
    )
    begun, losses = time.monotonic(), []
    while step < a.steps:
        for examples in batches(groups, rng):
            if step >= a.steps:
                break
            rate = LEARNING_RATE * min(1.0, (step + 1) / WARM_UP) * (1 - step / a.steps)
            losses.append(stepped(reader, optimizer, batch(examples), rate))
            step += 1
            if step % 50 == 0:
                seconds = time.monotonic() - begun
                print(f"{step}: loss {np.mean(losses):.4f}, {seconds:.0f} s", flush=True)
                losses = []
            if step % SAVED == 0 or step == a.steps:
                torch.save(reader.state_dict(), a.out)
                state = {"reader": reader.state_dict(), "optimizer": optimizer.state_dict()}
                torch.save(state | {"step": step}, resume)
            if step % a.every == 0 or step == a.steps:
                report(reader, kept)


def by_source(groups: list[list[Coded]]) -> dict[str, list[list[Coded]]]:
    """The questions kept apart, some of each source."""
    kept: dict[str, list[list[Coded]]] = defaultdict(list)
    for group in groups:
        name = group[0].group.partition(":")[0]
        kept["squad" if name == "squad" else "briefs" if name == "f" else "stories"].append(group)
    return {n: random.Random(2).sample(g, min(REPORTED, len(g))) for n, g in kept.items()}


def optimizer_of(reader: Reader) -> torch.optim.Optimizer:
    """AdamW, with no decay of biases and norms."""
    weights = [p for p in reader.parameters() if p.requires_grad]
    groups = [
        {"params": [p for p in weights if p.ndim > 1], "weight_decay": WEIGHT_DECAY},
        {"params": [p for p in weights if p.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=LEARNING_RATE, fused=True)


def stepped(reader: Reader, optimizer: torch.optim.Optimizer, wanted: Batch, rate: float) -> float:
    """Learn from one batch and return its loss."""
    reader.train()
    for group in optimizer.param_groups:
        group["lr"] = rate
    with torch.autocast("cpu", torch.bfloat16):
        read = reader(wanted.ids, wanted.mask, wanted.kinds)
    total = loss(read, wanted)
    total.backward()
    nn.utils.clip_grad_norm_([p for p in reader.parameters() if p.requires_grad], 1.0)
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
