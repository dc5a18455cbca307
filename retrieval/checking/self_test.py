"""Tries whether a model can judge sentences: eight of them, of which half are borne out."""

from __future__ import annotations

from retrieval.checking.judge import judged
from retrieval.checking.verdicts import Outcome, Verdict
from retrieval.models.chat_service import ChatService

_EVIDENCE = (
    "Ferry runs aground off Orkney (Orkney Post, Thursday 4 March 2021): The ferry Hamnavoe ran "
    "aground near Stromness on Wednesday night with 212 passengers on board. The coastguard said "
    "that nobody was hurt. The owner, Serco, blamed a fault in the steering, which the union RMT "
    "denied. Mary Spence, the captain, plans to retire in May. At least 40 of the passengers had "
    "to wait until Thursday morning to be brought ashore."
)
_SENTENCES = (
    ("On 3 March 2021 a ferry with 212 people aboard got stuck close to Stromness.", True),
    ("The union RMT blamed a fault in the steering.", False),
    ("According to the coastguard there were no injuries.", True),
    ("More than 40 passengers were brought ashore on Wednesday night.", False),
    ("Serco, which owns the Hamnavoe, said that its steering had failed.", True),
    ("Mary Spence retired in May.", False),
    ("The captain, Mary Spence, means to retire in May.", True),
    ("The ferry ran aground because the captain was tired, the coastguard said.", False),
)
ENOUGH = 7
"""Right rulings from which a model may judge: by chance 1 in 28 reaches it."""


async def can_judge(service: ChatService) -> bool:
    """Return whether a model tells true from false well enough to judge its own sentences.

    Raises:
        ServiceError, BudgetSpent: it cannot be asked, so that this is not known.
    """
    asked = [Verdict(Outcome.DOUBTFUL, text, evidence=_EVIDENCE) for text, _ in _SENTENCES]
    found = await judged(asked, service, service.request_budget())
    right = [
        ruling is not None and (ruling.verdict == "supported") == true
        for ruling, (_, true) in zip(found, _SENTENCES, strict=True)
    ]
    return sum(right) >= ENOUGH
