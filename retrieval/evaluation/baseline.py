"""The baseline: a file with a run of each engine, without its texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from retrieval.errors import EvaluationError
from retrieval.evaluation.results import Run, run_from_json, run_to_json, without_texts


def read_baseline(path: Path, engine: str) -> Run:
    """Return the run that an engine is compared with: of a baseline, or of a file of `--json`.

    Raises:
        EvaluationError: the file cannot be read, or has no run of this engine.
    """
    fields = _read(path)
    if "engines" not in fields:
        return _run(path, fields)
    if engine not in fields["engines"]:
        known = ", ".join(fields["engines"])
        raise EvaluationError(f"{path} has no run of the engine {engine}, only of: {known}.")
    return _run(path, fields["engines"][engine])


def save_baseline(path: Path, run: Run) -> None:
    """Put a run in its engine's place; runs of other engines stay.

    A question has a line, so that a change can be read.

    Raises:
        EvaluationError: the file cannot be written, or is there and no baseline.
    """
    fields = _read(path) if path.exists() else {}
    if fields and "engines" not in fields:
        raise EvaluationError(f"{path} is there and is no baseline: it was left as it is.")
    engines = {**fields.get("engines", {}), run.engine: run_to_json(without_texts(run))}
    parts = ",\n".join(
        f" {json.dumps(name)}: {_laid_out(engines[name])}" for name in sorted(engines)
    )
    try:
        path.write_text(f'{{"engines": {{\n{parts}\n}}}}\n', encoding="utf-8")
    except OSError as error:
        raise EvaluationError(f"{path} cannot be written: {error.strerror}.") from None


def _laid_out(run: dict[str, Any]) -> str:
    rows = []
    for name, value in run.items():
        text = json.dumps(value, ensure_ascii=False)
        if isinstance(value, list):
            lines = (json.dumps(item, ensure_ascii=False) for item in value)
            text = "[\n   " + ",\n   ".join(lines) + "\n  ]"
        rows.append(f"  {json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(rows) + "\n }"


def _read(path: Path) -> dict[str, Any]:
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EvaluationError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise EvaluationError(f"{path} is not JSON: {error}.") from None
    if not isinstance(fields, dict) or not isinstance(fields.get("engines", {}), dict):
        raise EvaluationError(f"{path} is no baseline.")
    return fields


def _run(path: Path, fields: Any) -> Run:
    try:
        return run_from_json(fields)
    except EvaluationError as error:
        raise EvaluationError(f"{path}: {error}") from None
