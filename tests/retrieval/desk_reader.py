"""A long-lived reader of an archive: a question a line in, the URIs it finds as JSON out."""

from __future__ import annotations

import json
import sys

from bot.settings import load_settings
from bot.wiring import Desk
from retrieval.search.condense import Query

searcher = Desk(load_settings()).searcher
for line in sys.stdin:
    found = searcher.search(Query(line.strip()))
    print(json.dumps([match.article.uri for match in found.matches]), flush=True)
