"""`tests/retrieval/forked_newsdesk.py` without pauses between two requests to a host."""

from __future__ import annotations

import runpy
from importlib import import_module
from pathlib import Path

from corpus.web.fetching import Fetcher

assert Fetcher.__init__.__kwdefaults__
Fetcher.__init__.__kwdefaults__["delay"] = 0.0
for module in (
    "retrieval.following.refresh",
    "bot.rendering.following",
    "feedparser",
    "rich.table",
):
    import_module(module)
runpy.run_path(str(Path(__file__).parents[1] / "retrieval/forked_newsdesk.py"))
