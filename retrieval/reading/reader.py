"""Readers in ONNX: cross-encoders that see a question and a passage together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Encoding

from retrieval.archive.passages import titled
from retrieval.errors import ModelFileError
from retrieval.onnx_model import Floats, OnnxModel
from retrieval.reading.declaration import read_declaration
from retrieval.reading.pieces import LONGEST_QUESTION, kinds

EMBEDDED = Path(__file__).parent / "minilm"
"""The reader that ships with Newsdesk; `training/` makes it."""

Span = tuple[int, int]

LONGEST_ANSWER = 30
"""Word pieces of an answer's words, as BERT's authors have it for SQuAD (Devlin et al., 2019)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question to read for: `text[:focus]` comes from the conversation."""

    text: str
    focus: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A passage to read: its article's title, its text, and where its sentences are in the text."""

    title: str
    text: str
    sentences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """How well a sentence answers: two log-odds, of the sentence and of its best few words.

    `answer` is where those words stand in the passage, if the reader points at any.
    """

    evidence: float
    span: float
    answer: Span | None = None


@dataclass(frozen=True, slots=True)
class PassageReading:
    """The log-odds that a passage answers a question, and what was read of its sentences.

    A sentence that is beyond what the reader sees is None.
    """

    answers: float
    sentences: tuple[SentenceReading | None, ...]


class Reader:
    """A reader from a folder: `model.onnx`, `tokenizer.json` and `reader.json`.

    Several threads may use one; passages are read side by side (`retrieval.onnx_model`).

    Raises:
        ModelFileError: a file is missing, damaged, or describes something unknown.
    """

    def __init__(self, folder: Path = EMBEDDED, *, threads: int | None = None) -> None:
        self.folder = folder
        self.declared = read_declaration(folder)
        self._model = OnnxModel(folder, "reader", threads=threads)
        missing = self.declared.outputs - set(self._model.outputs)
        if missing:
            raise ModelFileError(
                f"{folder / 'reader.json'} names the output {', '.join(sorted(missing))}, and the "
                f"model has {', '.join(self._model.outputs)}."
            )
        self._try()

    def _try(self) -> None:
        """Read something, to see that the model is what its declaration says."""
        declared, pair = self.declared, self._pair(Asked("Who is it?"), "", "It is a test.")
        found = self._model.run(pair.encoding, pair.kinds)
        scores = len(declared.classes) if declared.kind == "entailment" else 1
        fits = {declared.score: np.size(found[declared.score]) == scores} if declared.score else {}
        if declared.kind == "extractive":
            each = (1, len(pair.encoding.ids))
            fits |= {name: np.shape(found[name]) == each for name in declared.by_piece}
        for name, right in fits.items():
            if not right:
                raise ModelFileError(
                    f"{self.folder / 'reader.json'}: the output {name} of one question and one "
                    f"passage has the shape {np.shape(found[name])}: that is no model of the "
                    f"kind {declared.kind}."
                )

    def close(self) -> None:
        """Stop the reader's threads. Reading again starts new ones."""
        self._model.close()

    def read(self, asked: Asked, passages: Sequence[Told]) -> list[PassageReading]:
        """Read passages for a question and return what was read of each, in their order."""
        return self.read_pairs([(asked, told) for told in passages])

    def read_pairs(self, pairs: Sequence[tuple[Asked, Told]]) -> list[PassageReading]:
        """Read passages, each for a question of its own, and return what was read, in order."""
        extractive = self.declared.kind == "extractive"
        read = self._extracted if extractive else self._scored
        return self._model.each(lambda pair: read(*pair), pairs)

    def bears_out(self, text: str, sentence: str) -> float:
        """Return the log-odds, by an entailment model, that a text bears a sentence out."""
        told, claim = self._model.pieces([text, sentence])
        self._fit(claim, told)
        found = self._model.run(self._model.joined(told, claim))
        return self._score(found)

    def _extracted(self, asked: Asked, told: Told) -> PassageReading:
        """Read a passage once, and see its sentences within it."""
        pair = self._pair(asked, told.title, told.text)
        found = self._model.run(pair.encoding, pair.kinds)
        start, end = found[self.declared.start][0], found[self.declared.end][0]
        none = float(start[0] + end[0])
        read: list[SentenceReading | None] = []
        for first, last in told.sentences:
            # A piece may begin with the space before it.
            inside = [n for n, (_, b) in pair.offsets.items() if first < b <= last]
            if not inside:
                read.append(None)
                continue
            low, high = inside[0], inside[-1] + 1
            score, (a, b) = best_span(start[low:high], end[low:high])
            span = self.declared.log_odds(score - none)
            held = span
            if self.declared.evidence:
                held = float(found[self.declared.evidence][0][low:high].mean())
            where = max(first, pair.offsets[low + a][0]), pair.offsets[low + b][1]
            read.append(SentenceReading(held, span, where))
        if self.declared.score:
            return PassageReading(self._score(found), tuple(read))
        best = max((sentence.span for sentence in read if sentence), default=-none)
        return PassageReading(best, tuple(read))

    def _scored(self, asked: Asked, told: Told) -> PassageReading:
        """Score a passage, and then each of its sentences behind the title."""

        def score(text: str) -> float:
            pair = self._pair(asked, told.title, text)
            return self._score(self._model.run(pair.encoding, pair.kinds))

        sentences = [score(told.text[a:b]) for a, b in told.sentences]
        return PassageReading(
            score(told.text), tuple(SentenceReading(value, value) for value in sentences)
        )

    def _pair(self, asked: Asked, title: str, text: str) -> _Pair:
        """Put a question and a passage together; a passage that is too long is cut."""
        passage = titled(title, text)
        shift = len(passage) - len(text)
        first, second = self._model.pieces([asked.text, passage])
        first.truncate(LONGEST_QUESTION, direction="left")
        self._fit(first, second)
        marks = kinds(
            first.ids,
            sum(end <= asked.focus for _, end in first.offsets),
            second.ids,
            sum(end <= shift for _, end in second.offsets),
        )
        encoding = self._model.joined(first, second)
        of_passage = [n for n, s in enumerate(encoding.sequence_ids) if s == 1]
        offsets = {
            n: (a - shift, b - shift) for n, (a, b) in zip(of_passage, second.offsets, strict=True)
        }
        return _Pair(encoding, marks if self.declared.marked else encoding.type_ids, offsets)

    def _fit(self, short: Encoding, long: Encoding) -> None:
        """Cut two texts to what the model reads at once, the short one only if it must be."""
        room = self._model.room(self.declared.max_tokens, 2)
        short.truncate(room // 2, direction="left")
        long.truncate(room - len(short))

    def _score(self, found: Mapping[str, Floats]) -> float:
        return self.declared.log_odds(self.declared.score_of(found[self.declared.score]))


@dataclass(frozen=True, slots=True)
class _Pair:
    """A question and a passage as pieces: their kinds, and where the passage's are in its text."""

    encoding: Encoding
    kinds: list[int]
    offsets: dict[int, Span]


def best_span(start: Floats, end: Floats) -> tuple[float, Span]:
    """Return the best sum of a start and an end not before it, and the places of the two."""
    size = len(start)
    allowed = np.triu(np.ones((size, size))) - np.triu(np.ones((size, size)), LONGEST_ANSWER)
    sums = np.where(allowed > 0, start[:, None] + end[None, :], -np.inf)
    first, last = divmod(int(np.argmax(sums)), size)
    return float(sums[first, last]), (first, last)
