"""What the tools return: objects with a schema for programs, and beside them a text to read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from mcp.types import CallToolResult, TextContent
from pydantic import BaseModel, Field

from bot.rendering.digest import more_of, nothing_new, title_of
from bot.rendering.terminal import dateline, whereabouts
from bot.serving.schemas import CitationShown, Particulars
from bot.serving.shown import ArticleShown
from corpus.article import Article
from corpus.cleaning import clean_line
from retrieval.answers import Answer, Citation
from retrieval.drafts.findings import CheckedDraft, CheckedSentence, Finding
from retrieval.finding import Found
from retrieval.news.digest import Digest

_VERDICTS = {
    Finding.SUPPORTED: "borne out",
    Finding.CONTRADICTED: "differs",
    Finding.NOT_FOUND: "not found",
    Finding.NO_CLAIM: "claims nothing",
}


class AnswerShown(Particulars):
    """An answer. `answer` has an `[n]` after each sentence, which is the citation's number."""

    answer: str
    citations: list[CitationShown]


class PieceShown(BaseModel):
    """A piece of an article's text, from `start` to `end` of its `length`, in code points."""

    article: ArticleShown
    text: str
    start: int
    end: int
    length: int
    next_start: int | None = Field(description="Where the next piece begins, if there is one.")


class StoryShown(BaseModel):
    """A story: what is told of it, sentence by sentence, and how many outlets tell it."""

    headline: str
    text: str
    written: bool
    outlets: int
    citations: list[CitationShown]


class NewsShown(BaseModel):
    """The stories of a time, those of most outlets first; `left_out` counts the others."""

    since: datetime
    until: datetime
    topic: str | None
    articles: int
    stories: list[StoryShown]
    left_out: int
    newest: date | None
    notice: str


def result(shown: BaseModel, text: str) -> CallToolResult:
    """Return what a tool found, as an object and as a text."""
    return CallToolResult(
        content=[TextContent(type="text", text=text)],
        structured_content=shown.model_dump(mode="json", exclude_unset=True),
    )


def failure(message: str) -> CallToolResult:
    """Return why a tool did not do what it was asked, in one line."""
    return CallToolResult(
        content=[TextContent(type="text", text=clean_line(message))], is_error=True
    )


def answer_text(answer: Answer) -> str:
    """Return an answer with its sources, and the quotes that it does not repeat word for word."""
    blocks = [answer.text]
    for citation in answer.citations:
        quote = "" if citation.quote in answer.text else f"\n“{clean_line(citation.quote)}”"
        blocks.append(f"{_source(citation)}{quote}")
    if answer.nearest:
        titles = "; ".join(f"“{clean_line(title)}”" for title in answer.nearest)
        blocks.append(f"Nearest articles: {titles}")
    return "\n\n".join(filter(None, (*blocks, answer.notice)))


def news_text(digest: Digest) -> str:
    """Return the stories of a digest, each with its sentences and their sources."""
    if not digest.items:
        return nothing_new(digest)
    blocks = [title_of(digest)]
    for item in digest.items:
        sources = [_source(citation) for citation in item.citations]
        blocks.append("\n".join(filter(None, (clean_line(item.headline), item.text, *sources))))
    return "\n\n".join(filter(None, (*blocks, more_of(digest), digest.notice)))


def found_text(found: Found) -> str:
    """Return the passages of a search, each below its source."""
    passages = [f"{_source(hit.source)}\n{hit.match.passage.text}" for hit in found.hits]
    return "\n\n".join(filter(None, (found.notice, *passages)))


def piece_text(article: Article, piece: PieceShown) -> str:
    """Return a piece of an article below its head, with where it goes on."""
    about = dateline(article.source, article.published)
    head = clean_line(" — ".join(filter(None, (article.title, about, article.url or article.uri))))
    parts = [head, piece.text]
    if piece.next_start is not None:
        parts.append(
            f"[Characters {piece.start:,} to {piece.end:,} of {piece.length:,}; "
            f"the next begin at start={piece.next_start}.]"
        )
    return "\n\n".join(parts)


def checked_text(checked: CheckedDraft) -> str:
    """Return each sentence of a checked text with its verdict and quotes."""
    parts = [_sentence_text(sentence) for sentence in checked.sentences]
    return "\n\n".join(filter(None, (*parts, checked.notice)))


def _sentence_text(sentence: CheckedSentence) -> str:
    verdict = _VERDICTS[sentence.finding]
    if sentence.finding in (Finding.CONTRADICTED, Finding.SUPPORTED) and sentence.reason:
        verdict = f"{verdict}: {sentence.reason}"
    lines = [f"{sentence.text} [{clean_line(verdict)}]"]
    lines += _quotes("Quote", sentence.citations)
    if sentence.nearest:
        lines += _quotes("Nearest", [sentence.nearest])
    return "\n".join(lines)


def _quotes(name: str, citations: Iterable[Citation]) -> list[str]:
    return [
        f"{name}: “{clean_line(c.quote)}” — {clean_line(c.title)} ({_about(c)})" for c in citations
    ]


def _source(citation: Citation) -> str:
    return f"[{citation.number}] {clean_line(citation.title)} ({_about(citation)})"


def _about(citation: Citation) -> str:
    """Say where a quote stands: outlet, date, address, and the id to read the article by."""
    place = citation.url or citation.uri
    named = f"article {citation.article_id}, characters {citation.start} to {citation.end}"
    return clean_line("; ".join(filter(None, (whereabouts(citation), place, named))))
