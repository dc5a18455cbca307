"""Machines that share the servers and no folder: each has a home of its own, which stays empty."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from bot.settings import load_settings
from bot.wiring import Desk
from tests.chroma_kit import ServerProcess
from tests.conftest import SAMPLE_ARCHIVE, Newsdesk
from tests.postgres import Postgres

pytestmark = pytest.mark.process

QUESTION = "Who brokered the truce that began on 26 October?"


@pytest.fixture
def machines(
    newsdesk: Newsdesk, postgres_server: Postgres, chroma_server: ServerProcess, tmp_path: Path
) -> tuple[Newsdesk, Newsdesk]:
    """The command on two machines, with nothing on the servers yet."""
    one = newsdesk.told(
        NEWSDESK_DATABASE_URL=postgres_server.new_database(), NEWSDESK_CHROMA_URL=chroma_server.url
    )
    return one, replace(one, home=tmp_path / "other-home")


def test_what_one_machine_does_the_other_sees(machines: tuple[Newsdesk, Newsdesk]) -> None:
    running = [machine.start("ingest", "--json", SAMPLE_ARCHIVE) for machine in machines]
    reports = [json.loads(process.communicate()[0]) for process in running]
    added = [uri for report in reports for uri in report["added"]]
    assert len(added) == len(set(added)) == 44
    one, other = machines
    assert "United States" in one("ask", QUESTION).stdout
    assert QUESTION in other("log").stdout
    [article, *_] = json.loads(one("sources", "--json").stdout)
    assert other("sources", "remove", article["id"]).returncode == 0
    assert one("ingest", SAMPLE_ARCHIVE).stdout.startswith("1 added, 0 updated, 43 unchanged")
    status = json.loads(other("status", "--json").stdout)
    assert (status["articles"], status["problems"]) == (44, [])
    assert status["disk_bytes"] > 1_000_000
    for machine in machines:
        assert not machine.home.exists() or [*machine.home.iterdir()] == []


def test_a_process_holds_ten_connections_at_most(
    newsdesk: Newsdesk, postgres_server: Postgres
) -> None:
    url = postgres_server.new_database()
    held = (
        f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{url.rpartition('/')[2]}' "
        "AND application_name LIKE 'newsdesk %'"
    )
    with closing(Desk(load_settings(newsdesk.home, database_url=url))) as desk:
        asks = (
            desk.catalog.summary,
            desk.stores.ledger.entries,
            lambda: desk.stores.replies.get("question"),
            desk.stores.conversations.last,
            desk.stores.ratings.every,
            lambda: desk.stores.allowance._count("who asks"),
        )
        desk.catalog.summary()
        with ThreadPoolExecutor(32) as threads:
            for done in [threads.submit(ask) for _ in range(40) for ask in asks]:
                done.result()
        with psycopg.connect(url) as connection:
            [(count,)] = connection.execute(held.encode()).fetchall()
        assert 6 <= count <= 10
