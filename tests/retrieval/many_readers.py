"""Reads one catalog with four threads at once, with statements that call functions of ours."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from retrieval.archive.catalog import Catalog
from retrieval.archive.filters import Filters

catalog = Catalog(Path(sys.argv[1]))
only = Filters(titles=("exhibition",))


def read(_: int) -> int:
    return sum(len(catalog.article_ids_in(only)) for _ in range(250))


with ThreadPoolExecutor(4) as threads:
    print(sum(threads.map(read, range(4))))
