"""The answers written by hand as sentences of a draft, against the whole archive, without a judge.

Their articles are all in it: what `newsdesk check` finds of the true sentences and of their false
twins is counted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

from retrieval.checking.check import SupportCheck
from retrieval.checking.markers import unmark
from retrieval.drafts.checker import DraftChecker
from retrieval.drafts.findings import Finding
from retrieval.embeddings.encoder import OnnxEncoder
from tests.measuring import development, written


def findings(
    encoder: OnnxEncoder, home: Path, half: str, *, step: int = 1
) -> Counter[tuple[bool, Finding]]:
    """Count the sentences of a half by whether they are true and what was found of them.

    With a `step`, one of so many answers is looked at, and no false twins.
    """
    searcher = development.build(written.articles(), home, encoder)
    checker = DraftChecker(searcher, SupportCheck(encoder))
    found: Counter[tuple[bool, Finding]] = Counter()
    for asked in written.read(half)[::step]:
        for sentence in asked.reply + (asked.twins if step == 1 else ()):
            checked = asyncio.run(checker.check(unmark(sentence.text).text)).sentences
            found[sentence.true, max(checked, key=lambda one: len(one.text)).finding] += 1
    return found
