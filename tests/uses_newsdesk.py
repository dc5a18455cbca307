"""Uses `Newsdesk` in a process of its own and prints what that left open, as JSON.

The tests' own process has bots and servers that open and close files meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from newsdesk import Newsdesk

STEADY = 10
"""So often in a row the count has to be the same."""

QUESTION = "How many visitors did the museum count?"


def held() -> tuple[dict[str, int], int]:
    """Count this process's open files, by what they are, and its threads."""
    files: dict[str, int] = {}
    for descriptor in os.listdir("/proc/self/fd"):
        try:
            target = os.readlink(f"/proc/self/fd/{descriptor}")
        except FileNotFoundError:  # of the listing itself
            continue
        kind = target.partition(":")[0]
        files[kind] = files.get(kind, 0) + 1
    return files, len(os.listdir("/proc/self/task"))


def settled(folder: Path) -> tuple[dict[str, int], int]:
    """Count what is held once no file of a folder is open and the count stays as it is.

    Chroma's own threads close its files a moment later. After ten seconds it is counted anyway.
    """
    until, counted, same = time.monotonic() + 10, held(), 0
    while same < STEADY and time.monotonic() < until:
        time.sleep(0.02)
        now = held()
        open_still = any(name.startswith(str(folder)) for name in now[0])
        same = same + 1 if now == counted and not open_still else 0
        counted = now
    return counted


def use(home: Path, museum: Path, url: str) -> object:
    """Ingest, ask and search; return what was held before it was closed."""
    with Newsdesk(home, engine="openai", openai_base_url=url, openai_api_key="none") as desk:
        desk.ingest(museum)
        assert desk.ask(QUESTION).engine.startswith("openai")
        assert asyncio.run(desk.aask(f"{QUESTION} And when?"))
        assert desk.search("museum")
        assert desk.as_retriever().invoke("museum")
        return held()


def main(folder: Path, museum: Path, url: str) -> None:
    """Use it once so that libraries open what they open once in a process, then twice more."""
    use(folder / "warm-up", museum, url)
    before = settled(folder)
    with Newsdesk(folder / "unasked"):
        unasked = held()
    inside = use(folder / "one", museum, url)
    use(folder / "two", museum, url)
    told = {"unasked": unasked, "before": before, "inside": inside, "after": settled(folder)}
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
