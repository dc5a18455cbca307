"""Opens a folder with an ONNX model and its tokenizer, as the encoder and the reader have."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from retrieval.errors import ModelFileError

# ONNX Runtime sends telemetry with an id of the machine, unless this is set before its import.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime


def open_model(
    folder: Path, what: str, *, without: Sequence[str] = ()
) -> tuple[onnxruntime.InferenceSession, Tokenizer]:
    """Open `model.onnx`, to run on one thread, and `tokenizer.json`, which neither pads nor cuts.

    `what` is the model's name in a message, `without` are optimizations to leave out.

    Raises:
        ModelFileError: a file is missing or damaged.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=list(without),
        )
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # onnxruntime and tokenizers raise types of their own
        raise ModelFileError(
            f"The {what} in {folder} cannot be loaded (model.onnx, tokenizer.json): "
            f"{first_line(error)}"
        ) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return session, tokenizer


def verify(folder: Path) -> None:
    """Compare a model's files with the SHA256SUMS beside them.

    Raises:
        ModelFileError: a file is missing or is not the one that was built.
    """
    try:
        lines = (folder / "SHA256SUMS").read_text().splitlines()
        for expected, name in (line.split() for line in lines if line.strip()):
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != expected:
                raise ModelFileError(
                    f"{folder / name} is damaged: reinstall Newsdesk, or get the model anew."
                )
    except (OSError, ValueError) as error:
        raise ModelFileError(f"The model in {folder} is incomplete: {error}") from error


def first_line(error: Exception) -> str:
    """Return the first line of what an error says."""
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
