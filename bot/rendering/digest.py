"""Renders a digest for a terminal, as Markdown, and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from bot.rendering.articles import article_object
from bot.rendering.as_json import citation_object
from bot.rendering.markdown import escaped, linked
from bot.rendering.terminal import (
    Hanging,
    by_article,
    dateline,
    printable,
    sentences,
    source_view,
    whereabouts,
)
from corpus.article import Article
from corpus.dates import in_words
from retrieval.answering.outlets import outlet_of
from retrieval.news.digest import Digest, Item
from retrieval.text.counted import counted

_MOST_NAMED = 6
"""Sources of a story that are named though no sentence is of them."""


def digest_object(digest: Digest) -> dict[str, Any]:
    """Return the JSON object that `newsdesk digest --json` prints; its keys are a contract."""
    return {
        "since": digest.since.isoformat(timespec="seconds"),
        "until": digest.until.isoformat(timespec="seconds"),
        "topic": digest.topic or None,
        "articles": digest.articles,
        "stories": [
            {
                "headline": item.headline,
                "text": item.text,
                "written": item.written,
                "outlets": item.outlets,
                "citations": [citation_object(citation) for citation in item.citations],
                "sources": [
                    {
                        "article": article_object(first),
                        "copies": [article_object(copy) for copy in copies],
                        "outlets": names,
                    }
                    for (first, *copies), names in zip(item.texts, item.carriers, strict=True)
                ],
            }
            for item in digest.items
        ],
        "left_out": digest.left_out,
        "newest": digest.newest.isoformat() if digest.newest else None,
        "notice": digest.notice,
        "usage": asdict(digest.usage),
    }


def nothing_new(digest: Digest) -> str:
    """Return the line that says that a digest is empty, and how new the archive is."""
    begin = in_words(digest.since.date())
    if digest.topic and digest.looked_at:
        told = f"None of the {digest.looked_at:,} articles since {begin} bears on “{digest.topic}”"
    else:
        told = f"The archive has no article since {begin}"
    newest = f"; the newest is of {in_words(digest.newest)}" if digest.newest else ""
    return f"{told}{newest}."


def title_of(digest: Digest) -> str:
    """Return the title of a digest: "27 to 28 November 2026: 14 articles"."""
    days = dict.fromkeys(in_words(moment.date()) for moment in (digest.since, digest.until))
    many = counted(digest.articles, "article")
    about = f" on “{digest.topic}”" if digest.topic else ""
    return f"{' to '.join(days)}{about}: {many}"


def more_of(digest: Digest) -> str:
    """Return the line on the stories that are not shown, or ""."""
    if not digest.left_out:
        return ""
    return f"And {counted(digest.left_out, 'more story', 'more stories')}."


def digest_view(digest: Digest, *, linked: bool) -> Group:
    """Render a digest: of each story its headline, sentences and sources."""
    parts: list[RenderableType] = [Text(printable(title_of(digest)), style="dim")]
    for item in digest.items:
        parts += ["", *_item_view(item, linked=linked)]
    for line in filter(None, (more_of(digest), digest.notice)):
        parts += ["", Text(printable(line), style="dim")]
    return Group(*parts)


def _item_view(item: Item, *, linked: bool) -> Iterator[RenderableType]:
    headline = Text(printable(item.headline), style="bold")
    if item.outlets > 1:
        headline = Text.assemble(headline, (f"  {item.outlets} outlets", "dim"))
    yield headline
    if item.text:
        yield sentences(item.text)
    for citations in by_article(item.citations):
        yield from source_view(citations, item.text, linked=linked)
        if copies := copies_of(item, citations[0].article_id):
            yield Hanging(Text("    "), Text(printable(f"also in {copies}"), style="dim"))
    others, rest = uncited(item)
    if told := "; ".join([*(_named(item, text[0]) for text in others), *filter(None, [rest])]):
        yield Hanging(Text("    "), Text(printable(f"More: {told}"), style="dim"))


def copies_of(item: Item, article_id: str) -> str:
    """Return the other outlets that carry an article's text: "The Bugle, The Echo"."""
    article, names = next(
        (article, names)
        for text, names in zip(item.texts, item.carriers, strict=True)
        for article in text
        if article.id == article_id
    )
    return ", ".join(name for name in names if name not in (outlet_of(article), article.title))


def uncited(item: Item) -> tuple[list[tuple[Article, ...]], str]:
    """Return the texts of a story that none of its sentences is of, and how many more there are."""
    cited = {citation.article_id for citation in item.citations}
    texts = [text for text in item.texts if not cited & {article.id for article in text}]
    rest = len(texts) - _MOST_NAMED
    return texts[:_MOST_NAMED], f"and {rest:,} more" if rest > 0 else ""


def _named(item: Item, article: Article) -> str:
    """Return an article as one source among others: "The Bugle, 3 May 2021, also in The Echo"."""
    about = dateline(article.source or article.title, article.published)
    copies = copies_of(item, article.id)
    return f"{about}, also in {copies}" if copies else about


def digest_markdown(digest: Digest) -> str:
    """Render a digest as Markdown. What articles hold is escaped: it makes no markup."""
    lines = [f"# {escaped(title_of(digest))}"]
    for item in digest.items:
        lines += ["", f"## {escaped(item.headline)}", ""]
        if item.text:
            lines += [escaped(item.text), ""]
        lines += _sources(item)
    for line in filter(None, (more_of(digest), digest.notice)):
        lines += ["", escaped(line)]
    return "\n".join(lines) + "\n"


def _sources(item: Item) -> Iterator[str]:
    for citations in by_article(item.citations):
        cited = citations[0]
        marks = "".join(f"\\[{citation.number}\\]" for citation in citations)
        copies = copies_of(item, cited.article_id)
        about = _about(whereabouts(*citations), copies)
        yield f"- {marks} {linked(cited.title, cited.url, cited.uri)}{about}"
    others, rest = uncited(item)
    for first, *_ in others:
        about = _about(dateline(first.source, first.published), copies_of(item, first.id))
        yield f"- {linked(first.title, first.url, first.uri)}{about}"
    if rest:
        yield f"- {rest}"


def _about(dated: str, copies: str) -> str:
    parts = (dated, copies and f"also in {copies}")
    return "".join(f" — {escaped(part)}" for part in parts if part)
