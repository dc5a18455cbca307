"""What a reader's `reader.json` says of its model."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from retrieval.errors import ModelFileError

Finite = Annotated[float, Field(allow_inf_nan=False)]
Kind = Literal["extractive", "reranker", "entailment"]


@dataclass(frozen=True, slots=True)
class Declaration:
    """The fields of `reader.json`.

    `kind` is "extractive" (the outputs `start` and `end` point at the answer's words, a value a
    word piece), "reranker" (the output `score` is one number) or "entailment" (`score` has one
    for each of `classes`, "entailment" among them). An extractive reader may also have `score`,
    for the passage as a whole, and `evidence`, a value a word piece.

    `slope * score + intercept` are the log-odds that a passage answers, or bears a sentence out.
    `marked` is for Newsdesk's own reader, which is told what pieces two texts share.
    """

    name: Annotated[str, Field(min_length=1)]
    kind: Kind
    score: str = ""
    start: str = ""
    end: str = ""
    evidence: str = ""
    classes: tuple[str, ...] = ()
    slope: Finite = 1.0
    intercept: Finite = 0.0
    max_tokens: Annotated[int, Field(ge=96, le=8192)] = 512
    marked: bool = False

    __pydantic_config__ = ConfigDict(extra="forbid")

    @property
    def outputs(self) -> set[str]:
        """The model's outputs that are used."""
        return (self.by_piece | {self.score}) - {""}

    @property
    def by_piece(self) -> set[str]:
        """Those of them that have a value a word piece."""
        pieces = {self.start, self.end, self.evidence} if self.kind == "extractive" else set()
        return pieces - {""}

    def score_of(self, values: npt.NDArray[Any]) -> float:
        """Return one score of what the output `score` holds for a text.

        Of several classes it is the log-odds of "entailment" against the others.
        """
        logits = np.asarray(values, dtype=np.float64).ravel()
        if self.kind != "entailment":
            return float(logits[0])
        at = self.classes.index("entailment")
        return float(logits[at] - np.logaddexp.reduce(np.delete(logits, at)))

    def log_odds(self, score: float) -> float:
        """Return the log-odds that a score stands for."""
        return self.slope * score + self.intercept


_FIELDS = TypeAdapter(Declaration)

_NEEDED: dict[Kind, tuple[str, ...]] = {
    "extractive": ("start", "end"),
    "reranker": ("score",),
    "entailment": ("score",),
}


def read_declaration(folder: Path) -> Declaration:
    """Read `reader.json` from a reader's folder.

    Raises:
        ModelFileError: the file is missing, or does not say what is needed.
    """
    path = folder / "reader.json"
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(fields, dict):
            raise ValueError("it is no object")
        declared = _FIELDS.validate_python(fields)
    except FileNotFoundError as error:
        raise ModelFileError(
            f"{path} is missing: a reader's folder holds model.onnx, tokenizer.json and "
            'reader.json, such as {"name": "my-reranker", "kind": "reranker", "score": "logits"}.'
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "it"
        raise ModelFileError(f"{path}: {where}: {first['msg']}.") from error
    except (OSError, ValueError, RecursionError) as error:
        raise ModelFileError(f"{path} cannot be read: {error}") from error
    missing = [name for name in _NEEDED[declared.kind] if not getattr(declared, name)]
    if missing:
        raise ModelFileError(f'{path}: "{missing[0]}" must name an output of the model.')
    one = declared.classes.count("entailment") == 1 and len(declared.classes) in (2, 3)
    if declared.kind == "entailment" and not one:
        raise ModelFileError(
            f'{path}: "classes" names the model\'s two or three classes in order, "entailment" '
            "once among them."
        )
    return declared
