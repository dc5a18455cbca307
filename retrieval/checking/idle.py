"""Sentences that claim nothing, from a short closed set of patterns."""

from __future__ import annotations

import re

from retrieval.text.words import content_words

_SOURCES = (
    r"(?:the |these |your )?(?:\w+ )?(?:archive|articles?|sources?|passages?|context|reports?)"
)
_ABOUT = r"(?: (?:about|on|of|to|regarding|concerning|for|by|in) (?P<about>[^.:!]*))?"
_PATTERNS = tuple(
    re.compile(pattern + r"\s*[.:!…]*\s*", re.I)
    for pattern in (
        rf"here(?:'s| is| are) (?:what|how) {_SOURCES} (?:says?|tells?(?: us)?|reports?|states?"
        rf"|contains?|has|have){_ABOUT}",
        rf"here(?:'s| is| are) (?:the|an|a) (?:short |brief )?(?:answer|summary|overview|details?"
        rf"|facts){_ABOUT}",
        rf"(?:this is )?(?:according to|based on|from) {_SOURCES}(?: (?:above|provided))?[,:]?",
        rf"{_SOURCES} (?:says?|reports?|states?) the following{_ABOUT}",
        r"(?:in (?:short|summary|brief|conclusion)|to summari[sz]e|overall|in other words)[,:]?",
        r"(?:sure|certainly|of course|okay|ok|good question|great question|thanks?(?: you)?)"
        r"(?: for asking)?",
        r"(?:i|we) hope (?:this|that) (?:helps|answers your question)",
        r"(?:please )?let me know if (?:you (?:have|need) (?:any |more |further |other |anything )*"
        r"(?:questions?|details?|information|else|help)?)",
        r"(?:the )?(?:answer|summary|details|sources?)\s*:",
    )
)
_SILENCE = re.compile(
    rf"(?:however, |but )?{_SOURCES} (?:do(?:es)? not|don't|doesn't) (?:say|mention|state|specify"
    r"|answer|tell|contain|provide|give)(?: (?P<about>[^.:!]*))?[.]?",
    re.I,
)
_OF_A_QUESTION = frozenset(
    """question answer information anything details detail archive article articles sources happened
    exactly further it""".split()
)


def is_idle(text: str, question: str) -> bool:
    """Return whether a sentence claims nothing, such as "Here is what the archive says:".

    What it says it is about must be in words of the question; so must what it says the archive
    does not say.
    """
    plain = text.strip().replace("’", "'").strip("*_# ")
    for pattern in (*_PATTERNS, _SILENCE):
        match = pattern.fullmatch(plain)
        if match:
            about = match.groupdict().get("about") or ""
            known = set(content_words(question)) | _OF_A_QUESTION
            return all(word in known for word in content_words(about))
    return not re.search(r"\w", plain)
