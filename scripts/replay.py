"""Answer the recorded golden questions again, from the replies that a model once gave.

    .venv/bin/python -m scripts.replay                  # figures beside the baseline's; the gate
    .venv/bin/python -m scripts.replay --save-baseline  # make them the baseline

`make record` records the replies.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rich.console import Console

from bot.evaluating import own_baseline
from bot.rendering.evaluation import gate_lines, show_run
from retrieval.evaluation.baseline import read_baseline, save_baseline
from retrieval.evaluation.comparison import compare
from tests.measuring import recorded
from tests.measuring.replies import NotRecorded


def main() -> None:
    """Replay every recording; exit with status 1 if a gate is shut."""
    baseline, is_open = own_baseline(), True
    assert baseline is not None, "run this in a checkout"
    for path in recorded.files():
        with tempfile.TemporaryDirectory() as home:
            recorded.fill(Path(home))
            with recorded.replaying(path, Path(home)) as (desk, model, _):
                today = recorded.run(desk, model, recorded.subset())
        if "--save-baseline" in sys.argv:
            save_baseline(baseline, today)
            show_run(Console(), today)
            print(
                f"{baseline.relative_to(recorded.ROOT)} has this run as that of {today.engine} now."
            )
            continue
        comparison = compare(today, read_baseline(baseline, today.engine))
        show_run(Console(), today, comparison)
        print(*gate_lines(today, comparison), sep="\n")
        is_open = is_open and comparison.passes
    sys.exit(not is_open)


if __name__ == "__main__":
    try:
        main()
    except NotRecorded as error:
        sys.exit(str(error))
