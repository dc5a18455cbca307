"""A refresh that is killed at any moment loses nothing and doubles nothing."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from retrieval.embeddings.encoder import OnnxEncoder
from tests.following import news
from tests.following.conftest import HOST
from tests.retrieval.archive_kit import Archive, BagEncoder, assert_tidy, assert_whole
from tests.retrieval.forks import Forks
from tests.web.site import Site

pytestmark = pytest.mark.process

EARLIER, EDITED, ALL = 8, 4, 16
ROUNDS, KILLS = 20, 4


@pytest.fixture
def refreshes(desk: Any, tmp_path: Path) -> Iterator[Forks]:
    refreshes = Forks(Path(__file__).with_name("forked_newsdesk.py"), desk.environment, tmp_path)
    yield refreshes
    refreshes.close()


def publish(site: Site, numbers: range, edition: str = "") -> None:
    """Have pages of articles; of each fourth the feed alone has the text."""
    for number in numbers:
        page = news.page(number, edition) if number % 4 else ""
        site.page(f"/a/{number}", page, 200 if page else 403)
    places = [(site.at(f"/a/{n}", HOST), n, f"Crowded{n}.") for n in range(numbers.stop)]
    site.page("/feed", news.rss(*(news.item(*place, date="") for place in places)))


def state(archive: Archive) -> dict[str, Any]:
    """All that a refresh leaves, but for times."""
    database = archive.catalog.database
    return {
        "articles": {a.uri: a for a in archive.catalog.every_article()},
        "named": database.rows(
            "SELECT key, uri, excerpt, error, due IS NULL FROM named ORDER BY 1"
        ),
        "followed": database.rows("SELECT address, kind, title, failures FROM followed"),
        "versions": database.rows("SELECT article_id, title, body FROM versions ORDER BY 1, 3"),
    }


def test_killed_at_any_moment(
    tmp_path: Path, site: Site, refreshes: Forks, embedded: OnnxEncoder
) -> None:
    publish(site, range(EARLIER))
    base = tmp_path / "base"
    refreshes.run(base, "follow", site.at("/feed", HOST))
    publish(site, range(EARLIER, ALL))
    publish(site, range(EDITED), " in all")
    publish(site, range(ALL - 1, ALL))

    whole = tmp_path / "whole"
    shutil.copytree(base, whole)
    duration = refreshes.run(whole, "refresh", "--now")
    with Archive(whole, embedded, BagEncoder()) as archive:
        wanted = state(archive)
    assert len(wanted["articles"]) == ALL
    assert len(wanted["versions"]) == EDITED - 1
    assert sum(article.excerpt for article in wanted["articles"].values()) == ALL // 4

    moments = random.Random(2020)
    killed = 0
    for number in range(ROUNDS // KILLS):
        home = tmp_path / f"home-{number}"
        shutil.copytree(base, home)
        for part in range(KILLS):
            process = refreshes.start(home, "refresh", "--now")
            time.sleep(duration * (part + moments.random()) / KILLS)
            os.kill(process, signal.SIGKILL)
            killed += refreshes.ended() == -signal.SIGKILL
        with Archive(home, embedded, BagEncoder()) as archive:
            assert_whole(archive)
            assert len(state(archive)["articles"]) >= EARLIER
        refreshes.run(home, "refresh", "--now")
        with Archive(home, embedded, BagEncoder()) as archive:
            assert_tidy(archive)
            assert state(archive) == wanted
    refreshes.run(home, "status")
    assert killed >= ROUNDS // 4
