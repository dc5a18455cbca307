"""Which stored articles are gone from the places they were read from. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

_RECORD = re.compile(r"(?i)(?P<file>.*?\.jsonl?)#.+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Looked:
    """Where an ingest looked, as URIs.

    `folders` and `files` are what it was given; `unseen` the paths that it could not look into;
    `articles` what it found; `spoiled` the files in which something could not be read.
    """

    folders: Collection[str]
    files: Collection[str]
    unseen: Collection[str]
    articles: Collection[str]
    spoiled: Collection[str]


def gone(stored: Mapping[str, str], looked: Looked, exists: Callable[[str], bool]) -> list[str]:
    """The ids, among stored id -> URI, of articles that are certainly no longer there.

    An article is kept where that is in doubt: its file is still there though it cannot be read,
    its folder could not be looked into or is bare, or another record of its file was rejected.
    One that is known by its web address does not say which file it came from, and is kept too.
    """
    unseen = {*looked.unseen, *bare_folders(looked)}
    sure = replace(looked, unseen=unseen)
    return [article_id for article_id, uri in stored.items() if _is_gone(uri, sure, exists)]


def bare_folders(looked: Looked) -> list[str]:
    """The folders without a single article file: each looks like a disk that is not mounted."""
    return [
        folder
        for folder in looked.folders
        if not any(within(file, folder) for file in looked.files)
    ]


def _is_gone(uri: str, looked: Looked, exists: Callable[[str], bool]) -> bool:
    record = _RECORD.fullmatch(uri)
    file = record["file"] if record and not exists(uri) else uri
    asked = file in looked.files or any(within(file, folder) for folder in looked.folders)
    if not asked or uri in looked.articles or any(within(file, path) for path in looked.unseen):
        return False
    if not exists(file):
        return True
    return file != uri and file not in looked.spoiled


def within(file: str, path: str) -> bool:
    """Whether a file is at a path or below it."""
    return file == path or file.startswith(path.rstrip("/\\") + "/")
