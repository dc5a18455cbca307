"""Measure what the check of written answers lets through and what it stops; `make support`.

    OPENBLAS_NUM_THREADS=1 .venv/bin/python -m scripts.measure_support                  # print
    OPENBLAS_NUM_THREADS=1 .venv/bin/python -m scripts.measure_support --save-baseline

First the answers written by hand from the very prompts (tests/quality/written): true sentences
kept, false ones stopped and answers lost, once with a scripted judge that errs in 3 of 100 and
once without a judge, for the half that was looked at and the half kept apart. So are answers that
are no sentences ("107"), sentences nearly word for word from an article, and what `newsdesk check`
finds of the written ones over all articles.

Then planted faults, without a judge: for the development articles of every set and for the test
articles of the sample archive (nothing was fitted on them: their paraphrases were held out), how
many are caught and how many true sentences are removed. A misattributed sentence is caught when it
is removed or cited where it stands. Paraphrases and some negations are written by hand, the other
faults made by rule (`tests/measuring/planted.py`). What was made up, passages and all, is in a
column of its own: nothing was fitted on it.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path

from retrieval.checking.check import SupportCheck
from retrieval.drafts.findings import Finding
from retrieval.embeddings.encoder import OnnxEncoder
from tests.measuring import claims, close, drafts, fragments, planted, written
from tests.measuring.checked import Checked, aimed_at, check_all, sample, save_baseline, share

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


def print_written(check: SupportCheck) -> None:
    """Print what becomes of the answers written by hand, by half, with and without a judge."""
    print(
        f"{'answers written by hand':24}{'true kept':>16}{'false stopped':>18}{'answers lost':>18}"
    )
    for half in ("dev", "test"):
        for name in ("judged", "not judged"):
            found = written.tally(written.check_all(check, half, judged=name == "judged"))
            true = found.all["true"] // written.DRAWS
            false = found.all.total() // written.DRAWS - true
            print(
                f"{half + ', ' + name:24}{found.true_kept:9.3f} of {true:<4}"
                f"{found.false_stopped:10.3f} of {false:<4}"
                f"{found.lost / written.DRAWS:11.2f} of {found.answers // written.DRAWS}"
            )
            for kind in sorted(found.all):
                share = found.passed[kind] / found.all[kind]
                print(f"    passed, {kind:24}{share:6.3f} of {found.all[kind] // written.DRAWS}")


def print_fragments(check: SupportCheck) -> None:
    """Print what becomes of answers that are no sentences, by half, without a judge."""
    for half in ("dev", "test"):
        found = fragments.read(half)
        kept, stopped = fragments.shares(check, found)
        print(f"{half}, {len(found)} fragments: true kept {kept:.3f}, false stopped {stopped:.3f}")


def print_close(check: SupportCheck, encoder: OnnxEncoder) -> None:
    """Print what becomes of sentences written nearly word for word, by half, without a judge."""
    for half in ("dev", "test"):
        found, every = close.passed(check, encoder, half)
        kept, stopped = close.shares(found, every)
        print(f"{half}, close to the text: true kept {kept:.3f}, false stopped {stopped:.3f}")
        for kind, count in every.most_common():
            print(f"    passed, {kind:36}{found[kind] / count:6.3f} of {count}")


def print_drafts(encoder: OnnxEncoder) -> None:
    """Print what `newsdesk check` finds of the answers written by hand, by half."""
    for half in ("dev", "test"):
        with tempfile.TemporaryDirectory() as home:
            found = drafts.findings(encoder, Path(home), half)
        for true in (True, False):
            counts = ", ".join(f"{f.value} {found[true, f]}" for f in Finding)
            print(f"{half}, as a draft, {'true' if true else 'false'}: {counts}")


def print_time(check: SupportCheck) -> None:
    """Print what a check over six sources takes, its sources read beforehand."""
    times = []
    for asked in written.read("dev"):
        sources = asked.sources[:6]
        check.prepare(sources)
        for sentence in asked.reply:
            began = time.perf_counter()
            check.check(sentence.text, sources, asked.question)
            times.append((time.perf_counter() - began) * 1000)
    worst = statistics.quantiles(times, n=20)[-1]
    print(
        f"a check over six sources: median {statistics.median(times):.0f} ms, 95 % {worst:.0f} ms"
    )


def print_planted(check: SupportCheck, encoder: OnnxEncoder) -> None:
    """Print what becomes of true sentences and planted faults, by kind and set."""
    columns: dict[str, list[Checked]] = {}
    for name, items in planted.sets(encoder, SENTENCES):
        for item in check_all(check, planted.thinned(items, STEP)):
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


def main() -> int:
    """Print the tables, or save the baseline of two figures."""
    encoder = OnnxEncoder()
    if "--save-baseline" in sys.argv:
        figures = aimed_at(sample(encoder))
        save_baseline(figures)
        for name, figure in figures.items():
            print(f"{name}: {figure.right} of {figure.total}")
        return 0
    check = SupportCheck(encoder)
    print_written(check)
    print_fragments(check)
    print_close(check, encoder)
    print_drafts(encoder)
    print_time(check)
    print_planted(check, encoder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
