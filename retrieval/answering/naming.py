"""What is found in articles that name nothing that a question names is left aside.

The reader takes a question's other words for its own: asked who owned one ship, it is sure of the
sentence that says who owns another.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.article import Article
from retrieval.answering.evidence import Evidence
from retrieval.checking.names import Name, find_names, has_name, keys


def of_the_named(evidence: Sequence[Evidence], question: str) -> list[Evidence]:
    """Return the evidence of articles that have a name in the question; all, if it has no name.

    A name counts in any of its forms, and a capital for its country and the other way round.
    """
    wanted = find_names(question, lambda _: True)
    if not wanted:
        return list(evidence)
    articles = {one.article.id: one.article for one in evidence}
    naming = {id_ for id_, article in articles.items() if _names_any(article, wanted)}
    return [one for one in evidence if one.article.id in naming]


def _names_any(article: Article, wanted: Sequence[Name]) -> bool:
    text = f"{article.title}\n{article.body}"
    if any(name.word in text for name in wanted):  # quicker, and mostly so
        return True
    there = keys(text)
    return any(has_name(name, there) for name in wanted)
