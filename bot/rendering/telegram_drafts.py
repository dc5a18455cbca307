"""Renders a checked draft as Telegram messages: plain text with entities, as answers are."""

from __future__ import annotations

import re

from telegram.constants import MessageEntityType

from bot.rendering.drafts import MARKS, NAMES, counted, explained, in_quote, in_sentence
from bot.rendering.telegram import Page, Shown, one_line, public_url, source_link, split
from bot.rendering.terminal import whereabouts
from retrieval.answers import Citation
from retrieval.drafts.findings import CheckedDraft, CheckedSentence, Finding


def draft_messages(draft: CheckedDraft, me: str) -> list[Shown]:
    """Render how many sentences have which finding, then each with its best quote.

    `me` is the bot's username: a source without a public address gets a link that opens the bot.
    """
    page = Page()
    found = [f"{MARKS[f]} {count:,} {NAMES[f][count != 1]}" for f, count in counted(draft) if count]
    page.add(", ".join(found), MessageEntityType.BOLD)
    for sentence in draft.sentences:
        _add_sentence(page, sentence, me)
    if draft.notice:
        page.add("\n\n")
        page.add(one_line(draft.notice), MessageEntityType.ITALIC)
    return split(page.text, page.marks)


def _add_sentence(page: Page, sentence: CheckedSentence, me: str) -> None:
    page.add(f"\n\n{MARKS[sentence.finding]} ")
    _add_emphasised(page, one_line(sentence.text), in_sentence(sentence))
    if sentence.finding is not Finding.NO_CLAIM and sentence.reason:
        page.add("\n")
        page.add(one_line(explained(sentence)), MessageEntityType.ITALIC)
    for citation in filter(None, (*sentence.citations[:1], sentence.nearest)):
        _add_quote(page, citation, in_quote(sentence.differences), me)


def _add_quote(page: Page, citation: Citation, differing: re.Pattern[str], me: str) -> None:
    page.add("\n")
    with page.within(MessageEntityType.BLOCKQUOTE):
        _add_emphasised(page, one_line(citation.quote), differing)
    page.add("\n")
    url = public_url(citation) or source_link(citation, me)
    page.add(one_line(citation.title) or "Untitled", MessageEntityType.TEXT_LINK, url)
    if about := whereabouts(citation):
        page.add(f" — {one_line(about)}")


def _add_emphasised(page: Page, text: str, pattern: re.Pattern[str]) -> None:
    """Add text with what matches in bold."""
    end = 0
    for match in pattern.finditer(text):
        page.add(text[end : match.start()])
        page.add(match.group(), MessageEntityType.BOLD)
        end = match.end()
    page.add(text[end:])
