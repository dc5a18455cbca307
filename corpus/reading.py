"""Finds article files, and reads each into articles and rejections."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from corpus.article import Item, Rejection
from corpus.errors import NotAnArticle
from corpus.formats.documents import CRAWL_SUFFIXES, Allowance, Document, printable
from corpus.kinds import SUPPORTED, UNSUPPORTED, read_document, reason_of, suffix_of

_ADDRESS = re.compile(r"(?i)([a-z][a-z0-9+.-]+:)/")
"""How a web address begins as a path, which has one slash where there were several."""


def find_files(paths: Iterable[Path]) -> tuple[list[Path], list[Rejection]]:
    """Return the article files that `paths` name, each once, and why others are not read.

    Folders are searched with their subfolders, in sorted order, passing over hidden names, files
    of other kinds and links to folders. Never raises.
    """
    files: dict[str, Path] = {}
    rejections: list[Rejection] = []
    for path in paths:
        found, rejected = _find(path)
        for file in found:
            files.setdefault(os.path.realpath(file), file)
        rejections.extend(rejected)
    return list(files.values()), rejections


def other_files(paths: Iterable[Path]) -> Counter[str]:
    """Count the files that `find_files` passes over as of other kinds, by suffix: {".pdf": 3}."""
    found = [file for path in paths for file in _walk(path, []) if not suffix_of(file.name)]
    once = {os.path.realpath(file): file.suffix.lower() for file in found}
    return Counter(sorted(once.values()))


def read_file(path: Path, passed_over: Counter[str] | None = None) -> Iterator[Item]:
    """Yield every article in a file, and a Rejection for whatever in it is not one.

    Files above 10 MB are refused, those that may have pictures in them above 100 MB. What holds
    many articles is read one at a time with that limit for each: JSON Lines, mailboxes, captures
    of web pages, archives. `corpus.limits` has the limits of an article. `passed_over` counts, by
    suffix, what is inside a file and of a kind that is not read. Never raises, whatever the file
    holds and whether or not it can be opened.
    """
    allowance = Allowance(Counter() if passed_over is None else passed_over)
    return read_document(Document(path_uri(path), path.name, partial(_open, path), allowance))


def path_uri(path: str | Path) -> str:
    r"""Return the absolute path as text that can be printed and stored.

    Symbolic links are kept. Bytes that are not UTF-8, and control characters, are written as
    escapes such as `\xff`, so that two files never get the same URI by accident.
    """
    return _escaped(os.path.abspath(path))


def _escaped(path: str) -> str:
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))


def _find(path: Path) -> tuple[list[Path], list[Rejection]]:
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        return [], [_not_found(path, error)]
    if not is_folder:
        if suffix_of(path.name):
            return [path], []
        return [], [Rejection(path_uri(path), UNSUPPORTED)]
    errors: list[OSError] = []
    found = sorted(file for file in _walk(path, errors) if suffix_of(file.name))
    crawls = {file for file in found if file.name.lower().endswith(CRAWL_SUFFIXES)}
    if crawls:  # named by their time; of several captures of an address the first is kept
        others = (file for file in found if file not in crawls)
        found = [*others, *sorted(crawls, key=lambda file: file.name, reverse=True)]
    rejections = [Rejection(path_uri(error.filename), reason_of(error)) for error in errors]
    if not found and not rejections:
        rejections = [Rejection(path_uri(path), f"no article files in this folder; {SUPPORTED}")]
    return found, rejections


def _not_found(path: Path, error: OSError) -> Rejection:
    """Reject a path that cannot be looked up; it may be a web address, or - for stdin."""
    if str(path) == "-" or _ADDRESS.match(str(path)):
        name = _ADDRESS.sub(r"\1//", _escaped(str(path)), count=1)
        return Rejection(name, f"only files and folders are read: save it as one; {SUPPORTED}")
    return Rejection(path_uri(path), reason_of(error))


def _walk(top: Path, errors: list[OSError]) -> Iterator[Path]:
    """Yield the files of a folder and its subfolders that are not hidden."""
    for folder, subfolders, names in os.walk(top, onerror=errors.append):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            if not name.startswith("."):
                yield Path(folder, name)


def _open(path: Path) -> IO[bytes]:
    if not stat.S_ISREG(path.stat().st_mode):  # opening a named pipe would wait for ever
        raise NotAnArticle("not a regular file")
    return path.open("rb")
