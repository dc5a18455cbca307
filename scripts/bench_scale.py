"""Measures Newsdesk at several sizes of its archive: `make bench-scale N="10000 100000"`.

    python -m scripts.bench_scale [--home FOLDER] [--json FILE] SIZE...
    python -m scripts.bench_scale --table FILE...

One archive of invented text grows from size to size. `--home` keeps it, and goes on from what is
there; `--json` adds what was measured to a file, of which `--table` makes a table.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from scripts.scale.growing import grow
from scripts.scale.home import Home
from scripts.scale.measuring import measure
from scripts.scale.table import table


def main(words: list[str]) -> int:
    """Grow and measure, or show what was measured."""
    parser = argparse.ArgumentParser(description="Measure Newsdesk at several sizes.")
    parser.add_argument("sizes", nargs="*", help="passages, or files with --table")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args(words)
    if given.table:
        read = [json.loads(line) for name in given.sizes for line in _lines(name)]
        print(table(read))
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        home = Home(given.home or Path(temporary))
        found = []
        for size in sorted(int(size.replace(",", "").replace("_", "")) for size in given.sizes):
            taken = grow(home, size)
            measured = measure(home)
            measured.figures = taken | measured.figures
            found.append(measured.as_json())
            if given.json:
                with given.json.open("a") as lines:
                    lines.write(json.dumps(found[-1]) + "\n")
            print(table([found[-1]]), flush=True)
        if len(found) > 1:
            print(table(found))
    return 0


def _lines(name: str) -> list[str]:
    return Path(name).read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
