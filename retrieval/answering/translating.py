"""Questions of other languages over an English archive: asked in English, answered in their own.

What is checked is the English answer; a sentence whose translation has other figures stays English.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

from langchain_core.output_parsers import StrOutputParser

from corpus.dates import MONTHS
from prompts import Language
from retrieval.answers import Question
from retrieval.errors import BudgetSpent, ServiceError
from retrieval.models.chat_service import ChatService
from retrieval.models.messages import conversation, template
from retrieval.models.request_budget import RequestBudget
from retrieval.models.token_budget import TokenBudget, trim
from retrieval.text.citation_markers import MARKER
from retrieval.text.languages import ENGLISH, language_of

_LONGEST = 300
"""Code points of a translated question. A longer reply is not a question."""

_MOST_TOKENS = 80

_SENTENCE = re.compile(rf"\s*(.+?)((?:\s*{MARKER.pattern})+)", re.S)
_NUMBERED = re.compile(r"^\s*(\d+)[.)．、]\s*(\S.*?)\s*$", re.M)
_QUOTES = "\"'“”‘’`«»„ "
_WITHIN_A_FIGURE = re.compile(r"(?<=\d)[.,'’٫٬\s](?=\d)")


async def into_english(
    question: Question,
    language: Language,
    service: ChatService,
    request_budget: RequestBudget,
    budget: TokenBudget,
) -> str | None:
    """Return a question in English, standing alone; None where what the model writes is none.

    Raises:
        ServiceError, BudgetSpent: the model cannot be asked.
    """
    room = int(budget.history * budget.window)
    chain = (
        template("into_english")
        | service.as_runnable(request_budget, _MOST_TOKENS)
        | StrOutputParser()
    )
    reply = await chain.ainvoke(
        {
            "language": language.name,
            "question": question.text,
            "history": conversation(trim(question.history, room, service.count)),
        }
    )
    lines = reply.strip().splitlines()
    written = " ".join(lines[0].split()).strip(_QUOTES) if len(lines) == 1 else ""
    is_question = 0 < len(written) <= _LONGEST and language_of(written) == ENGLISH
    return written if is_question and _same_figures(question.text, written) else None


async def from_english(
    text: str,
    language: Language,
    service: ChatService,
    request_budget: RequestBudget,
    budget: TokenBudget,
) -> str | None:
    """Return an answer's text in another language, its `[n]` in place; None where the model fails.

    A sentence without a translation that has its figures is left as it is.
    """
    sentences = _SENTENCE.findall(text)
    chain = (
        template("from_english")
        | service.as_runnable(request_budget, 2 * budget.answer)  # other scripts take more
        | StrOutputParser()
    )
    numbered = "\n".join(f"{n}. {said}" for n, (said, *_) in enumerate(sentences, start=1))
    try:
        reply = await chain.ainvoke({"language": language.name, "sentences": numbered})
    except (ServiceError, BudgetSpent):
        return None
    written = {int(number): said for number, said in _NUMBERED.findall(reply)}
    told = [
        (written[n] if _is_translation(written.get(n, ""), said) else said) + marks
        for n, (said, marks, *_) in enumerate(sentences, start=1)
    ]
    return None if told == [said + marks for said, marks, *_ in sentences] else " ".join(told)


def _is_translation(written: str, said: str) -> bool:
    """Return whether a text may be the translation of a sentence: by its figures, and no links."""
    return bool(written) and _same_figures(written, said) and "://" not in written


def _same_figures(foreign: str, english: str) -> bool:
    """Return whether two texts have the same figures, but for months that are figures in one."""
    there, here = _figures(foreign), _figures(english)
    months = Counter(str(n) for n, month in enumerate(MONTHS, start=1) if month in english)
    return not here - there and there - here <= months


def _figures(text: str) -> Counter[str]:
    """Return the figures of a text, however they are written: 1,960 is 1.960 and १९६०."""
    joined = _WITHIN_A_FIGURE.sub("", text)
    return Counter(
        "".join(str(unicodedata.decimal(digit)) for digit in figure)
        for figure in re.findall(r"\d+", joined)
    )
