"""Measures Newsdesk at several sizes of its archive: `make bench-scale N="10000 100000"`.

    python -m scripts.bench_scale [--servers] [--home FOLDER] [--json FILE] SIZE...
    python -m scripts.bench_scale --table FILE...

One archive of invented text grows from size to size: in a folder, which `--home` keeps and goes on
with, or on a PostgreSQL and a Chroma server that are started for it. `--json` adds what was
measured to a file, of which `--table` makes a table.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path

from scripts.scale.growing import grow
from scripts.scale.home import Home, on_servers
from scripts.scale.measuring import measure
from scripts.scale.table import table


def main(words: list[str]) -> int:
    """Grow and measure, or show what was measured."""
    parser = argparse.ArgumentParser(description="Measure Newsdesk at several sizes.")
    parser.add_argument("sizes", nargs="*", help="passages, or files with --table")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--servers", action="store_true")
    parser.add_argument("--table", action="store_true")
    given = parser.parse_args(words)
    if given.table:
        read = [json.loads(line) for name in given.sizes for line in _lines(name)]
        print(table(read))
        return 0
    sizes = sorted(int(size.replace(",", "").replace("_", "")) for size in given.sizes)
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.home or Path(temporary)
        with on_servers(folder) if given.servers else nullcontext(Home(folder)) as home:
            found = [_at(home, size, given.json) for size in sizes]
    if len(found) > 1:
        print(table(found))
    return 0


def _at(home: Home, size: int, kept: Path | None) -> dict[str, object]:
    """Grow an archive to a size, and measure, print and keep what it is like then."""
    taken = grow(home, size)
    measured = measure(home)
    found = measured.as_json() | {"figures": taken | measured.figures}
    if kept:
        with kept.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(found) + "\n")
    print(table([found]), flush=True)
    return found


def _lines(name: str) -> list[str]:
    return Path(name).read_text(encoding="utf-8").splitlines()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
