"""The parts of a question that asks for two things or more, which are searched for."""

from __future__ import annotations

import re

_ASK = r"(?:what|who|whom|whose|how|when|where|which|why)"
_BE = r"(?:do|does|did|is|are|was|were|has|have|had|will)"

_FIRST = 8
"""Code points of a question before which no second one begins."""

_SECOND = re.compile(
    rf"\?\W+(?=\w)|: (?=\w)|(?:[,;:]| -)? and (?=(?:\w+ )?{_ASK}\b|{_BE}\b"
    r"|the (?:one|figure|number|date|value)\b|(?:before|originally|earlier|previously|at first)\b)",
    re.I,
)
"""What stands between two questions."""

_OR = re.compile(r" (?:or|than) ", re.I)
_END = re.compile(r"[,?;]|$")


def halves(question: str) -> tuple[str, ...]:
    """Return the two questions "A?" and "B?" of "A or B?" and "A than B?", the first of two
    questions in one, or nothing.

    The second of two leans on the first ("and what was it before?"): the question as it is does
    for that.
    """
    if found := _OR.search(question):
        return _sides(question[: found.start()], question[found.end() :])
    found = _SECOND.search(question, _FIRST)
    return (question[: found.start()].strip() + "?",) if found else ()


def _sides(left: str, right: str) -> tuple[str, str]:
    """Return a question with what stands before "or", and with what stands after it.

    What is compared begins at a comma, or with the word that the other begins with ("in France or
    in Russia"); else it is one word, or all where there are few.
    """
    end = _END.search(right)
    other, rest = (right[: end.start()], right[end.start() :]) if end else (right, "")
    begins = f" {other.split()[0]} " if other.split() else " "
    start = max(left.rfind(","), left.rfind(begins) if "," not in left else -1)
    if start < 0:
        start = left.rfind(" ") if len(left.split()) > 3 else 0
    lead = left[: start + 1] if left[start : start + 1] == "," else left[:start]
    return left + rest, f"{lead} {other}{rest}".strip()
