"""Measure what is read from saved web pages: `python -m scripts.measure_pages FOLDER...`.

A folder has the form of mozilla/readability's `test/test-pages`: a subfolder for each page, with
`source.html`, `expected-metadata.json` (`title`, `siteName`, `publishedTime`; what a page does not
state is null or left out) and `expected.html`, the article alone, where somebody marked it.
Add `--misses` to have each page that was read otherwise named.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from lxml import html

from corpus.article import Article
from corpus.dates import parse_date
from corpus.errors import NotAnArticle
from corpus.page_parts import letters
from corpus.pages import read_page


@dataclass(frozen=True)
class Measured:
    """One page as it was read; each field says "right", "wrong", "unknown" or "not stated"."""

    name: str
    date: str
    title: str
    source: str
    precision: float | None
    recall: float | None


def main(arguments: list[str]) -> int:
    """Print the figures for each folder named."""
    folders = [Path(argument) for argument in arguments if not argument.startswith("-")]
    if not folders:
        print("usage: python -m scripts.measure_pages FOLDER... [--misses]", file=sys.stderr)
        return 2
    for folder in folders:
        pages = [measure(path.parent) for path in sorted(folder.glob("*/source.html"))]
        print(f"{folder}: {report(pages)}")
        if "--misses" in arguments:
            for page in pages:
                print(f"  {page}")
    return 0


def measure(folder: Path) -> Measured:
    """Read one page and compare it with what is expected of it."""
    expected = json.loads((folder / "expected-metadata.json").read_text())
    try:
        article = read_page("", "", (folder / "source.html").read_bytes())
    except NotAnArticle:
        article = Article("", "", "")
    day, found = parse_date(expected.get("publishedTime")), article.published
    precision, recall = _overlap(article.body, folder / "expected.html")
    return Measured(
        folder.name,
        _judged(str(day or ""), str(found or "")),
        _judged(expected.get("title"), article.title),
        _judged(expected.get("siteName"), article.source),
        precision,
        recall,
    )


def report(pages: list[Measured]) -> str:
    """Return the figures over `pages` as lines to print."""
    precisions = [page.precision for page in pages if page.precision is not None]
    recalls = [page.recall for page in pages if page.recall is not None]
    lines = [f"{len(pages)} pages"]
    for name in ("date", "title", "source"):
        counts = Counter(getattr(page, name) for page in pages)
        stated = len(pages) - counts["not stated"] - counts["found, not stated"]
        share = counts["right"] / stated if stated else 0.0
        lines.append(
            f"  {name:7} right {counts['right']:3} of {stated:3} that state one ({share:.2f}), "
            f"wrong {counts['wrong']}, unknown {counts['unknown']}; "
            f"found where none is stated {counts['found, not stated']}"
        )
    if precisions:
        lines.append(
            f"  body    precision {statistics.mean(precisions):.3f}, "
            f"recall {statistics.mean(recalls):.3f} of words, mean of {len(precisions)} pages"
        )
    return "\n".join(lines)


def _judged(expected: str | None, found: str) -> str:
    if not expected:
        return "found, not stated" if found else "not stated"
    if not found:
        return "unknown"
    return "right" if letters(expected) == letters(found) else "wrong"


def _overlap(body: str, expected: Path) -> tuple[float | None, float | None]:
    """Return the shares of the body's words that are expected, and of the expected in the body."""
    if not expected.exists():
        return None, None
    wanted = _words(" ".join(html.fromstring(expected.read_text()).itertext()))
    found = _words(body)
    shared = (wanted & found).total()
    return shared / max(found.total(), 1), shared / max(wanted.total(), 1)


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
