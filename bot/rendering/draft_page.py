"""A checked draft as one page for a browser, on its own: no script, and nothing is fetched.

The draft stands in its paragraphs with each sentence marked, and the quotes beside it. All of it is
text: Jinja escapes it, and the page's policy allows its own style alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from bot.rendering.drafts import MARKS, NAMES, counted, explained, in_quote, in_sentence
from bot.rendering.links import marked
from bot.rendering.terminal import link, printable, whereabouts
from retrieval.drafts.findings import CheckedDraft, CheckedSentence, Finding

if TYPE_CHECKING:
    from jinja2 import Environment

_FOLDER = Path(__file__).parent / "page"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a paragraph: a sentence, with its number if it has a note, or what is between.

    Its text is escaped, so that the spaces around it stay.
    """

    text: Markup
    sentence: CheckedSentence | None = None
    number: int = 0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the draft, in pieces."""

    pieces: list[Piece] = field(default_factory=list)

    @property
    def notes(self) -> list[Piece]:
        """The sentences that have something beside them."""
        return [piece for piece in self.pieces if piece.number]

    @property
    def is_heading(self) -> bool:
        """Whether it is a heading, by what was found about it."""
        found = [piece.sentence for piece in self.pieces if piece.sentence]
        return len(found) == 1 and found[0].reason == "a heading"


def draft_page(draft: CheckedDraft, title: str = "") -> str:
    """Return the page of a checked draft."""
    return (
        _environment()
        .get_template("draft.html")
        .render(
            title=title,
            paragraphs=list(paragraphs(draft)),
            counted=counted(draft),
            notice=draft.notice,
            style=_style(),
        )
    )


def paragraphs(draft: CheckedDraft) -> Iterator[Paragraph]:
    """Yield the paragraphs of a draft; the sentences that claim something are numbered from 1."""
    number = 0
    for match in re.finditer(r"[^\n]+", draft.text):
        paragraph, at = Paragraph(), match.start()
        for sentence in draft.sentences:
            if not match.start() <= sentence.start < match.end():
                continue
            if draft.text[at : sentence.start]:
                paragraph.pieces.append(Piece(escape(draft.text[at : sentence.start])))
            claims = sentence.finding is not Finding.NO_CLAIM
            number += claims
            paragraph.pieces.append(Piece(escape(sentence.text), sentence, number if claims else 0))
            at = sentence.end
        if draft.text[at : match.end()]:
            paragraph.pieces.append(Piece(escape(draft.text[at : match.end()])))
        yield paragraph


def _emphasised(text: str, pattern: re.Pattern[str]) -> Markup:
    """Return a text, escaped, with what matches in bold."""
    text, end = printable(text), 0
    parts: list[Markup] = []
    for match in pattern.finditer(text):
        parts += [escape(text[end : match.start()]), Markup("<b>{}</b>").format(match.group())]
        end = match.end()
    return Markup("").join([*parts, escape(text[end:])])


def _finalize(value: Any) -> Any:
    return printable(value) if type(value) is str else value


def _style() -> Markup:
    return Markup((_FOLDER / "draft.css").read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    from retrieval.evaluation.report import page_environment

    environment = page_environment(_FOLDER, _finalize)
    environment.globals |= {"MARKS": MARKS, "NAMES": NAMES, "whereabouts": whereabouts}
    environment.filters |= {
        "said": lambda s: _emphasised(s.text, in_sentence(s)),
        "explained": explained,
        "quoted": lambda c, s: _emphasised(c.quote, in_quote(s.differences)),
        "address": lambda c: marked(
            link(c.url, "") or link("", c.uri if "://" in c.uri else ""), c.quote
        ),
    }
    return environment
