"""The commands with the catalog in PostgreSQL, from an empty database on, and when it fails."""

from __future__ import annotations

import json

import pytest

from tests.conftest import SAMPLE_ARCHIVE, Newsdesk
from tests.ports import free_port
from tests.postgres import PASSWORD, Postgres

pytestmark = pytest.mark.process

QUESTION = "Who brokered the truce that began on 26 October?"


@pytest.fixture
def kept_there(newsdesk: Newsdesk, postgres_server: Postgres) -> Newsdesk:
    """The command with a database that holds nothing yet."""
    return newsdesk.told(NEWSDESK_DATABASE_URL=postgres_server.new_database())


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("status",), "Articles   0"),
        (("sources",), "The archive is empty"),
        (("ask", QUESTION), "The archive is empty"),
        (("search", "truce"), "The archive is empty"),
        (("changes",), "none has changed yet"),
        (("following",), "Nothing is followed"),
        (("refresh",), "Nothing is followed"),
        (("serve",), "The archive is empty"),
    ],
)
def test_an_empty_database_is_an_empty_archive(
    newsdesk: Newsdesk, command: tuple[str, ...], said: str,
    postgres_server: Postgres,
) -> None:  # fmt: skip
    done = newsdesk.told(NEWSDESK_DATABASE_URL=postgres_server.empty_catalog())(*command)
    assert said in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_articles_go_there_and_answers_come_from_there(kept_there: Newsdesk) -> None:
    done = kept_there("ingest", SAMPLE_ARCHIVE)
    assert done.stdout == "44 added, 0 updated, 0 unchanged, 0 removed, 0 rejected\n"
    assert not (kept_there.home / "catalog.db").exists()
    assert "United States" in kept_there("ask", QUESTION).stdout
    listed = json.loads(kept_there("sources", "--json").stdout)
    assert len(listed) == 44
    kept_there("sources", "remove", listed[0]["id"])
    status = kept_there("status")
    assert (status.returncode, "Articles   43" in status.stdout) == (0, True)
    assert "Database   127.0.0.1:" in status.stdout
    assert PASSWORD not in status.stdout + status.stderr
    again = kept_there("ingest", SAMPLE_ARCHIVE)
    assert again.stdout.startswith("1 added, 0 updated, 43 unchanged")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://newsdesk:wrong-{password}@127.0.0.1:{port}/postgres", "password"),
        ("postgresql://newsdesk:{password}@127.0.0.1:{port}/nowhere", '"nowhere" does not exist'),
        ("postgresql://newsdesk:{password}@127.0.0.1:{closed}/news", "is it running"),
        ("postgresql://guest:{password}@127.0.0.1:{port}/postgres", "the owner of the database"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_a_line(
    newsdesk: Newsdesk, postgres_server: Postgres, url: str, told: str
) -> None:
    postgres_server.execute("DROP ROLE IF EXISTS guest")
    postgres_server.execute(f"CREATE ROLE guest LOGIN PASSWORD '{PASSWORD}'")
    address = url.format(password=PASSWORD, port=postgres_server.port, closed=free_port())
    desk = newsdesk.told(NEWSDESK_DATABASE_URL=address)
    for command in (("ingest", SAMPLE_ARCHIVE), ("search", "truce"), ("follow", "https://a.test")):
        done = desk(*command)
        assert (done.returncode, done.stdout) == (1, "")
        [line] = done.stderr.splitlines()
        assert told in line
        assert PASSWORD not in line
    status = desk("status")
    assert (status.returncode, told in " ".join(status.stdout.split())) == (1, True)
