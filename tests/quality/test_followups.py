"""Which real questions need their conversation: decided without a model, against labels by hand.

`followups.json` names the last questions of 97 MTRAG-UN conversations by their ids: those that
cannot be understood alone, and those that can.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from retrieval.search.followups import is_follow_up
from tests.measuring import development

pytestmark = pytest.mark.skipif(
    not development.available(),
    reason="MTRAG-UN not read: it is not beside the repository",
)


def test_follow_ups_and_standalone_questions_are_told_apart() -> None:
    labels = json.loads(Path(__file__).with_name("followups.json").read_text())
    asked = {case.id: case.question.text for case in development.mtrag().cases}
    followups = [is_follow_up(asked[name]) for name in labels["followups"]]
    standalone = [not is_follow_up(asked[name]) for name in labels["standalone"]]
    assert (len(followups), len(standalone)) == (38, 59)
    assert sum(followups) >= 26
    assert sum(standalone) >= 43
