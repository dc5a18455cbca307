"""Hold dialogues with the engine, whose own answers are their history, and print how they went.

.venv/bin/python -m scripts.dialogues            # those of the development split
.venv/bin/python -m scripts.dialogues FILE       # others of the same form
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.in_process import shared_encoder
from tests.measuring import dialogues
from tests.measuring.dialogues import Told


def main() -> None:
    """Print what went wrong, turn by turn, and a table by kind of turn."""
    files = [Path(name) for name in sys.argv[1:]] or [dialogues.FOLDER / "dev.jsonl"]
    rows = [row for file in files for row in dialogues.rows(file)]
    with TemporaryDirectory() as home:
        desks = dialogues.assistants(Path(home), shared_encoder())
        told = asyncio.run(dialogues.held(desks, rows))
    for turn in told:
        if not turn.right:
            print(_shown(turn))
    print("\n".join(dialogues.report(told)))


def _shown(turn: Told) -> str:
    expected = turn.turn.get("answers") or turn.turn.get("meta") or "no answer"
    return f"{turn.id} ({turn.kind}) {turn.turn['question']}\n  {turn.answer.text}\n  {expected}"


if __name__ == "__main__":
    main()
