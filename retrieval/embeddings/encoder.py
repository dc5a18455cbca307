"""Sentence encoders in ONNX: the embedded one, or another from a folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding

from retrieval.errors import ModelFileError
from retrieval.onnx_model import Floats, OnnxModel, first_line

EMBEDDED = Path(__file__).parent / "minilm"
"""all-MiniLM-L6-v2, signed int8; built by `scripts/build_encoder.py`."""

_SLOW_FUSIONS = ["SkipLayerNormFusion"]
"""Fusions left out because their kernel is slower: by 14 to 19 % over passages."""


@dataclass(frozen=True, slots=True)
class TokenVectors:
    """The unit vectors of a text's word pieces, and the vector of the whole text.

    `vectors` has the shape (pieces, dimensions), in half precision to save memory. `offsets` are
    the pieces' (start, end) in the text, in code points. Both leave special pieces out. `pooled`,
    the text's vector of shape (dimensions,), is made of all pieces.
    """

    vectors: npt.NDArray[np.float16]
    offsets: list[tuple[int, int]]
    pooled: Floats


@dataclass(frozen=True, slots=True)
class EncoderConfig:
    """The fields of `encoder.json`, which is in the model's folder.

    `pooling` says how token vectors become the text's vector: their mean, or the first ("cls").
    `unrelated` is the cosine of a question and a passage that have nothing to do with each other.
    """

    name: str
    dimensions: int
    pooling: Literal["mean", "cls"] = "mean"
    max_tokens: int = 256
    normalize: bool = True
    query_prefix: str = ""
    passage_prefix: str = ""
    unrelated: float = 0.0


class OnnxEncoder:
    """An encoder read from a folder: `model.onnx`, `tokenizer.json` and `encoder.json`.

    It has the methods of LangChain's `Embeddings`, without inheriting from it, because importing
    LangChain takes a quarter of a second; `retrieval.langchain.as_embeddings` wraps it as one.

    Several threads may use one encoder; texts run side by side (`retrieval.onnx_model`).

    Raises:
        ModelFileError: a file is missing, damaged, or describes something unknown.
    """

    def __init__(self, folder: Path = EMBEDDED, *, threads: int | None = None) -> None:
        self.folder = folder
        self.config = _read_config(folder)
        self._model = OnnxModel(folder, "encoder", threads=threads, without=_SLOW_FUSIONS)
        self._digest = _digest(folder)
        made = self.encode_tokens(["a"])[0].pooled.shape[-1]
        if made != self.config.dimensions:
            raise ModelFileError(
                f"{folder / 'encoder.json'} declares {self.config.dimensions} dimensions, and the "
                f"model makes {made}."
            )

    @property
    def name(self) -> str:
        """Return the encoder's name and a digest of its files, as an index's name has it."""
        return f"{self.config.name}-{self._digest}"

    def close(self) -> None:
        """Stop the encoder's threads. Encoding again starts new ones."""
        self._model.close()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Return one vector for each text (LangChain's interface); `encode` returns an array."""
        vectors = self.encode([self.config.passage_prefix + text for text in texts])
        found: list[list[float]] = vectors.tolist()
        return found

    def embed_query(self, text: str) -> list[float]:
        """Return the vector of a question (LangChain's interface)."""
        found: list[float] = self.encode([self.config.query_prefix + text])[0].tolist()
        return found

    def encode(self, texts: Sequence[str]) -> Floats:
        """Encode texts and return their vectors, of shape (texts, dimensions), in their order."""
        pooled = self._model.each(
            lambda encoding: self._pool(self._forward(encoding)), self._encodings(texts)
        )
        return np.asarray(pooled, dtype=np.float32).reshape(-1, self.config.dimensions)

    def encode_tokens(self, texts: Sequence[str]) -> list[TokenVectors]:
        """Encode texts and return the vectors of their word pieces."""
        return self._model.each(self._token_vectors, self._encodings(texts))

    def count_pieces(self, text: str) -> int:
        """Count the word pieces of a text, special ones included."""
        return len(self._model.joined(*self._model.pieces([text])))

    def knows(self, word: str) -> bool:
        """Return whether a word, in lower case, is a word piece by itself: the common ones are."""
        return self._model.has_piece(word)

    def _encodings(self, texts: Sequence[str]) -> list[Encoding]:
        """Return the pieces of texts, cut to what the encoder reads."""
        encodings = self._model.pieces(texts)
        for encoding in encodings:
            encoding.truncate(self._model.room(self.config.max_tokens, 1))
        return [self._model.joined(encoding) for encoding in encodings]

    def _token_vectors(self, encoding: Encoding) -> TokenVectors:
        hidden = self._forward(encoding)
        kept = [i for i, special in enumerate(encoding.special_tokens_mask) if not special]
        return TokenVectors(
            _unit(hidden[kept]).astype(np.float16),
            [encoding.offsets[i] for i in kept],
            self._pool(hidden),
        )

    def _pool(self, hidden: Floats) -> Floats:
        pooled = hidden[0] if self.config.pooling == "cls" else hidden.mean(axis=0)
        return _unit(pooled) if self.config.normalize else pooled

    def _forward(self, encoding: Encoding) -> Floats:
        outputs = self._model.run(encoding, [0] * len(encoding))
        return np.asarray(outputs[self._model.outputs[0]][0], dtype=np.float32)


def _digest(folder: Path) -> str:
    """Return eight hexadecimal digits that change with any of an encoder's files.

    If the folder has a SHA256SUMS (`retrieval.onnx_model.verify`), only that file is read.
    """
    digest = hashlib.sha256()
    sums = folder / "SHA256SUMS"
    names = ["SHA256SUMS"] if sums.exists() else ["model.onnx", "tokenizer.json", "encoder.json"]
    for name in names:
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:8]


def _read_config(folder: Path) -> EncoderConfig:
    path = folder / "encoder.json"
    try:
        fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(fields, dict) or not {"name", "dimensions"} <= fields.keys():
            raise ValueError('it is no object with at least "name" and "dimensions"')
        config = EncoderConfig(**fields)
    except FileNotFoundError as error:
        raise ModelFileError(
            f"{path} is missing: an encoder's folder holds model.onnx, tokenizer.json and "
            'encoder.json, such as {"name": "my-encoder", "dimensions": 384, "pooling": "mean"}.'
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise ModelFileError(f"{path} cannot be used: {first_line(error)}") from error
    if not isinstance(config.name, str) or not config.name:
        raise ModelFileError(f'{path}: "name" is missing or not a string.')
    for field, least in (("dimensions", 1), ("max_tokens", 16)):
        value = getattr(config, field)
        if type(value) is not int or value < least:
            raise ModelFileError(f'{path}: "{field}" is a whole number from {least} up.')
    if type(config.unrelated) not in (int, float) or not 0 <= config.unrelated < 1:
        raise ModelFileError(f'{path}: "unrelated" is a number from 0 up, and below 1.')
    if config.pooling not in ("mean", "cls"):
        raise ModelFileError(f'{path}: "pooling" is "mean" or "cls", not {config.pooling!r}.')
    return config


def _unit(vectors: Floats) -> Floats:
    """Scale rows to length 1. A row of zeros stays zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    scaled: Floats = vectors / np.maximum(lengths, 1e-12)
    return scaled
