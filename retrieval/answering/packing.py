"""What a model is shown, within its budget of tokens.

Whole passages go in, best first, and are then put back in reading order, article by article. What
gives a model orders is left out of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from retrieval.answering.citing import without_marks
from retrieval.answering.orders import gives_orders, without_orders
from retrieval.answering.support.gate import Source
from retrieval.archive.passages import Match
from retrieval.models.token_budget import Count

_TAG = re.compile(r"<(?=/?\s*passages?\b)", re.I)


def pack(matches: Sequence[Match], tokens: int, count: Count) -> tuple[Source, ...]:
    """Return the best passages that fit, numbered from 1 in the order they are to be read.

    `matches` come best first. A passage that does not fit is passed over, and the next is tried.
    """
    fitting: list[Match] = []
    for match in matches:
        cost = count(show(Source(len(matches), match))) + 1
        if cost <= tokens:
            fitting.append(match)
            tokens -= cost
    articles = list(dict.fromkeys(match.article.id for match in fitting))
    fitting.sort(key=lambda m: (articles.index(m.article.id), m.passage.start))
    return tuple(Source(number, match) for number, match in enumerate(fitting, start=1))


def show(source: Source) -> str:
    """Return a passage as the model reads it: data between tags, which its text cannot close."""
    article, text = source.match.article, without_orders(source.match.passage.text)
    about = {
        "number": str(source.number),
        "title": article.title,
        "outlet": article.source,
        "date": article.published.isoformat() if article.published else "",
    }
    attributes = " ".join(
        f'{name}="{_attribute(value)}"'
        for name, value in about.items()
        if value and not gives_orders(value)
    )
    return f"<passage {attributes}>\n{_TAG.sub('‹', without_marks(text))}\n</passage>"


def _attribute(value: str) -> str:
    return without_marks(value).replace('"', "'").replace("<", "‹").replace(">", "›")
