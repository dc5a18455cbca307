"""Which stored articles are gone from the places they were read from. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

_RECORD = re.compile(r"(?i)(?P<file>.*?\.jsonl?)#.+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class ScanResult:
    """What an ingest found where it looked, as URIs.

    `folders` and `files` are what it was given; `unseen` the paths that it could not look into;
    `articles` what it found; `unreadable` the files in which something could not be read.
    """

    folders: Collection[str]
    files: Collection[str]
    unseen: Collection[str]
    articles: Collection[str]
    unreadable: Collection[str]


def gone(stored: Mapping[str, str], scan: ScanResult, exists: Callable[[str], bool]) -> list[str]:
    """The ids, among stored id -> URI, of articles that are certainly no longer there.

    An article is kept where that is in doubt: its file is still there though it cannot be read,
    its folder could not be looked into or is bare, or another record of its file was rejected.
    One that is known by its web address does not say which file it came from, and is kept too.
    """
    unseen = {*scan.unseen, *bare_folders(scan)}
    sure = replace(scan, unseen=unseen)
    return [article_id for article_id, uri in stored.items() if _is_gone(uri, sure, exists)]


def bare_folders(scan: ScanResult) -> list[str]:
    """The folders without a single article file: each looks like a disk that is not mounted."""
    return [
        folder for folder in scan.folders if not any(within(file, folder) for file in scan.files)
    ]


def _is_gone(uri: str, scan: ScanResult, exists: Callable[[str], bool]) -> bool:
    record = _RECORD.fullmatch(uri)
    file = record["file"] if record and not exists(uri) else uri
    asked = file in scan.files or any(within(file, folder) for folder in scan.folders)
    if not asked or uri in scan.articles or any(within(file, path) for path in scan.unseen):
        return False
    if not exists(file):
        return True
    return file != uri and file not in scan.unreadable


def within(file: str, path: str) -> bool:
    """Whether a file is at a path or below it."""
    return file == path or file.startswith(path.rstrip("/\\") + "/")
