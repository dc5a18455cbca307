"""Write trained weights as the reader that ships: int8 ONNX, its declaration, its checksums.

python -m training.export WEIGHTS --encoder FOLDER
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import torch
from torch import Tensor

from scripts.build_encoder import INPUTS, OPSET, quantize, sha256, write
from training.network import Reader

FOLDER = Path(__file__).resolve().parent.parent / "retrieval" / "reading" / "minilm"
OUTPUTS = ["start", "end", "evidence", "answers"]
DECLARATION = {
    "name": "newsdesk-reader-int8",
    "kind": "extractive",
    "marked": True,
    "max_tokens": 320,
    "start": "start",
    "end": "end",
    "evidence": "evidence",
    "score": "answers",
}

NOTICE = """\
The reader of Newsdesk

model.onnx was trained from the sentence encoder all-MiniLM-L6-v2 of the sentence-transformers
project, licensed under the Apache License, Version 2.0 (see LICENSE), as training/README.md says:
its layers were trained to read a question and a passage together, four outputs were added, and its
weights were quantized to 8 bits. tokenizer.json is that model's, without padding and truncation.

It learned from the development sets of SQuAD 1.1 and 2.0 (Rajpurkar et al., 2016 and 2018; CC BY-SA
4.0), no text of which is in it, and from news invented for Newsdesk.
"""


def main() -> None:
    """Export, as the command line says."""
    parser = argparse.ArgumentParser(description="Export the reader.")
    parser.add_argument("weights", type=Path, nargs="+", help="of several, their mean is exported")
    parser.add_argument("--encoder", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    a = parser.parse_args()
    a.folder.mkdir(parents=True, exist_ok=True)
    reader = Reader(a.encoder)
    reader.load_state_dict(mean([torch.load(path) for path in a.weights]))
    reader.eval()
    ids = torch.tensor([[101, 2054, 102, 2003, 102, 0], [101, 2040, 102, 2009, 2003, 102]])
    kinds = torch.tensor([[0, 0, 0, 1, 1, 0], [0, 2, 0, 1, 3, 1]])
    with tempfile.TemporaryDirectory() as scratch, torch.no_grad():
        exported = Path(scratch) / "exported.onnx"
        axes = {n: {0: "batch", 1: "sequence"} for n in [*INPUTS, *OUTPUTS[:3]]}
        torch.onnx.export(
            reader,
            (ids, (ids > 0).long(), kinds),
            str(exported),
            dynamo=False,
            opset_version=OPSET,
            input_names=INPUTS,
            output_names=OUTPUTS,
            dynamic_axes=axes | {"answers": {0: "batch"}},
        )
        quantize(exported, a.folder / "model.onnx")
    encoder = FOLDER.parent.parent / "embeddings" / "minilm"
    for name in ("tokenizer.json", "LICENSE"):
        shutil.copyfile(encoder / name, a.folder / name)
    write(a.folder / "NOTICE", NOTICE)
    write(a.folder / "reader.json", json.dumps(DECLARATION, indent=2) + "\n")
    names = ("model.onnx", "tokenizer.json", "reader.json")
    write(a.folder / "SHA256SUMS", "".join(f"{sha256(a.folder / n)}  {n}\n" for n in names))


def mean(weights: list[dict[str, Tensor]]) -> dict[str, Tensor]:
    """Return the mean of some networks' weights, of which one was trained from another.

    Halfway between them a network often reads better than either (Wortsman et al., Robust
    fine-tuning of zero-shot models, CVPR 2022).
    """
    return {name: torch.stack([one[name] for one in weights]).mean(0) for name in weights[0]}


if __name__ == "__main__":
    main()
