"""A process that reads: its first answer, its memory, and when it sees a change.

    python -m scripts.scale.reading FOLDER DATABASE CHROMA QUESTION WORD

Prints a line of JSON for each. It sees the change when a search for WORD finds it.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from pathlib import Path

from retrieval.answers import Question
from retrieval.assistant import Assistant
from retrieval.search.condense import Query
from scripts.scale.home import Home
from scripts.scale.invented import questions

_ASKED = 50
_LONGEST = 120.0
"""Seconds to wait for the change."""


def main(folder: str, database: str, chroma: str, question: str, word: str) -> int:
    """Answer, then tell."""
    home = Home(Path(folder), database, chroma)
    with home.opened() as (catalog, vectors):
        searcher = home.searcher(catalog, vectors)
        asyncio.run(Assistant(searcher).ask(Question(question)))
        _tell(answered=time.time())
        for asked in questions(_ASKED, 100):
            searcher.search(Query(asked))
        _tell(memory=memory("VmRSS"), own=memory("RssAnon"))
        slowest, until = 0.0, time.monotonic() + _LONGEST
        while time.monotonic() < until:
            begun = time.perf_counter()
            found = searcher.search(Query(word), read=False)
            slowest = max(slowest, time.perf_counter() - begun)
            if any(word in match.article.body for match in found.matches):
                _tell(seen=time.time(), slowest=slowest)
                return 0
            time.sleep(0.02)
    print(f"The change was not seen in {_LONGEST} s.", file=sys.stderr)
    return 1


def memory(kind: str) -> int:
    """Return the bytes of memory that this process holds: "VmRSS" of all, or another line's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(rf"^{kind}:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _tell(**told: float) -> None:
    print(json.dumps(told), flush=True)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
