"""Which articles bear on a followed topic: told precisely enough, and seldom missed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.settings import load_settings
from bot.wiring import Desk
from corpus.reading import read_file
from retrieval.news.topics import TopicMatcher
from tests.in_process import shared_encoder, shared_reader
from tests.measuring.topics import FOLDER, tally, topics, write_articles


def test_topics_are_in_one_split_only_and_name_articles_that_exist(tmp_path: Path) -> None:
    names = set(write_articles(tmp_path).values())
    splits = {split: topics(split) for split in ("dev", "test")}
    every = [one for found in splits.values() for one in found]
    assert len({one.topic.casefold() for one in every}) == len(every)
    assert all(one.bears and one.bears | one.unclear <= names for one in every)
    assert not any(one.bears & one.unclear for one in every)
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert f"{len(every)} topics" in readme
    for split, found in splits.items():
        assert f"`{split}.jsonl` ({len(found)})" in readme
    model = json.loads((FOLDER.parents[2] / "retrieval/news/topics.json").read_text("utf-8"))
    assert model["fitted_on"].startswith(f"{len(splits['dev'])} topics")


@pytest.fixture(scope="module")
def matching(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[TopicMatcher, dict[str, str]]]:
    """A matcher over an archive of all labelled articles, and their names by id."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("articles")
    names = write_articles(folder)
    with closing(Desk(load_settings(home))) as desk:
        vars(desk).update(embedded=shared_encoder(), reader=shared_reader())
        with desk.indexer() as indexer:
            indexer.ingest(item for path in folder.iterdir() for item in read_file(path))
        yield desk.topic_matcher, names


@pytest.mark.figures
@pytest.mark.parametrize("split", ["dev", "test"])
def test_precision_and_recall(matching: tuple[TopicMatcher, dict[str, str]], split: str) -> None:
    found = tally(split, *matching)
    assert found.precision >= 0.9, found
    assert found.recall >= 0.8, found
