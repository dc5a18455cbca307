"""The words of a question in runs, as the models learn it that tell what is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+|[,;:]")
_LONGEST_RUN = 3


def runs_of(question: str) -> set[str]:
    """Return the runs of up to three words of a question, "^" before the first and "$" after the
    last; what has a capital within it is "Name", a figure "0"."""
    words = ["^", *_words(question), "$"]
    return {
        " ".join(words[at : at + length])
        for length in range(1, _LONGEST_RUN + 1)
        for at in range(len(words) - length + 1)
    }


def _words(question: str) -> Iterator[str]:
    found = _TOKEN.findall(question)
    headline = 2 * sum(word[0].isupper() for word in found[1:]) > len(found)
    last = ""
    for number, word in enumerate(found):
        is_name = number > 0 and word[0].isupper() and not headline
        said = "0" if word[0].isdigit() else "Name" if is_name else word.lower()
        if said != last or said != "Name":
            yield said
        last = said
