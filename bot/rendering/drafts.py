"""Renders a checked draft for a terminal, or as plain text where there is none.

Marks and words say what the colours say. The draft's text is as little trusted as an article's.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from bot.rendering.links import marked
from bot.rendering.terminal import Hanging, link, nearby, place_view, printable, whereabouts
from retrieval.answers import Citation
from retrieval.drafts.findings import CheckedDraft, CheckedSentence, Difference, Finding

MARKS = {
    Finding.SUPPORTED: "✓",
    Finding.CONTRADICTED: "≠",
    Finding.NOT_FOUND: "?",
    Finding.NO_CLAIM: "·",
}
NAMES = {
    Finding.SUPPORTED: ("borne out", "borne out"),
    Finding.CONTRADICTED: ("differs", "differ"),
    Finding.NOT_FOUND: ("not found", "not found"),
    Finding.NO_CLAIM: ("claims nothing", "claim nothing"),
}
"""What is said of one sentence, and of several."""

_STYLES = {
    Finding.SUPPORTED: "green",
    Finding.CONTRADICTED: "bold red",
    Finding.NOT_FOUND: "yellow",
    Finding.NO_CLAIM: "dim",
}
_INDENT = "    "


def draft_view(draft: CheckedDraft, *, linked: bool) -> Group:
    """Render a draft's sentences, each with its mark and quotes, and how many of each there are."""
    parts: list[RenderableType] = []
    for sentence in draft.sentences:
        parts += [*_sentence_view(sentence, linked=linked), ""]
    return Group(*parts, _summary(draft))


def counted(draft: CheckedDraft) -> list[tuple[Finding, int]]:
    """Return how many sentences have each finding, in a fixed order."""
    counts = Counter(sentence.finding for sentence in draft.sentences)
    return [(finding, counts[finding]) for finding in NAMES]


def differing(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for some words or figures where they stand by themselves."""
    found = sorted(filter(None, words), key=len, reverse=True)
    return re.compile("|".join(rf"(?<![\w]){re.escape(w)}(?![\w])" for w in found) or r"(?!)")


def in_sentence(sentence: CheckedSentence) -> re.Pattern[str]:
    """Return a pattern for what a sentence has that its quote has not."""
    return differing([*(d.said for d in sentence.differences), *sentence.lacking])


def explained(sentence: CheckedSentence) -> str:
    """Return the reason of a sentence's finding, which leads to its nearest quote if it has one."""
    leads = (":" if sentence.lacking else ", nearest:") if sentence.nearest else ""
    return sentence.reason + leads


def in_quote(differences: Iterable[Difference]) -> re.Pattern[str]:
    """Return a pattern for what a quote has otherwise than the sentence."""
    return differing(stands for d in differences for stands in d.stands)


def _sentence_view(sentence: CheckedSentence, *, linked: bool) -> Iterator[RenderableType]:
    finding, style = sentence.finding, _STYLES[sentence.finding]
    text = Text(printable(sentence.text), style="dim" if finding is Finding.NO_CLAIM else "")
    borne_out = finding is Finding.SUPPORTED
    text.highlight_regex(in_sentence(sentence), "underline" if borne_out else "bold red underline")
    yield Hanging(Text.assemble((f"{MARKS[finding]} ", style)), text)
    indent = Text(_INDENT)
    if finding is Finding.CONTRADICTED:
        yield Hanging(indent, Text(f"differs: {printable(sentence.reason)}", style="red"))
    elif finding is Finding.NOT_FOUND or (borne_out and sentence.reason):
        shown = "dim" if borne_out else style
        yield Hanging(indent, Text(printable(explained(sentence)), style=shown))
    for citation in filter(None, (*sentence.citations, sentence.nearest)):
        # Several paragraphs are told in one, within the indent.
        quote = Text(f"“{' '.join(printable(citation.quote).split())}”", style="italic")
        quote.highlight_regex(in_quote(sentence.differences), "bold underline")
        yield Hanging(indent, quote)
        yield from _source_view(citation, linked=linked)


def _source_view(citation: Citation, *, linked: bool) -> Iterator[RenderableType]:
    indent = Text(_INDENT)
    address = marked(link(citation.url, citation.uri), citation.quote) if linked else ""
    title = Text(printable(citation.title), style=f"link {address}" if address else "")
    about = whereabouts(citation)
    yield Hanging(indent, Text.assemble(title, (f" — {printable(about)}" if about else "", "dim")))
    if not address:
        yield place_view(citation.url or nearby(citation.uri), indent)


def _summary(draft: CheckedDraft) -> Text:
    total = len(draft.sentences)
    parts = [Text(f"{total:,} sentence{'' if total == 1 else 's'}:")]
    for finding, count in counted(draft):
        words = f" {MARKS[finding]} {count:,} {NAMES[finding][count != 1]}"
        parts.append(Text(words, style=_STYLES[finding]))
    return Text.assemble(parts[0], Text(",").join(parts[1:]))
