from __future__ import annotations

from dataclasses import replace

import pytest

from bot.pruning import ScanResult, gone

SCAN = ScanResult(
    folders={"/news", "/odd#names", "/bare"},
    files={
        *("/news/here.txt", "/news/lines.jsonl", "/given.jsonl", "/news/bad.jsonl"),
        "/odd#names/here.txt",
    },
    unseen={"/news/closed"},
    articles={"/news/here.txt", "/news/lines.jsonl#1", "/given.jsonl#a"},
    unreadable={"/news/bad.jsonl"},
)
ON_DISK = {
    *("/news/here.txt", "/news/lines.jsonl", "/given.jsonl", "/news/bad.jsonl"),
    *("/news/unreadable.txt", "/elsewhere.jsonl"),
}


@pytest.mark.parametrize(
    ("uri", "is_gone"),
    [
        ("/news/here.txt", False),
        ("/news/deep/gone.txt", True),
        ("/news/unreadable.txt", False),
        ("/news/closed/story.txt", False),
        ("/newspaper/gone.txt", False),
        ("/bare/gone.txt", False),
        ("/bare/gone.jsonl#1", False),
        ("/odd#names/gone.txt", True),
        ("/news/lines.jsonl#1", False),
        ("/news/lines.jsonl#2", True),
        ("/news/gone.jsonl#1", True),
        ("/news/bad.jsonl#1", False),
        ("/given.jsonl#b", True),
        ("/elsewhere.jsonl#1", False),
        ("https://example.org/news/gone", False),
    ],
)
def test_only_what_is_certainly_gone_is(uri: str, is_gone: bool) -> None:
    assert gone({"id": uri}, SCAN, ON_DISK.__contains__) == (["id"] if is_gone else [])


def test_the_root_folder_holds_everything() -> None:
    everywhere = replace(SCAN, folders={"/"}, unseen=())
    assert gone({"id": "/newspaper/gone.txt"}, everywhere, ON_DISK.__contains__) == ["id"]
