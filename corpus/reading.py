"""Finds article files, and reads each into articles and rejections."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.article import Article, Rejection
from corpus.errors import NotAnArticle
from corpus.limits import bounded
from corpus.readers import read_markdown, read_plain
from corpus.records import read_json, read_json_lines


def _read_page(uri: str, stem: str, data: bytes) -> Article:
    from corpus.pages import read_page  # with what parses HTML: `--help` does not wait for it

    return read_page(uri, stem, data)


def _read_docx(uri: str, stem: str, data: bytes) -> Article:
    from corpus.formats.docx import read_docx

    return read_docx(uri, stem, data)


def _read_odt(uri: str, stem: str, data: bytes) -> Article:
    from corpus.formats.odt import read_odt

    return read_odt(uri, stem, data)


def _read_pdf(uri: str, stem: str, data: bytes) -> Iterator[Article | Rejection]:
    from corpus.formats.pdf import read_pdf

    return read_pdf(uri, stem, data)


def _read_epub(uri: str, stem: str, data: bytes) -> Iterator[Article | Rejection]:
    from corpus.formats.epub import read_epub

    return read_epub(uri, stem, data)


_SIZE_LIMIT = 10 << 20  # bytes of a file, characters of a line of JSON Lines
_LARGE_LIMIT = 100 << 20  # bytes of a file that has pictures in it too

_READERS = {
    ".txt": read_plain,
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".html": _read_page,
    ".htm": _read_page,
    ".docx": _read_docx,
    ".odt": _read_odt,
}
_READERS_OF_SEVERAL = {".pdf": _read_pdf, ".epub": _read_epub}
_LARGE = (".docx", ".odt", *_READERS_OF_SEVERAL)
SUFFIXES = (*_READERS, *_READERS_OF_SEVERAL, ".json", ".jsonl")

_ADDRESS = re.compile(r"(?i)([a-z][a-z0-9+.-]+:)/")
"""How a web address begins as a path, which has one slash where there were several."""

_SUPPORTED = f"supported: {', '.join(SUFFIXES)}"
_UNSUPPORTED = f"unsupported kind of file; {_SUPPORTED}"


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
    """Count the files that `find_files` passes over as of other kinds, by suffix: {".rtf": 3}."""
    found = [file for path in paths for file in _walk(path, []) if not _is_supported(file.name)]
    once = {os.path.realpath(file): file.suffix.lower() for file in found}
    return Counter(sorted(once.values()))


def read_file(path: Path) -> Iterator[Article | Rejection]:
    """Yield every article in a file, and a Rejection for whatever in it is not one.

    Files above 10 MB are refused, documents that may have pictures in them above 100 MB, but JSON
    Lines is read a line at a time with that limit for each line; `corpus.limits` has those of an
    article. Never raises, whatever the file holds and
    whether or not it can be opened.
    """
    uri = path_uri(path)
    empty = True
    try:
        for result in _read(path, uri):
            empty = False
            yield result
        if empty:
            yield Rejection(uri, "no articles in this file: it is empty")
    except NotAnArticle as error:
        yield Rejection(uri, str(error))
    except OSError as error:
        yield Rejection(uri, _reason(error))


def path_uri(path: str | Path) -> str:
    r"""Return the absolute path as text that can be printed and stored.

    Symbolic links are kept. Bytes that are not UTF-8, and control characters, are written as
    escapes such as `\xff`, so that two files never get the same URI by accident.
    """
    return _escaped(os.path.abspath(path))


def _escaped(path: str) -> str:
    text = os.fsencode(path).decode("utf-8", "backslashreplace")
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", lambda match: f"\\x{ord(match[0]):02x}", text)


def _find(path: Path) -> tuple[list[Path], list[Rejection]]:
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        return [], [_not_found(path, error)]
    if not is_folder:
        if _is_supported(path.name):
            return [path], []
        return [], [Rejection(path_uri(path), _UNSUPPORTED)]
    errors: list[OSError] = []
    found = sorted(file for file in _walk(path, errors) if _is_supported(file.name))
    rejections = [Rejection(path_uri(error.filename), _reason(error)) for error in errors]
    if not found and not rejections:
        rejections = [Rejection(path_uri(path), f"no article files in this folder; {_SUPPORTED}")]
    return found, rejections


def _not_found(path: Path, error: OSError) -> Rejection:
    """Reject a path that cannot be looked up; it may be a web address, or - for stdin."""
    if str(path) == "-" or _ADDRESS.match(str(path)):
        name = _ADDRESS.sub(r"\1//", _escaped(str(path)), count=1)
        return Rejection(name, f"only files and folders are read: save it as one; {_SUPPORTED}")
    return Rejection(path_uri(path), _reason(error))


def _walk(top: Path, errors: list[OSError]) -> Iterator[Path]:
    """Yield the files of a folder and its subfolders that are not hidden."""
    for folder, subfolders, names in os.walk(top, onerror=errors.append):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            if not name.startswith("."):
                yield Path(folder, name)


def _read(path: Path, uri: str) -> Iterator[Article | Rejection]:
    suffix = path.suffix.lower()
    if not _is_supported(path.name):
        raise NotAnArticle(_UNSUPPORTED)
    if not stat.S_ISREG(path.stat().st_mode):  # opening a named pipe would wait for ever
        raise NotAnArticle("not a regular file")
    if suffix == ".jsonl":
        yield from read_json_lines(uri, path, _SIZE_LIMIT)
    elif suffix == ".json":
        yield from read_json(uri, _content(path))
    elif suffix in _READERS_OF_SEVERAL:
        for item in _READERS_OF_SEVERAL[suffix](uri, path.stem, _content(path)):
            yield bounded(item) if isinstance(item, Article) else item
    else:
        yield bounded(_READERS[suffix](uri, path.stem, _content(path)))


def _content(path: Path) -> bytes:
    limit = _LARGE_LIMIT if path.suffix.lower() in _LARGE else _SIZE_LIMIT
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise NotAnArticle(f"larger than {limit >> 20} MB, the limit for a file of this kind")
    return data


def _is_supported(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES


def _reason(error: OSError) -> str:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return "no such file or folder"
    return (error.strerror or "cannot be read").lower()
