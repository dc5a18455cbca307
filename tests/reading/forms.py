"""The shipped reader in the forms that other people's cross-encoders have."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

from retrieval.reading.reader import EMBEDDED


def reduced(folder: Path, outputs: list[str], **declared: Any) -> Path:
    """Write the reader with some of its outputs alone, and a declaration of its own."""
    model = onnx.load(EMBEDDED / "model.onnx")
    kept = [output for output in model.graph.output if output.name in outputs]
    del model.graph.output[:]
    model.graph.output.extend(kept)
    return _written(folder, model, declared)


def with_classes(folder: Path, *, first: bool, **declared: Any) -> Path:
    """Write the reader as an entailment model: its score as the logits of two classes."""
    model = onnx.load(EMBEDDED / "model.onnx")
    model.graph.node.extend(
        [
            helper.make_node("Neg", ["answers"], ["against"]),
            helper.make_node("Unsqueeze", ["answers", "axis"], ["for_column"]),
            helper.make_node("Unsqueeze", ["against", "axis"], ["against_column"]),
            helper.make_node(
                "Concat",
                ["for_column", "against_column"] if first else ["against_column", "for_column"],
                ["logits"],
                axis=1,
            ),
        ]
    )
    model.graph.initializer.append(helper.make_tensor("axis", TensorProto.INT64, [1], [1]))
    del model.graph.output[:]
    model.graph.output.append(
        helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2])
    )
    return _written(folder, model, declared)


def _written(folder: Path, model: onnx.ModelProto, declared: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx")
    shutil.copyfile(EMBEDDED / "tokenizer.json", folder / "tokenizer.json")
    (folder / "reader.json").write_text(json.dumps({"name": "own"} | declared))
    return folder
