"""What a reader in training makes of the questions kept apart."""

from __future__ import annotations

import numpy as np
import torch
from sklearn.metrics import roc_auc_score

from training.batches import Coded, batch
from training.network import Reader


def read_all(reader: Reader, examples: list[Coded]) -> list[dict[str, float]]:
    """For each example: the logit of answering, and whether the best span starts rightly."""
    reader.eval()
    found: list[dict[str, float]] = [{}] * len(examples)
    order = sorted(range(len(examples)), key=lambda n: len(examples[n].passage))
    for at in range(0, len(order), 32):
        part = order[at : at + 32]
        b = batch([examples[n] for n in part])
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            start, _, evidence, answers = reader(b.ids, b.mask, b.kinds)
        best = start[:, 1:].argmax(1) + 1
        held = torch.where(b.evidence >= 0, evidence, torch.full_like(evidence, -1e4)).argmax(1)
        for row_number, n in enumerate(part):
            found[n] = {
                "answers": float(answers[row_number]),
                "span": float(start[row_number, 1:].max() - start[row_number, 0]),
                "right": float(abs(int(best[row_number]) - int(b.start[row_number])) <= 1),
                "held": float(b.evidence[row_number, held[row_number]] == 1),
            }
    reader.train()
    return found


def report(reader: Reader, kept: dict[str, list[list[Coded]]]) -> None:
    """Print what the reader makes of the questions kept apart, a source a line."""
    for name, groups in kept.items():
        flat = [e for g in groups for e in g]
        read = dict(zip(map(id, flat), read_all(reader, flat), strict=True))
        states = [e for e in flat if e.made == "state"]
        auc = roc_auc_score(
            [bool(e.answer) for e in states], [read[id(e)]["answers"] for e in states]
        )
        right = np.mean([read[id(e)]["right"] for e in states if e.answer])
        held = np.mean([read[id(e)]["held"] for e in states if e.answer])
        first, truth, best = [], [], []
        for group in groups:
            positive = [e for e in group if e.answer]
            found = [e for e in group if e.made == "found"]
            negative = [e for e in group if e.made == "state" and not e.answer]
            top = max((read[id(e)]["answers"] for e in found), default=-99.0)
            if positive:
                mine = max(read[id(e)]["answers"] for e in positive)
                first.append(mine > top)
                truth.append(1)
                best.append(max(mine, top))
            if negative:
                truth.append(0)
                best.append(max(top, *(read[id(e)]["answers"] for e in negative)))
        print(
            f"  {name}: with or without the answer AUC {auc:.3f}, over ten found "
            f"{roc_auc_score(truth, best):.3f}; answering passage first {np.mean(first):.3f}; "
            f"start {right:.3f}, sentence {held:.3f} (n {len(groups)})",
            flush=True,
        )
