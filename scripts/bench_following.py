"""How fast articles of a feed come in, from a site on loopback that wants no pauses."""

from __future__ import annotations

import tempfile
import time
from contextlib import closing
from pathlib import Path

from bot.settings import load_settings
from bot.wiring import Desk
from corpus.reading import read_file
from corpus.web.fetching import Fetcher
from tests.following import news
from tests.web.site import Site

ARTICLES = 300


def measure() -> tuple[float, float]:
    """Return the articles a second of a feed, and of the same pages as files in a folder."""
    with Site() as site, tempfile.TemporaryDirectory() as folder:
        host = f"127.0.0.1:{site.port}"
        files = []
        for number in range(ARTICLES):
            site.page(f"/a/{number}", news.page(number))
            files.append(Path(folder, f"{number}.html"))
            files[-1].write_text(news.page(number))
        items = [news.item(f"http://{host}/a/{number}", number) for number in range(ARTICLES)]
        site.page("/feed", news.rss(*items))
        with closing(Desk(load_settings(Path(folder, "fetched")))) as desk:
            vars(desk)["fetcher"] = Fetcher(hosts=[host], delay=0.0)
            desk.embedded.embed_query("loaded")
            begun = time.perf_counter()
            with desk.refresher() as refresher:
                followed = refresher.watcher.follow(f"http://{host}/feed")
                added = len(refresher.run([one.address for one in followed]).added)
            fetched = added / (time.perf_counter() - begun)
        with closing(Desk(load_settings(Path(folder, "read")))) as desk:
            desk.embedded.embed_query("loaded")
            begun = time.perf_counter()
            with desk.indexer() as indexer:
                added = len(
                    indexer.ingest(item for file in files for item in read_file(file)).added
                )
            return fetched, added / (time.perf_counter() - begun)
