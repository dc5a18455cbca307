"""Which one of several a question asks of: "the first truce", and not the third."""

from __future__ import annotations

import re

from retrieval.answering.context import lead_of, needs_context
from retrieval.answering.evidence import Evidence
from retrieval.text.ordinals import NUMBERED, numbers_in

_OF_A_THING = re.compile(r"(?:\bthe|\b(?:his|her|its|their)|['’]s) $", re.I)


def ordinal_asked(question: str) -> str | None:
    """Return the number of the thing of which a question asks, if of one: "first"."""
    ordinals = list(NUMBERED.finditer(question))
    if len(ordinals) != 1 or not _OF_A_THING.search(question[: ordinals[0].start()]):
        return None
    names_a_thing = question[ordinals[0].end() :].strip(" ?.!")
    return ordinals[0].group().lower() if names_a_thing else None


def is_of_another(evidence: Evidence, number: str) -> bool:
    """Return whether a sentence, or what it leans on, numbers things, and none as that one."""
    article, sentence = evidence.article, evidence.sentence
    lead = lead_of(article, sentence) if needs_context(evidence.text) else None
    text = (article.body[lead.start : lead.end] if lead else "") + " " + evidence.text
    numbered = numbers_in(text)
    return bool(numbered) and number not in numbered
