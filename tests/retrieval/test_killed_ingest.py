"""A process that is killed while it ingests leaves the archive as it was before or after."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.article import Article
from corpus.reading import find_files, read_file
from retrieval.embeddings.encoder import OnnxEncoder
from tests.retrieval.archive_kit import (
    Archive,
    BagEncoder,
    as_markdown,
    assert_tidy,
    assert_whole,
    made,
    nonce,
)
from tests.retrieval.forks import Forks

pytestmark = pytest.mark.process

EARLIER, EDITED, ALL = 30, 6, 150
ROUNDS = 20


@pytest.fixture
def news(tmp_path: Path) -> Path:
    folder = tmp_path / "news"
    folder.mkdir()
    return folder


@pytest.fixture
def ingests(newsdesk: Any, news: Path) -> Iterator[Forks]:
    ingests = Forks(Path(__file__).with_name("forked_newsdesk.py"), newsdesk.environment, news)
    yield ingests
    ingests.close()


def write(news: Path, *articles: Article) -> dict[str, Article]:
    """Write articles into the folder; all that is in it now, as read, by id."""
    for article in articles:
        (news / Path(article.uri).name).write_text(as_markdown(article))
    files, _ = find_files([news])
    read = [item for file in files for item in read_file(file)]
    return {item.id: item for item in read if isinstance(item, Article)}


def assert_everything_is_found(archive: Archive, articles: dict[str, Article]) -> None:
    """Of all that is visible every passage is in both indexes.

    Chroma's graph is approximate: of a whole collection it may miss a few vectors that it has.
    """
    visible = set(archive.catalog.passage_ids())
    assert archive.vectors.missing(sorted(visible)) == []
    vector = np.asarray(archive.encoder.embed_query("visitors"), dtype=np.float32)
    nearest = {i for i, _ in archive.vectors.nearest(vector, archive.vectors.count())}
    assert len(visible & nearest) >= 0.95 * len(visible)
    for article in articles.values():
        word = article.title.removeprefix("News of ")
        assert {p.article_id for p, _ in archive.catalog.full_text([word], 9)} == {article.id}


def test_every_earlier_article_stays_answerable_and_the_next_ingest_completes(
    tmp_path: Path, news: Path, ingests: Forks, embedded: OnnxEncoder
) -> None:
    earlier = write(news, *(made(n) for n in range(EARLIER)))
    ingests.run(tmp_path / "base", "ingest", str(news))
    write(news, *(made(n, edition=" by night") for n in range(EDITED)))
    later = write(news, *(made(n) for n in range(EARLIER, ALL)))
    assert (len(earlier), len(later)) == (EARLIER, ALL)

    shutil.copytree(tmp_path / "base", tmp_path / "measured")
    duration = ingests.run(tmp_path / "measured", "ingest", str(news))
    moments = random.Random(2020)
    killed = 0
    for number in range(ROUNDS):
        home = tmp_path / f"home-{number}"
        shutil.copytree(tmp_path / "base", home)
        process = ingests.start(home, "ingest", str(news))
        time.sleep(duration * (number + moments.random()) / ROUNDS)
        os.kill(process, signal.SIGKILL)
        killed += ingests.ended() == -signal.SIGKILL

        with Archive(home, embedded, BagEncoder()) as archive:
            assert_whole(archive)
            stored = {article.id: article for article in archive.catalog.every_article()}
            assert earlier.keys() <= stored.keys() <= later.keys()
            assert all(a in (later[i], earlier.get(i)) for i, a in stored.items())
            assert_everything_is_found(archive, stored)
            asked = moments.randrange(EARLIER)
            (best, *_) = archive.search(f"How many visitors did {nonce(asked)} count?")
            assert best.article.title == made(asked).title

        ingests.run(home, "ingest", str(news))
        with Archive(home, embedded, BagEncoder()) as archive:
            assert_tidy(archive)
            assert {a.id: a for a in archive.catalog.every_article()} == later
            assert_everything_is_found(archive, later)
        shutil.rmtree(home)
    assert killed >= ROUNDS // 4
