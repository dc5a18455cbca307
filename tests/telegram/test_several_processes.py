"""Several processes of one bot share a database: what holds within one holds among all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Newsdesk
from tests.postgres import Postgres
from tests.telegram.botapi import BotApi
from tests.telegram.fleet import Fleet, Massacre, fleet_of

pytestmark = pytest.mark.process


@pytest.fixture
def fleet(
    own_api: BotApi, archive: Newsdesk, tmp_path: Path, postgres_server: Postgres
) -> Iterator[Fleet]:
    """Three processes behind one webhook."""
    url = postgres_server.new_database()
    with fleet_of(3, own_api, archive, tmp_path, url, webhook=True) as fleet:
        yield fleet


def test_each_question_has_one_answer_whichever_process_is_killed(fleet: Fleet) -> None:
    tally = Massacre(fleet, chats=12).run(seconds=20, every=6)
    assert tally.kills == 3
    assert tally.once == tally.asked, tally
    assert tally.disordered == 0, tally
