"""Spans of articles -> citations, numbered in the order an answer first uses them."""

from __future__ import annotations

from corpus.article import Article
from retrieval.answers import Citation
from retrieval.archive.passages import Passage
from retrieval.text.citation_markers import MARKER
from retrieval.text.lines import without_own


def cite(number: int, article: Article, passage: Passage, start: int, end: int) -> Citation:
    """Return the citation of `article.body[start:end]`, found in a passage of it, under a
    number."""
    return Citation(
        number=number,
        article_id=article.id,
        passage_id=passage.id,
        title=article.title,
        source=article.source,
        published=article.published,
        url=article.url,
        uri=article.uri,
        quote=article.body[start:end],
        start=start,
        end=end,
        page=article.page_at(start),
        excerpt=article.excerpt,
    )


def without_marks(text: str) -> str:
    """Return a text of an article as it stands in an answer, unlike anything of ours.

    Its own "[7]" looks no longer like a mark, and one that begins like what we put before a
    quotation ("Reported 3 May 2021: ", "[Name] ") stands between quotation marks.
    """
    text = MARKER.sub(r"(\1)", text)
    return f"“{text}”" if without_own(text) != text else text
