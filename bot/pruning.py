"""Finds stored articles whose files are gone, for `newsdesk ingest --prune`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from corpus.formats.documents import files_of


@dataclass(frozen=True, slots=True)
class ScanResult:
    """The paths that an ingest scanned and the articles it found, as URIs.

    Attributes:
        folders: the folders it was given.
        files: all article files that it found.
        unseen: files and folders that it could not open.
        articles: the articles that it read.
        unreadable: files of which an article was rejected.
    """

    folders: Collection[str]
    files: Collection[str]
    unseen: Collection[str]
    articles: Collection[str]
    unreadable: Collection[str]


def gone(stored: Mapping[str, str], scan: ScanResult, exists: Callable[[str], bool]) -> list[str]:
    """Return the ids of the stored articles whose files are certainly gone.

    In doubt an article is kept: its file exists but cannot be read, its folder cannot be opened
    or has no article file, another record of its file was rejected, or its URI is a web address,
    which does not say which file it came from.

    Args:
        stored: the URI of each stored article by id.
        scan: what the ingest scanned.
        exists: tells whether the file at a URI exists.
    """
    unseen = {*scan.unseen, *bare_folders(scan)}
    sure = replace(scan, unseen=unseen)
    return [article_id for article_id, uri in stored.items() if _is_gone(uri, sure, exists)]


def bare_folders(scan: ScanResult) -> list[str]:
    """Return the folders without any article file; such a disk may just not be mounted."""
    return [
        folder for folder in scan.folders if not any(within(file, folder) for file in scan.files)
    ]


def _is_gone(uri: str, scan: ScanResult, exists: Callable[[str], bool]) -> bool:
    places = files_of(uri)
    file = next(filter(exists, places), places[-1])
    asked = file in scan.files or any(within(file, folder) for folder in scan.folders)
    if not asked or uri in scan.articles or any(within(file, path) for path in scan.unseen):
        return False
    if not exists(file):
        return True
    return file != uri and file not in scan.unreadable


def within(file: str, path: str) -> bool:
    """Return whether a file is at a path or below it."""
    return file == path or file.startswith(path.rstrip("/\\") + "/")
