"""What needs no search: greetings, thanks, and requests for something else."""

from __future__ import annotations

import re

from corpus.cleaning import has_words
from prompts import line
from retrieval.text.words import words

_PHRASES = {
    "greeting": """hi; hello; hey; hiya; howdy; greetings; yo; good morning; good afternoon;
        good evening; good day; morning; how are you; how are you doing; how do you do;
        how's it going; how is it going; how's your day; how's your day going; how is your day;
        how is your day going; how's everything; what's up; nice to meet you""",
    "thanks": """thanks; thank you; thx; ty; cheers; much appreciated; appreciate it; great;
        perfect; awesome; cool; nice; nice one; got it; good job; good bot; well done;
        that was helpful; that's helpful; that is helpful; this was helpful; that's great;
        that was great; that was useful; that's useful; for that; for this; for the help;
        for your help; for helping; for helping me; for the answer; for the info;
        for the information; for everything; that helps; that helped; helpful; that's all;
        that is all; i needed; i need; i wanted; for now""",
    "farewell": """bye; bye for now; goodbye; good bye; bye bye; see you; see you later;
        see you soon; good night""",
    "about": """who are you; what are you; what can you do; what do you do; what do you know;
        how do you work; how does this work; how can you help; how can you help me; what can i ask;
        what can i ask you; can you help; can you help me; help; help me; are you a bot;
        are you a robot; are you human; are you a human; are you real; are you an ai; are you ai;
        are you chatgpt; what is your name; what's your name; what is your purpose;
        tell me about yourself; who made you; who built you; who created you""",
}
_NODS = frozenset(
    "ok okay alright fine sure right yes yeah yep no nope hm hmm oh wow lol haha".split()
)
_FILLER = _NODS | frozenset(
    """there all everyone newsdesk bot friend again and well just so very much a lot please really
    today then now
    """.split()
)
_MOST_WORDS = 20


def _bare(text: str) -> tuple[str, ...]:
    """Return the words of a message without fillers such as "please"."""
    return tuple(word for word in words(text, possessive=True) if word not in _FILLER)


_NAME_OF = {_bare(phrase): name for name, text in _PHRASES.items() for phrase in text.split(";")}
_LONGEST_PHRASE = max(map(len, _NAME_OF))

_PLEASE = (
    r"^\W*(?:(?:please|pls|now|hey|ok|okay|hi|hello),? )?"
    r"(?:(?:can|could|would|will) you )?(?:please )?"
)
_WORK = "poem|haiku|limerick|song|joke|essay|code|script|program|function|regex|e-?mail"
_NUMBER = r"[-(]?\d[\d.,]*"

_CHORE = re.compile(
    _PLEASE + "(?:"
    r"(?:write|compose|make|create|generate|draft)(?: up| me| us| an?| another| some| the)*"
    rf"(?: [\w-]+){{0,2}} (?:{_WORK}|cover letter|recipe|tweet)\b"
    rf"|(?:give|tell|sing|read)(?: me| us| an?| another| some)+(?: \w+)? (?:{_WORK}|recipe)\b"
    r"|translate\b|(?:book|order) (?:me )?(?:an?|some)\b|set an? (?:alarm|timer|reminder)"
    r"|remind me (?!who|what|when|where|why|how|which)|play (?:me |some )"
    r"|solve\b|calculate\b|compute\b|pretend\b|act as\b"
    rf"|(?:(?:what'?s|what is|how much is) )?{_NUMBER} ?"
    rf"(?:[+*x×÷^%]|plus|minus|times|divided by|multiplied by) ?{_NUMBER}[-\d\s.,()+*/x×÷^%=?]*$"
    rf"|(?:what'?s|what is|how much is) {_NUMBER} [-/] {_NUMBER}[\s=?]*$"
    ")",
    re.I,
)
"""An order for something else than an answer from the archive."""

_HEADED = re.compile(
    r"[:;,–—-] ?(?:(?:by|for|from|in|of|on|to|with) )?"
    r"(?:who(?:m|se)?|what|which|when|where|why|how|did|does|was|were|has|had)\b",
    re.I,
)
"""The question in "Draft song law: who wrote it?", whose heading may read like a chore."""

_CLAUSE = r"(?:^|[.!?:;,\n])\s*(?:please |now |and )*"
_QUOTED = re.compile(r"[\"“][^\"”]*[\"”]")
_INJECTION = re.compile(
    rf"{_CLAUSE}(?:ignore|disregard|forget|override|bypass)"
    r"(?: all| any| of| the| your| my| these| those| previous| prior| above| earlier| system)+"
    r" (?:instructions?|rules|prompts?|guidelines|sources)\b"
    r"|\byour (?:\w+ ){0,2}(?:prompt|instructions|guidelines)\b"
    rf"|{_CLAUSE}(?:print|reveal|show|repeat|what'?s|what is)(?: me| all| the| full| exact| text"
    r"| of| system| hidden| secret| initial| original| previous)+ (?:prompt|instructions)"
    r"(?: above| now| verbatim| please)*\W*$"
    rf"|{_CLAUSE}you (?:are|may) now\b",
    re.I,
)
"""An order to the assistant about itself. In quotation marks it is what somebody else said."""


def reply(question: str) -> str | None:
    """Return the reply to a greeting, thanks, a chore or "???", or None if it is a question.

    Only whole messages count: "Hello, who signed the truce?" is a question.
    """
    text = question.strip().replace("’", "'")
    if not has_words(text):
        return line("wordless")
    if _is_order(text):
        return line("other")
    said = "noted" if set(words(text)) <= _NODS else _said(_bare(text))
    return line(said) if said else None


def _is_order(text: str) -> bool:
    injected = _INJECTION.search(_QUOTED.sub(" ", text))
    return bool(injected or (_CHORE.search(text) and not _HEADED.search(text)))


def _said(left: tuple[str, ...]) -> str | None:
    """Return the name of the first of the phrases that some words consist of, if they do."""
    if len(left) > _MOST_WORDS:
        return None
    said: str | None = None
    while left:
        for length in range(min(_LONGEST_PHRASE, len(left)), 0, -1):
            if found := _NAME_OF.get(left[:length]):
                said, left = said or found, left[length:]
                break
        else:
            return None
    return said
