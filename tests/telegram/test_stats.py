"""What admins see in /stats."""

from __future__ import annotations

import re

from tests.openai_server.server import fails, says, serving
from tests.telegram.bots import BotThread
from tests.telegram.desk import SHIP, TRUCE, UNANSWERED, asks


def test_answers_refusals_time_errors_cost_and_size(own_bot: BotThread) -> None:
    api = own_bot.api
    ada, bob = api.person("Ada"), api.person("Bob")
    with serving() as service:
        service.script = [
            says(
                "The third truce took effect at eight in the morning on Monday, 26 October. [1] "
                "The third truce was broken within 7,450 minutes. [1]"
            ),
            fails(401),
        ]
        own_bot.told(
            TELEGRAM_ADMINS=str(ada.id), OPENAI_API_KEY="sk-x", OPENAI_BASE_URL=service.url
        ).start()
        none = ada.private.next(ada.says("/stats")).text
        assert "Questions of the last 8 days: none\nErrors: none\nModel cost: $0.0000" in none
        for question in (TRUCE, SHIP):
            asks(bob, question)
        bob.private.reply(bob.says(UNANSWERED))
        bob.private.next(bob.says("/help"))
        said = ada.says("/stats")
        stats = ada.private.next(said, lambda shown: "Disk used" in shown.text).text
    assert re.search(r"8 days: 2 answered, 1 declined, median \d+\.\d\d s", stats), stats
    assert "Errors: 1 model" in stats, "a sentence that was left out is none"
    assert re.search(r"Model cost: \$0\.00[1-9]\d", stats), stats
    assert re.search(r"Other updates: .*1 help", stats)
    assert re.search(r"Disk used: \d+\.\d MB, of which questions and answers \d\.\d", stats)
