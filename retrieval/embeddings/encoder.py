"""Sentence encoders in ONNX: the one that ships with Newsdesk, or any other from a folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import onnxruntime
from langchain_core.embeddings import Embeddings
from tokenizers import Encoding, Tokenizer

from retrieval.errors import ModelFileError

EMBEDDED = Path(__file__).parent / "minilm"
"""all-MiniLM-L6-v2, signed int8; built by `scripts/build_encoder.py`."""

Floats = npt.NDArray[np.float32]

_BATCH = 8
"""Texts a run. Larger batches pad more and leave the cache: a quarter slower at 32."""


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """A text as the encoder sees it before pooling: a unit vector a word piece.

    `vectors` is (pieces, dimensions), in half precision to be kept cheaply; `offsets` gives
    each piece's place in the text, in code points. Special pieces are left out of both, not
    of `pooled`, which is the text's one vector.
    """

    vectors: npt.NDArray[np.float16]
    offsets: list[tuple[int, int]]
    pooled: Floats


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """What `encoder.json` beside a model declares.

    `pooling` is how token vectors become one: their mean, or the first ("cls").
    """

    name: str
    dimensions: int
    pooling: Literal["mean", "cls"] = "mean"
    max_tokens: int = 256
    normalize: bool = True
    query_prefix: str = ""
    passage_prefix: str = ""


class OnnxEncoder(Embeddings):
    """An encoder read from a folder: `model.onnx`, `tokenizer.json` and `encoder.json`.

    Texts are sorted by length and padded only to the longest of their batch. Safe to call
    from several threads.

    Raises:
        ModelFileError: a file is missing, damaged, or describes something unknown.
    """

    def __init__(self, folder: Path = EMBEDDED, *, threads: int = 0) -> None:
        self.folder = folder
        self.config = _read_config(folder)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # onnxruntime and tokenizers raise types of their own
            raise ModelFileError(
                f"The encoder in {folder} cannot be loaded: {_first_line(error)}"
            ) from error
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(self.config.max_tokens)
        self._inputs = {i.name for i in self._session.get_inputs()}
        self._counter = Tokenizer.from_str(self._tokenizer.to_str())
        self._counter.no_truncation()

    @property
    def name(self) -> str:
        """The encoder's name, as it stands in the name of an index."""
        return self.config.name

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text (LangChain's interface); see `encode` for arrays."""
        vectors = self.encode([self.config.passage_prefix + text for text in texts])
        found: list[list[float]] = vectors.tolist()
        return found

    def embed_query(self, text: str) -> list[float]:
        """The vector of a question (LangChain's interface)."""
        found: list[float] = self.encode([self.config.query_prefix + text])[0].tolist()
        return found

    def encode(self, texts: Sequence[str]) -> Floats:
        """Pooled vectors, (texts, dimensions), in the order of the texts."""
        pooled = np.zeros((len(texts), self.config.dimensions), dtype=np.float32)
        for number, encoding, vectors in self._run(texts):
            pooled[number] = self._pool(vectors[: len(encoding.ids)])
        return pooled

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Token vectors of each text, in order; what late interaction compares."""
        found: dict[int, TokenVectors] = {}
        for number, encoding, vectors in self._run(texts):
            kept = [i for i, special in enumerate(encoding.special_tokens_mask) if not special]
            found[number] = TokenVectors(
                _unit(vectors[kept]).astype(np.float16),
                [encoding.offsets[i] for i in kept],
                self._pool(vectors[: len(encoding.ids)]),
            )
        return [found[number] for number in range(len(texts))]

    def count_pieces(self, text: str) -> int:
        """How many word pieces a text is to this encoder, special ones included."""
        return len(self._counter.encode(text).ids)

    def _run(self, texts: Sequence[str]) -> Iterator[tuple[int, Encoding, Floats]]:
        """Each text's number, pieces and hidden states; short texts first, padding included."""
        encodings = self._tokenizer.encode_batch(list(texts))
        order = sorted(range(len(texts)), key=lambda i: len(encodings[i].ids))
        for at in range(0, len(order), _BATCH):
            numbers = order[at : at + _BATCH]
            batch = [encodings[i] for i in numbers]
            yield from zip(numbers, batch, self._forward(batch), strict=True)

    def _pool(self, hidden: Floats) -> Floats:
        pooled = hidden[0] if self.config.pooling == "cls" else hidden.mean(axis=0)
        return _unit(pooled) if self.config.normalize else pooled

    def _forward(self, batch: list[Encoding]) -> Floats:
        longest = max(len(encoding.ids) for encoding in batch)
        ids = np.zeros((len(batch), longest), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(batch):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(None, {k: v for k, v in feed.items() if k in self._inputs})[0]
        return np.asarray(hidden, dtype=np.float32)


def verify(folder: Path = EMBEDDED) -> None:
    """Compare an encoder's files with the SHA256SUMS beside them.

    Raises:
        ModelFileError: a file is missing or is not the one that was built.
    """
    try:
        lines = (folder / "SHA256SUMS").read_text().splitlines()
        for expected, name in (line.split() for line in lines if line.strip()):
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != expected:
                raise ModelFileError(f"{folder / name} is damaged: reinstall Newsdesk.")
    except (OSError, ValueError) as error:
        raise ModelFileError(f"The encoder in {folder} is incomplete: {error}") from error


def _read_config(folder: Path) -> EncoderConfig:
    path = folder / "encoder.json"
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        config = EncoderConfig(**fields)
    except FileNotFoundError as error:
        raise ModelFileError(
            f"{path} is missing: an encoder's folder holds model.onnx, tokenizer.json and "
            'encoder.json, such as {"name": "my-encoder", "dimensions": 384, "pooling": "mean"}.'
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise ModelFileError(f"{path} cannot be used: {_first_line(error)}") from error
    if config.pooling not in ("mean", "cls"):
        raise ModelFileError(f'{path}: "pooling" is "mean" or "cls", not {config.pooling!r}.')
    return config


def _unit(vectors: Floats) -> Floats:
    """Rows scaled to length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Floats = vectors / np.maximum(lengths, 1e-12)
    return scaled


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
