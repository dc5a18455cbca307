"""Tells from a question alone which form of answer it asks for.

A linear model over the question's words, in runs of up to three, and over its vector: words tell
"which is longer, A or B" from "which is A", and the vector knows wordings that were not learned
from. `training/forms.py` fits it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from retrieval.answering.forms import Form
from retrieval.onnx_model import Floats
from retrieval.search.condense import Query
from retrieval.text.runs import runs_of

_MODEL = Path(__file__).parent / "forms.json"

_LINK = re.compile(r"^\W*(?:(?:and|but|so|then|ok|also)\b\W*)+(?=\w)", re.I)
"""What links a follow-up to the conversation, and joins no two questions in one."""

FORMS: tuple[Form | None, ...] = (None, *Form)
"""What a question may ask for, in the order of the model's weights; None is a plain answer."""


@dataclass(frozen=True, slots=True)
class FormModel:
    """The weights: a row for each of `FORMS`; of each run of words, one number for each."""

    intercepts: Floats
    runs: dict[str, Floats]
    vector: Floats

    def form_of(self, question: str, vector: Floats) -> Form | None:
        """Return the form that is more likely than not for a question with its vector, or None."""
        scores: Floats = self.intercepts + self.vector @ vector
        for run in runs_of(question):
            if run in self.runs:
                scores = scores + self.runs[run]
        odds = np.exp(scores - scores.max())
        return FORMS[int(np.argmax(odds))] if 2 * odds.max() > odds.sum() else None


class AskedForm:
    """Tells the form of answer that a question asks for. Safe to call from several threads.

    Args:
        encode: makes the vectors of texts.
    """

    def __init__(self, encode: Callable[[Sequence[str]], Floats]) -> None:
        model = load_form_model(_MODEL)

        @lru_cache(maxsize=64)  # a question is looked at twice on its way
        def form_of(question: str) -> Form | None:
            return model.form_of(question, encode([question])[0])

        self._form_of = form_of

    def form(self, query: Query) -> Form | None:
        """Return the form that a question asks for, or None if it only wants an answer."""
        return self._form_of(_LINK.sub("", query.text[query.focus :]))


def load_form_model(path: Path) -> FormModel:
    """Read the weights of a model."""
    fields = json.loads(path.read_text(encoding="utf-8"))
    return FormModel(
        np.array(fields["intercepts"], dtype=np.float32),
        {run: np.array(weights, dtype=np.float32) for run, weights in fields["runs"].items()},
        np.array(fields["vector"], dtype=np.float32),
    )
