"""Batches: what `ask` and `check` do with each line of a JSON Lines file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bot.commands.common import print_json

if TYPE_CHECKING:
    from bot.questions import BatchRecord

T = TypeVar("T")


def run_batch(
    path: Path, parse: Callable[[dict[str, Any]], T], answer: Callable[[T], dict[str, Any]]
) -> None:
    """Print one JSON object for each line of a batch, in order, as soon as it is there.

    Raises:
        NewsdeskError: no line can be answered: the file, the archive, a setting or the encoder is
            at fault.
    """
    from bot.questions import read_batch

    for record in read_batch(path, parse):
        print_json({"id": record.id} | _outcome(record, answer))


def _outcome(record: BatchRecord[T], answer: Callable[[T], dict[str, Any]]) -> dict[str, Any]:
    """Answer one line of a batch. Return the answer's JSON object, or `{"error": message}`."""
    from retrieval.errors import ArchiveError, ModelFileError, NewsdeskError, SettingsError

    if record.asked is None:
        return {"error": record.error}
    try:
        return answer(record.asked)
    except (ArchiveError, SettingsError, ModelFileError):
        raise
    except NewsdeskError as error:
        return {"error": str(error)}
    except Exception as error:  # one line's trouble is not the others'
        if os.environ.get("NEWSDESK_DEBUG"):
            raise
        return {"error": f"something unexpected went wrong ({type(error).__name__}: {error})"}
