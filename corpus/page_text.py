"""Takes the text of a web page's article, without what stands around it."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import Any

from corpus.cleaning import clean_lines, row_line
from corpus.errors import NotAnArticle
from corpus.linked_data import described_articles, line_of
from corpus.page_parts import OtherParts, letters

_RULE = re.compile(r"[-| ]*")
"""A blank line, or the one below the head of a table."""

_IS_BARE = "2 * count(//p[not(ancestor::div or ancestor::article or ancestor::main)]) > count(//p)"
_SENTENCE = 80  # characters that a byline or a date does not have


def article_lines(tree: Any, others: OtherParts, *, marked: bool = False) -> list[str]:
    """Return the lines of a page's article: paragraphs, headings, list items, rows of tables.

    If `marked`, items and rows have a mark each. Where the page states its whole text in JSON-LD,
    that decides where it begins and ends. Raises NotAnArticle.
    """
    generous = _extract(tree, marked=marked)
    stated = (line_of(article, "articleBody") for article in described_articles(tree))
    agreed = next(filter(None, (_agreed(generous, text) for text in stated)), None)
    chosen = _completed(agreed or _extract(tree, careful=True, marked=marked), generous)
    return _without(chosen, others.texts())


def _extract(tree: Any, *, careful: bool = False, marked: bool = False) -> list[str]:
    from trafilatura import extract

    try:
        # A copy, because the tree is changed while it is read.
        text = extract(_framed(deepcopy(tree)), include_comments=False, favor_precision=careful)
    except Exception as error:  # whatever a hostile page provokes in the libraries below
        raise NotAnArticle("no article text found in this page: its HTML is malformed") from error
    lines = clean_lines(text or "")
    shown = map(_marked, lines, [*lines[1:], ""]) if marked else map(_without_marks, lines)
    return [line for line in shown if not _RULE.fullmatch(line)]


def _framed(tree: Any) -> Any:
    """Return a page with its body in an `article` where its text stands in nothing else.

    The library below takes paragraphs alone from a page without one, and leaves out the lists and
    the headings between them.
    """
    body = tree.find("body")
    if body is not None and tree.xpath(_IS_BARE):
        article = body.makeelement("article")
        article.text, body.text = body.text, None
        article[:] = body[:]
        body.append(article)
    return tree


def _without_marks(line: str) -> str:
    """Return a line of extracted text without list bullets and the borders of table rows."""
    return line.strip("| ") if line.startswith("|") else line.removeprefix("- ")


def _marked(line: str, following: str) -> str:
    """Return a line of extracted text; a table's row becomes an item, or a heading above a rule."""
    if not line.startswith("|") or _RULE.fullmatch(line):
        return line
    is_head = following.startswith("|") and _RULE.fullmatch(following)
    return ("# " if is_head else "- ") + row_line(cell.strip() for cell in line.split("|"))


def _agreed(lines: list[str], text: str) -> list[str]:
    """Return the lines that `text` has too if they are most of it, else none."""
    known = set(_shingles(text))
    found = [line for line in lines if _share(_shingles(line), known) >= 0.5]
    covered = {shingle for line in found for shingle in _shingles(line)}
    return found if known and _share(known, covered) >= 0.8 else []


def _shingles(text: str) -> list[tuple[str, ...]]:
    """Return each three words that follow one another, or all the words of a shorter text."""
    words = re.findall(r"\w+", text.casefold())
    return [tuple(words[i : i + 3]) for i in range(max(len(words) - 2, 1))]


def _share(shingles: Any, known: set[tuple[str, ...]]) -> float:
    return sum(shingle in known for shingle in shingles) / max(len(shingles), 1)


def _completed(careful: list[str], generous: list[str]) -> list[str]:
    """Return the carefully chosen lines with what they leave out of the article.

    The careful choice keeps other articles out, but loses the sentence that opens the article,
    and quotes and headings between its paragraphs. The generous one has them.
    """
    chosen = set(careful)
    places = [place for place, line in enumerate(generous) if line in chosen]
    if not places or len(places) * 10 < len(careful) * 9:
        return careful or generous
    first, last = places[0], places[-1]
    if first and len(generous[first - 1]) > _SENTENCE:
        first -= 1
    return generous[first : last + 1]


def _without(lines: list[str], unwanted: frozenset[str]) -> list[str]:
    """Return the lines that are not unwanted, unless too little is left then."""
    kept = [line for line in lines if letters(line) not in unwanted]
    return kept if 5 * sum(map(len, kept)) >= sum(map(len, lines)) else lines
