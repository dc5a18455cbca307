"""Renders digests and corrections as answers, which Telegram messages are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.outdated import LostQuote
from bot.rendering.digest import more_of, nothing_new, title_of
from corpus.article import Article
from retrieval.answering.citing import without_marks
from retrieval.answering.outlets import outlet_of
from retrieval.answers import Answer, Citation
from retrieval.news.digest import Digest, Item
from retrieval.text.citation_markers import MARKER

CORRECTED = "What I quoted here no longer stands in its article."


def digest_answer(digest: Digest) -> Answer:
    """Return a digest as an answer; its title is what stands out in it."""
    head = title_of(digest)
    said, citations = [head], list[Citation]()
    for item in digest.items:
        shift = len(citations)
        said.append(_item(item, shift))
        citations += [replace(c, number=c.number + shift) for c in item.citations]
    said += filter(None, [more_of(digest)])
    return Answer(
        head,
        head,
        "\n\n".join(said),
        tuple(citations),
        notice=digest.notice,
        usage=digest.usage,
        answer_span=(0, len(head)),
    )


def digest_line(digest: Digest) -> str:
    """Return what to say where a digest has no story."""
    return nothing_new(digest)


def _item(item: Item, shift: int) -> str:
    """Return a story: its headline, its sentences, and the outlets that are not quoted."""
    text = MARKER.sub(lambda mark: f"[{int(mark[1]) + shift}]", item.text)
    cited = {outlet_of(citation) for citation in item.citations}
    named = (name for names in item.carriers for name in names)
    others = dict.fromkeys(name for name in named if name not in cited)
    also = [f"Also in {', '.join(map(without_marks, others))}."] if others else []
    lines = [f"▪ {without_marks(item.headline)}", text, *also]
    return "\n".join(filter(None, lines))


def correction(quotes: Sequence[LostQuote], articles: dict[str, Article]) -> Answer:
    """Return what was quoted in an answer and what stands now, with the sources.

    `articles` are those that the quotes are of, as they stand now, by id.
    """
    said, citations = [CORRECTED], list[Citation]()
    for number, lost in enumerate(quotes, start=1):
        said.append(f"I quoted: “{without_marks(lost.was)}” [{number}]\n{_now(lost)}")
        citations.append(_where(lost, articles.get(lost.citation.article_id), number))
    text = "\n\n".join(said)
    return Answer(CORRECTED, CORRECTED, text, tuple(citations), answer_span=(0, len(CORRECTED)))


def _now(lost: LostQuote) -> str:
    if lost.removed == "removed":
        return "The article is not in the archive any more."
    if lost.removed:
        return f"Its agency withdrew the article: {without_marks(lost.removed)}"
    return f"Now it says: “{without_marks(lost.now)}”" if lost.now else "It says so no longer."


def _where(lost: LostQuote, article: Article | None, number: int) -> Citation:
    """Return the citation of what stands now, or of what was quoted where nothing does."""
    start = article.body.find(lost.now) if article and lost.now else -1
    if start < 0:
        return replace(lost.citation, number=number)
    end = start + len(lost.now)
    return replace(lost.citation, number=number, quote=lost.now, start=start, end=end)
