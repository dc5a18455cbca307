"""The reader's network: the shipped encoder's layers, reading a question and a passage together."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from retrieval.reading.pieces import KINDS
from scripts.build_encoder import read_network


class Reader(nn.Module):
    """BERT with a start, an end and an evidence logit a piece, and one for the whole passage.

    A passage answers where some piece of it is evidence: its logit is a softened maximum
    (log-sum-exp) of the pieces' beside what [CLS] says. That gives every piece a gradient from
    the one label that is always known.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.network = read_network(folder)
        hidden: int = self.network.word.weight.shape[1]
        old = self.network.segment.weight.data
        self.network.segment = nn.Embedding(len(KINDS), hidden)
        self.network.segment.weight.data = torch.stack([old[k] for k in KINDS.values()])
        self.network.segment.weight.data[2:] += 0.01 * torch.randn(len(KINDS) - 2, hidden)
        self.pieces = nn.Linear(hidden, 3)
        self.whole = nn.Linear(hidden, 1)
        self.sharpness = nn.Parameter(torch.tensor(1.0))
        for layer in (self.pieces, self.whole):
            nn.init.normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)
        nn.init.constant_(self.pieces.bias[2], -2.0)

    def forward(self, ids: Tensor, mask: Tensor, kinds: Tensor) -> tuple[Tensor, ...]:
        """Return logits: start, end and evidence of shape (batch, pieces), and answers (batch,).

        `start` and `end` are of the answer's first and last piece, with [CLS] for none; `evidence`
        of a piece being in a sentence that answers; `answers` of the passage answering at all.
        """
        states = self.network(ids, mask, kinds)
        start, end, evidence = self.pieces(states).float().unbind(-1)
        passage = (kinds % 2 == 1) & (mask > 0)
        hidden = torch.full_like(start, -1e4)
        best = torch.logsumexp(torch.where(passage, evidence, hidden), 1)
        answers = self.whole(states[:, 0])[:, 0].float() + self.sharpness * best
        none = torch.zeros_like(passage)
        none[:, 0] = True
        spans = passage | none
        start, end = torch.where(spans, start, hidden), torch.where(spans, end, hidden)
        return start, end, evidence, answers
