"""Measure what the support gate lets through and what it stops; `make support`.

    OPENBLAS_NUM_THREADS=1 .venv/bin/python -m scripts.measure_support                  # print
    OPENBLAS_NUM_THREADS=1 .venv/bin/python -m scripts.measure_support --save-baseline

Prints, for the development articles of every set and for the test articles of the sample archive
(on which nothing was fitted: their paraphrases were held out), how many planted faults are caught
and how many true sentences are removed, and what a check takes. A misattributed sentence is
caught when it is removed or cited where it stands. Paraphrases and some negations are written by
hand, the other faults made by rule (`tests/measuring/planted.py`). What was made up, passages and
all, is in a column of its own: nothing was fitted on it.
"""

from __future__ import annotations

import statistics
import sys

from retrieval.answering.support.gate import SupportGate
from retrieval.embeddings.encoder import OnnxEncoder
from tests.measuring import claims, planted
from tests.measuring.checked import AIMS, Checked, aimed_at, check_all, sample, save_baseline, share

SENTENCES, STEP = 100, 4
KINDS = (
    ("true, verbatim: removed", "verbatim", None),
    ("true, paraphrased by hand: removed", "paraphrased", None),
    ("true, reworded freely: removed", "reworded", None),
    ("fabricated", "fabricated", None),
    ("misattributed", "misattributed", None),
    ("number swapped", "number swapped", None),
    ("date swapped", "date swapped", None),
    ("name swapped", "name swapped", None),
    ("who, what, where or why changed", "changed", None),
    ("negated by rule", "negated", "rule"),
    ("negated by hand", "negated", "hand"),
    ("stitched of two", "stitched", None),
    ("true with something invented added", "embroidered", None),
)


def main() -> int:
    """Check every sentence and print the table, or save the baseline of two figures."""
    encoder = OnnxEncoder()
    if "--save-baseline" in sys.argv:
        figures = aimed_at(sample(encoder))
        save_baseline(figures)
        for name, figure in figures.items():
            print(f"{name}: {figure.right} of {figure.total} (aim: {AIMS[name]:.0%})")
        return 0
    gate = SupportGate(encoder)
    columns: dict[str, list[Checked]] = {}
    for name, items in planted.sets(encoder, SENTENCES):
        for item in check_all(gate, planted.thinned(items, STEP)):
            column = f"{name} {item.item.split}" if name == "sample" else name
            columns.setdefault(column, []).append(item)
    print(f"{'':36}" + "".join(f"{name:>18}" for name in columns))
    for label, kind, base in KINDS:
        cells = []
        for checked in columns.values():
            right, total = share(checked, kind, base)
            shown = total - right if kind in claims.TRUE else right
            cells.append(f"{shown:4}/{total:<4} {shown / total:6.1%}" if total else "—")
        print(f"{label:36}" + "".join(f"{cell:>18}" for cell in cells))
    times = [c.seconds * 1000 for checked in columns.values() for c in checked]
    again = [c.seconds * 1000 for c in check_all(gate, [c.item for c in checked[-60:]])]
    print(f"a check over {claims.CONTEXT} sources: median {statistics.median(again):.0f} ms warm,")
    print(f"{statistics.median(times):.0f} ms with passages read for the first time among them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
