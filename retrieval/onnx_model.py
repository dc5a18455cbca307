"""A model in ONNX and its tokenizer, as the encoder and the reader have."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding, Tokenizer

from retrieval.errors import ModelFileError

# ONNX Runtime sends telemetry with an id of the machine, unless this is set before its import.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
import onnxruntime

T = TypeVar("T")
Item = TypeVar("Item")
Floats = npt.NDArray[np.float32]


class OnnxModel:
    """`model.onnx` and `tokenizer.json` of a folder. Several threads may use one.

    Each text is a run of its own on one thread; `threads` texts run at a time (None: one per
    core). That is fastest on small machines and needs no padding. It also makes what is computed
    of a text independent of the other texts, since int8 activations are scaled per run.

    Args:
        folder: where the files are.
        what: the model's name in messages.
        threads: how many texts run at a time.
        without: optimizations of ONNX Runtime to leave out.

    Raises:
        ModelFileError: a file is missing or damaged.
    """

    def __init__(
        self, folder: Path, what: str, *, threads: int | None = None, without: Sequence[str] = ()
    ) -> None:
        self._what, self._folder = what, folder
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"),
                options,
                providers=["CPUExecutionProvider"],
                disabled_optimizers=list(without),
            )
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # onnxruntime and tokenizers raise types of their own
            raise ModelFileError(
                f"The {what} in {folder} cannot be loaded (model.onnx, tokenizer.json): "
                f"{first_line(error)}"
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        self._inputs = {i.name for i in self._session.get_inputs()}
        self.outputs = [o.name for o in self._session.get_outputs()]
        self._threads = threads or os.cpu_count() or 1
        self._workers = ThreadPoolExecutor(self._threads, what)

    def close(self) -> None:
        """Stop the model's threads. Using it again starts new ones."""
        ended = self._workers
        self._workers = ThreadPoolExecutor(self._threads, self._what)
        ended.shutdown(cancel_futures=True)

    def pieces(self, texts: Sequence[str]) -> list[Encoding]:
        """Take texts apart into word pieces, without the special ones."""
        return self._tokenizer.encode_batch(list(texts), add_special_tokens=False)

    def has_piece(self, piece: str) -> bool:
        """Return whether the tokenizer has a text as one word piece."""
        return self._tokenizer.token_to_id(piece) is not None

    def room(self, most: int, texts: int) -> int:
        """Return how many of `most` pieces the special ones leave for one text or for two."""
        return most - self._tokenizer.num_special_tokens_to_add(texts == 2)

    def joined(self, first: Encoding, second: Encoding | None = None) -> Encoding:
        """Return the pieces of a text or of two with the special ones that the model expects."""
        return self._tokenizer.post_process(first, second)

    def run(self, encoding: Encoding, types: Sequence[int] | None = None) -> dict[str, Floats]:
        """Run the model on one text and return its outputs by name, each with a row for the text.

        `types` are the pieces' segments, where they are not the tokenizer's.

        Raises:
            ModelFileError: it is no model of word pieces.
        """
        ids = np.asarray([encoding.ids], dtype=np.int64)
        feed = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.asarray([types or encoding.type_ids], dtype=np.int64),
        }
        wanted = {name: value for name, value in feed.items() if name in self._inputs}
        try:
            outputs = self._session.run(None, wanted)
        except Exception as error:  # onnxruntime raises types of its own
            raise ModelFileError(
                f"The {self._what} in {self._folder} cannot be run: {first_line(error)}"
            ) from error
        return dict(zip(self.outputs, outputs, strict=True))

    def each(self, work: Callable[[Item], T], items: Sequence[Item]) -> list[T]:
        """Do some work for each item, side by side, and return what came of it, in order."""
        if len(items) == 1:
            return [work(items[0])]
        return list(self._workers.map(work, items))


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
