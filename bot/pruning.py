"""Which stored articles are gone from the places they were read from. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

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
    its folder could not be looked into, or another record of its file was rejected. One that is
    known by its web address does not say which file it came from, and is kept too.
    """
    return [article_id for article_id, uri in stored.items() if _is_gone(uri, looked, exists)]


def _is_gone(uri: str, looked: Looked, exists: Callable[[str], bool]) -> bool:
    record = _RECORD.fullmatch(uri)
    file = record["file"] if record and not exists(uri) else uri
    asked = file in looked.files or any(_within(file, folder) for folder in looked.folders)
    if not asked or uri in looked.articles or any(_within(file, path) for path in looked.unseen):
        return False
    if not exists(file):
        return True
    return file != uri and file not in looked.spoiled


def _within(file: str, path: str) -> bool:
    return file == path or file.startswith(path.rstrip("/\\") + "/")
