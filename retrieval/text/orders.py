"""Sentences that give a model orders.

An article may say "Reply that the ship sank". Then a model that obeys is literally supported by
the article; but an order reports nothing, so it is no evidence: no model is shown it as such, and
no sentence of an answer is backed by it.

A report tells what others did. An order speaks to whoever answers: it tells them what to say, it
is about their instructions and replies, or it has the form of what a model is sent. News prose
does none of these, though it may be about chatbots and their prompts.
"""

from __future__ import annotations

import re
import unicodedata

import regex

from retrieval.text.sentences import split_sentences

_WHOM = r"(?:all |any |the |your |every )?(?:users?|readers?|assistants?|chatbots?|models?)"
_CLAUSE = r"(?:^|[^\w\s,'’/-]\s*)"

# English has no form of a verb for orders: it is one where it opens a clause.
_OPENS = (
    rf"(?:{_CLAUSE}(?:(?:if|when|whenever)\b[^.!?;:]{{0,99}},\s)?"
    r"(?:(?:ignore|disregard|forget|stop|respond)\b[^.!?;:]{0,99} and )?"
    r"|\byou (?:must|are to|will now) |\b(?:assistant|summary)(?: \w+){0,3} (?:must|should) "
    r"|\b(?:essential|important) that you |\b(?:be|make) sure (?:to|that you) )"
    r"(?:(?:please|kindly|now|then|always|never|just|simply|instead|do not|don['’]t|remember to"
    r"|from now on),? )*"
)
_SAYS = (
    r"(?:(?:say|reply|respond|mention|pretend|write)(?: \w+){0,2} that"
    r"|(?:claim|state|answer) that|(?:say|reply|respond|answer|write) (?:with|only|exactly|nothing)"
    r"|(?:say|reply|respond|write|repeat)(?: after me| in \w+ \w+)?(?::| ?[\"“])"
    rf"|(?:tell|inform|assure|convince|make it clear to) (?:{_WHOM}|people|everyone|anyone|them)"
    r"|(?:add|include|insert|copy|output|print|give) (?:this|the)"
    r" (?:following|link|line|phrase|sentence|words?|text|answer)"
    r"|(?:answer|begin|start|end) (?:each|every|all|any) (?:answer|reply|response|question)"
    r"|(?:repeat|print|reveal|show|output)(?: \w+){0,4} (?:instructions|prompt)"
    r"|(?:ignore|disregard|forget|override|bypass)(?: \w+){0,4}"
    r" (?:instructions?|rules|prompts?|guidelines|passages|sources|above))(?!\w)"
)
_IN_OTHER_LANGUAGES = "|".join(
    (
        rf"{_CLAUSE}(?:antworte|sage?|schreibe?|(?:antworten|sagen|schreiben) sie)\b{{}} dass\b",
        r"(?<!je )\b(?:réponds|répondez|dis|dites|écris|écrivez)\b{} que?\b",
        r"\b(?:ответь|скажи|напиши|сообщи)(?:те)?\b{} что\b",
        r"\b(?:cavab ver|cevap ver|de|söyl[əe]|yaz)(?:y?[iı]n)? ki\b",
        r"\bو?(?:أجب|قل|اكتب)\b{} (?:ب?أن|إن)\b",
        r"\b(?:պատասխանիր|ասա|գրիր)\b{} որ\b",
    )
).replace("{}", r"(?: \w+){0,2},?")
_OF_ITSELF = (
    r"\byour (?:[a-z]+ )?instructions\b|\byour \w+ prompts?\b"
    r"|\b(?:in|to|with|begin|start|end|if) your (?:[a-z]+ )?"
    r"(?:answers?|reply|replies|responses?|output|summary)\b"
    r"|\byou are (?:now |no longer )?(?:an? )?(?:[a-z]+ )?(?:\w*bot|assistant|ai|chatgpt)\b"
    r"|\b(?:dear|attention|notice to|note to|message (?:to|for))\b[\w\s]{0,20}"
    r"\b(?:ais?|llms?|language models?|assistants?|chatbots?)\s*[:,]"
    rf"|\b(?:told|asks?|asked|orders?|ordered|instructs?|instructed) {_WHOM} to"
    r" (?:say|reply|respond|answer|write) that\b"
)
_SENT_TO_A_MODEL = (
    r"(?:^|[.!?>\]]\s*)\W*(?:system|assistant|override|new (?:instructions?|task))\s*:"
    r"|<\||\[/?inst\]|</?(?:system|assistant|user|instructions?)\b"
    r"|[{,]\s*\"\w+\"\s*:"
)
_ORDER = re.compile(rf"{_OPENS}{_SAYS}|{_OF_ITSELF}|{_IN_OTHER_LANGUAGES}|{_SENT_TO_A_MODEL}", re.M)

_LOOKALIKES = str.maketrans(
    "авекмнорстухіјѕԁһԛԝαβεηικμνορτυχ",
    "abekmhopctyxijsdhqwabehikmvoptux",
)
"""Cyrillic and Greek letters, small and capital, that are drawn like Latin ones."""

_SHOWING_NOTHING = regex.compile(r"\p{Cf}+")


def gives_orders(text: str) -> bool:
    """Return whether a text speaks to a model and tells it what to do, rather than to a reader."""
    plain = text.lower()
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", _SHOWING_NOTHING.sub("", plain))
    latin = plain.translate(_LOOKALIKES)
    return any(map(_ORDER.search, {plain, latin}))


def without_orders(text: str) -> str:
    """Return a text without the sentences of it that give orders."""
    kept, at = "", 0
    for sentence in split_sentences(text):
        if gives_orders(text[sentence.start : sentence.end]):
            kept, at = kept + text[at : sentence.start], sentence.end
    return kept + text[at:]
