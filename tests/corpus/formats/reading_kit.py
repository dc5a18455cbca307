"""Reads bytes as a file of some name, as the readers' tests do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.article import Article, Item, Rejection, Withdrawal
from corpus.cleaning import clean_text
from corpus.reading import read_file

Read = Callable[..., list[Item]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(name: str, data: bytes | str, passed_over: Counter[str] | None = None) -> list[Item]:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        items = list(read_file(path, passed_over))
        for item in items:
            if isinstance(item, Article):
                assert item.body == clean_text(item.body) != ""
                assert item.title == clean_text(item.title) != ""
        return items

    return read


def only(items: list[Item]) -> Article:
    (article,) = items
    assert isinstance(article, Article), article
    return article


def articles(items: list[Item]) -> list[Article]:
    return [item for item in items if isinstance(item, Article)]


def reasons(items: list[Item]) -> dict[str, str]:
    """Return the reason of each rejection by the last part of its URI."""
    return {
        item.uri.rpartition("/")[2]: item.reason for item in items if isinstance(item, Rejection)
    }


def withdrawals(items: list[Item]) -> list[Withdrawal]:
    return [item for item in items if isinstance(item, Withdrawal)]
