"""Says in words why the check removed a sentence, for those who run a bot."""

from __future__ import annotations

from retrieval.answers import Removed

_WORDS = {
    "number": "a figure that stands in none of the passages",
    "date": "a date that stands in none of the passages",
    "name": "a name that stands in none of the passages",
    "contradicted": "the model was asked, and found that the passages deny it",
    "not stated": "the model was asked, and found that the passages do not say it",
    "negation": "the passages say the opposite",
    "quotation": "words in quotation marks that stand so in none of the passages",
    "exchanged": "words of the passages have changed places, or stand for one another",
    "strength": "the passages do not say it so strongly",
    "score": "no passage is found to say it",
    "marker": "it cites a passage that is not there, and no other says it",
    "far": "nothing in the passages is about it",
    "order": "it gives orders",
    "link": "an address that none of the passages cited has",
}

_ELSEWHERE = {"number": "this figure", "date": "this date", "name": "this name"}


def why(removed: Removed) -> str:
    """Return why, such as "a name that stands in none of the passages: Yerevan"."""
    if removed.reason in _ELSEWHERE and not removed.detail:
        return f"no passage says it with {_ELSEWHERE[removed.reason]}"
    words = in_words(removed.reason)
    return f"{words}: {removed.detail}" if removed.detail else words


def in_words(reason: str) -> str:
    """Return a reason in words; one that is not known, as it is."""
    return _WORDS.get(reason, reason)
