"""An archive whose vectors are on a Chroma server, as its readers and its keeper see it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.archive.homes import catalog_in
from tests.chroma_kit import Gate, ServerProcess
from tests.conftest import SAMPLE_ARCHIVE, Newsdesk

pytestmark = [
    pytest.mark.process,
    pytest.mark.filterwarnings("ignore:legacy embedding function config"),
]

QUESTION = "Who brokered the third ceasefire?"
ARTICLE = SAMPLE_ARCHIVE / "2020-10-26-washington-truce.md"
OTHER = sorted(SAMPLE_ARCHIVE.iterdir())[0]


@pytest.fixture
def gate(chroma_server: ServerProcess) -> Iterator[Gate]:
    with Gate(chroma_server.url) as gate:
        yield gate


@pytest.fixture
def desk(newsdesk: Newsdesk, gate: Gate) -> Newsdesk:
    """The command with an archive of one article, whose vectors are on the server."""
    desk = newsdesk.told(NEWSDESK_CHROMA_URL=gate.url)
    assert desk("ingest", ARTICLE).stdout.startswith("1 added")
    return desk


def close(gate: Gate) -> None:
    gate.answer = lambda path: (503, "text/plain", b"closed")


def reopen(gate: Gate) -> None:
    gate.answer = lambda path: None


def test_answers_come_from_the_server_and_the_home_holds_no_vectors(
    desk: Newsdesk, gate: Gate
) -> None:
    done = desk("ask", QUESTION)
    assert (done.returncode, done.stderr) == (0, "")
    assert "[1]" in done.stdout
    status = desk("status")
    assert (status.returncode, f"Vectors    {gate.url}" in status.stdout) == (0, True)
    assert not (desk.home / "chroma").exists()


def test_answers_without_the_server_are_of_words_and_say_so(desk: Newsdesk, gate: Gate) -> None:
    close(gate)
    done = desk("ask", QUESTION)
    assert done.returncode == 0
    assert "[1]" in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("newsdesk: Searched by words alone, because the server")
    assert json.loads(desk("ask", "--json", QUESTION).stdout)["notice"] in line
    assert json.loads(desk("search", "--json", "ceasefire").stdout)["notice"] in line
    assert "Searched by words alone" in desk("ask", "What do penguins eat?").stderr
    done = desk("status")
    assert done.returncode == 1
    assert "too busy or starting (HTTP 503)" in " ".join(done.stdout.split())
    reopen(gate)
    assert desk("ask", QUESTION).stderr == ""
    assert desk("status").returncode == 0


def test_an_ingest_without_the_server_loses_nothing(desk: Newsdesk, gate: Gate) -> None:
    asked = len(gate.seen)

    def closing(path: str) -> tuple[int, str, bytes] | None:
        return (503, "text/plain", b"closed") if path.endswith("/upsert") else None

    for answer in (closing, lambda path: (503, "text/plain", b"closed")):
        gate.answer = answer
        done = desk("ingest", OTHER)
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        assert line.startswith(f"newsdesk: The Chroma server {gate.url} is too busy")
    assert len(gate.seen) > asked
    assert json.loads(desk("status", "--json").stdout)["articles"] == 1
    reopen(gate)
    assert desk("ingest", OTHER).stdout.startswith("1 added")
    assert desk("status").returncode == 0


def test_a_removal_without_the_server_is_made_up_for(desk: Newsdesk, gate: Gate) -> None:
    desk("ingest", OTHER)
    gate.answer = lambda path: (503, "text/plain", b"closed") if path.endswith("/delete") else None
    listed = json.loads(desk("sources", "--json").stdout)
    removed = next(source["id"] for source in listed if source["uri"] == str(OTHER))
    assert desk("sources", "remove", removed).returncode == 0
    assert json.loads(desk("status", "--json").stdout)["articles"] == 1
    with closing(catalog_in(desk.home / "catalog.db")) as catalog:
        assert catalog.strays.by_collection()
        reopen(gate)
        assert desk("ingest", ARTICLE).stdout.startswith("0 added")
        assert catalog.strays.by_collection() == {}


def test_two_homes_share_a_server_and_leave_each_other_alone(
    desk: Newsdesk, tmp_path: Path
) -> None:
    other = replace(desk, home=tmp_path / "other-home")
    assert other("ingest", ARTICLE, OTHER).stdout.startswith("2 added")
    assert other("ingest", "--rebuild").returncode == 0
    assert desk("status").returncode == 0
    assert other("status").returncode == 0


def test_vectors_move_to_a_server_and_back_with_the_next_ingest(
    newsdesk: Newsdesk, chroma_server: ServerProcess
) -> None:
    assert newsdesk("ingest", ARTICLE).returncode == 0
    served = newsdesk.told(NEWSDESK_CHROMA_URL=chroma_server.url)
    assert "because the vectors are gone" in served("ask", QUESTION).stderr
    assert served("ingest", OTHER).stdout.startswith("1 added")
    assert served("status").returncode == 0
    assert newsdesk("status").returncode == 1
    assert newsdesk("ingest", OTHER).stdout.startswith("0 added")
    assert newsdesk("status").returncode == 0


def test_a_strangers_file_does_not_say_where_the_vectors_go(
    own_sample: Newsdesk, gate: Gate
) -> None:
    (own_sample.folder / ".env").write_text(
        f"NEWSDESK_CHROMA_URL={gate.url}\nNEWSDESK_CHROMA_TOKEN=theirs\n"
    )
    done = own_sample("ask", QUESTION)
    assert "Not taken from" in done.stderr
    assert "NEWSDESK_CHROMA_TOKEN, NEWSDESK_CHROMA_URL" in done.stderr
    assert "words alone" not in done.stderr
    assert gate.seen == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NEWSDESK_CHROMA_URL", "http://name:s3cret@127.0.0.1:8000"),
        ("NEWSDESK_CHROMA_URL", "127.0.0.1:8000"),
        ("NEWSDESK_CHROMA_URL", "http://127.0.0.1:8000/api/v2?key=s3cret"),
        ("NEWSDESK_CHROMA_URL", "http://127.0.0.1:99999"),
        ("NEWSDESK_CHROMA_TOKEN", "s3cret with spaces"),
        ("NEWSDESK_CHROMA_DATABASE", "../other"),
        ("NEWSDESK_CHROMA_TOKEN_HEADER", "X-Token: s3cret"),
        ("NEWSDESK_CHROMA_TIMEOUT", "0"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(newsdesk: Newsdesk, name: str, value: str) -> None:
    done = newsdesk.told(**{name: value})("status")
    assert done.returncode != 0
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"newsdesk: {name} cannot be used: it takes ")
    assert "s3cret" not in line or name == "NEWSDESK_CHROMA_TOKEN_HEADER"
