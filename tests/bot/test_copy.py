"""`newsdesk copy`: an archive between a folder and PostgreSQL, stopped, gone on with, compared."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Any

import pytest

from bot.copying import Copying
from bot.settings import Settings, load_settings
from bot.telegram.storage.conversations import Conversations, Place
from bot.telegram.storage.journal import Journal
from bot.telegram.storage.store import open_store
from bot.wiring import Desk
from retrieval.databases.copying import fingerprint, tables_of
from retrieval.models.ledger import Use
from tests.chroma_kit import ServerProcess
from tests.conftest import Newsdesk
from tests.postgres import PASSWORD, Postgres
from tests.telegram.units.test_store import answered

TRUCE = "When did the third truce take effect?"
REPORT = {"question": "Why?", "answer": "So.", "refused": False}


@pytest.fixture(scope="module")
def full(sample: Newsdesk, tmp_path_factory: pytest.TempPathFactory, ingested: Path) -> Newsdesk:
    """A home with something in each store. Tests leave it as it is."""
    home = tmp_path_factory.mktemp("full") / "home"
    shutil.copytree(ingested, home)
    newsdesk = Newsdesk(home, sample.folder)
    newsdesk("follow", "https://news.invalid/feed.xml")
    with closing(Desk(settings(home))) as desk:
        desk.stores.ledger.reserve("m", Use(1, 2, 0.25))
        desk.stores.conversations.keep({"question": "Gone?", "answer": "Yes."}, 1)
        desk.stores.conversations.keep(REPORT, 7)
        desk.stores.ratings.rate("a", "up", REPORT)
        desk.stores.replies.put("digest", "said")
        catalog = desk.catalog.database
        catalog.write("INSERT INTO held VALUES ('x', 0.1)")
        catalog.write("INSERT INTO withdrawn VALUES ('y', 'u', 1, 'why', 1.5)")
        catalog.write("INSERT INTO versions VALUES ('z', 2.5, 'Títle', 'It’s 100 %.')")
    with closing(sqlite3.connect(home / "conversations.db")) as file, file:
        file.execute("INSERT INTO conversations VALUES (9)")
        file.execute("DELETE FROM conversations WHERE id = 9")
    with closing(open_store(settings(home))) as store:
        Journal(store, 7).add_all([(1, {"update_id": 1})])
        Conversations(store).save(1, Place(-5, 0, 1), 10, answered("Why?"))
    return newsdesk


def settings(home: Path, url: str | None = None) -> Settings:
    return load_settings(home, database_url=url)


def everything(home: Settings) -> dict[str, Any]:
    """Return what people see of a home."""
    with closing(Desk(home)) as desk, closing(open_store(home)) as store:
        return {
            "articles": desk.catalog.summary().articles,
            "words": {passage.id for passage, _ in desk.catalog.full_text(["truce"], 999)},
            "vectors": desk.vectors.count(),
            "spent": [(e.model, e.cost_usd) for e in desk.stores.ledger.entries()],
            "kept": [(kept.id, kept.answer) for kept in desk.stores.conversations.newest(10)],
            "rated": desk.stores.ratings.every(),
            "reply": desk.stores.replies.get("digest"),
            "followed": desk.catalog.database.rows("SELECT address FROM followed"),
            "journal": store.rows("SELECT id, outcome, raw FROM updates"),
            "answers": store.rows("SELECT id, answer FROM answers"),
        }


Run = Callable[..., Any]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.process)])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Settings]:
    """Where a copy goes, as the command names it, and the settings that find it there."""
    home = tmp_path / "to"
    if request.param == "sqlite":
        return str(home), settings(home)
    url = request.getfixturevalue("postgres_server").new_database()
    return url, settings(home, url)


def copied(full: Newsdesk, target: tuple[str, Settings], *more: str) -> Any:
    """Run the command with a home in which a database's vectors go."""
    return full("copy", "--home", target[1].home, "--from", full.home, "--to", target[0], *more)


def test_everything_goes_there_and_back(
    full: Newsdesk, target: tuple[str, Settings], tmp_path: Path
) -> None:
    before = everything(settings(full.home))
    done = copied(full, target)
    assert done.returncode == 0, done.stderr
    assert "compared at both ends" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr
    assert everything(target[1]) == before
    back = full("copy", "--home", target[1].home, "--from", target[0], "--to", tmp_path / "back")
    assert back.returncode == 0, back.stderr
    assert everything(settings(tmp_path / "back")) == before
    ask = Newsdesk(tmp_path / "back", full.folder)("ask", TRUCE)
    assert "26 October" in ask.stdout


def test_numbers_go_on_from_where_they_were(full: Newsdesk, target: tuple[str, Settings]) -> None:
    assert copied(full, target).returncode == 0
    with closing(Desk(target[1])) as desk, closing(open_store(target[1])) as store:
        assert desk.stores.conversations.keep(REPORT).id == "10.1"
        number = Conversations(store).save(2, Place(-5, 0, 1), 11, answered("Why?"))
        assert number == 2


@pytest.mark.parametrize("stopped_after", [1, 12])
def test_a_copy_that_was_stopped_goes_on(
    full: Newsdesk, target: tuple[str, Settings], stopped_after: int
) -> None:
    steps = 0

    def advance() -> None:
        nonlocal steps
        steps += 1
        if steps > stopped_after:
            raise KeyboardInterrupt

    def run(advance: Callable[[], None]) -> None:
        with (
            closing(Desk(settings(full.home))) as there,
            closing(Desk(target[1])) as here,
            closing(Copying(there, here)) as copying,
        ):
            copying.run(advance)

    with pytest.raises(KeyboardInterrupt):
        run(advance)
    run(lambda: None)
    assert everything(target[1]) == everything(settings(full.home))


def test_what_changed_at_the_source_is_taken_over(
    own_sample: Newsdesk, target: tuple[str, Settings]
) -> None:
    own_sample("ask", TRUCE)
    assert copied(own_sample, target).returncode == 0
    [first, *_] = json.loads(own_sample("sources", "--json").stdout)
    own_sample("sources", "remove", first["id"])
    own_sample("ask", "Where was Ingenuity flown?")
    assert copied(own_sample, target).returncode == 0
    with closing(Desk(settings(own_sample.home))) as a, closing(Desk(target[1])) as b:
        for table in tables_of(a.catalog.database):
            if table.name in ("articles", "passages", "texts", "removed"):
                there = fingerprint(a.catalog.database, table)
                assert fingerprint(b.catalog.database, table) == there
        assert len(b.stores.conversations.newest(9)) == 2


def test_a_place_that_holds_something_else_is_left_alone(
    full: Newsdesk, own_sample: Newsdesk, target: tuple[str, Settings]
) -> None:
    assert copied(full, target).returncode == 0
    other = copied(own_sample, target)
    assert other.returncode == 1
    assert "holds a copy of" in other.stderr
    with closing(Desk(target[1])) as desk:
        desk.stores.ledger.reserve("n", Use(1, 2, 0.5))
    used = copied(full, target)
    assert used.returncode == 1
    assert "was used after it was copied" in used.stderr
    assert everything(target[1])["spent"] == [("m", 0.25), ("n", 0.5)]


def test_an_archive_of_its_own_is_never_overwritten(full: Newsdesk, own_sample: Newsdesk) -> None:
    refused = full("copy", "--from", full.home, "--to", own_sample.home)
    assert refused.returncode == 1
    assert "holds an archive already" in refused.stderr


def test_what_cannot_be_copied_is_told_in_a_line(full: Newsdesk, tmp_path: Path) -> None:
    for words, told, status in (
        (("--from", tmp_path / "none", "--to", tmp_path / "to"), "There is no archive", 1),
        (("--from", full.home, "--to", full.home), "cannot be copied to itself", 1),
        ((), "copy takes --from, --to or both", 2),
        (("--to", "postgresql://ann:secret@127.0.0.1:1/news"), "cannot be reached", 1),
        (("--to", "postgresql://"), "NEWSDESK_DATABASE_URL", 1),
    ):
        done = full("copy", *words)
        assert (done.returncode, done.stdout) == (status, "")
        assert told in done.stderr
        assert "secret" not in done.stderr
        assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_copy_that_differs_is_told(
    full: Newsdesk, target: tuple[str, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    def changing(self: Copying) -> None:
        self._to[next(iter(self._to))].write(
            "UPDATE articles SET title = 'x' WHERE id IN "
            "(SELECT id FROM articles ORDER BY id LIMIT 1)"
        )

    monkeypatch.setattr(Copying, "_copy_facts", changing)
    done = copied(full, target)
    assert done.returncode == 1
    assert "The copy is not the same in catalog: articles (44 rows and 44)" in done.stderr
    monkeypatch.undo()
    for command in (("status",), ("ask", TRUCE), ("ingest", full.home)):
        there = Newsdesk(target[1].home, full.folder).told(**target[1].as_environment())
        refused = there(*command)
        assert refused.returncode == 1
        told = " ".join((refused.stdout + refused.stderr).split())
        assert f"an unfinished copy of {full.home}: run the same `newsdesk copy` again" in told
    assert copied(full, target).returncode == 0


def test_a_journal_that_a_bot_writes_is_not_copied(
    own_sample: Newsdesk, target: tuple[str, Settings]
) -> None:
    with closing(open_store(settings(own_sample.home))) as store:
        Journal(store, 7).add_all([(1, {"update_id": 1})])
        refused = copied(own_sample, target)
    assert refused.returncode == 1
    assert "`newsdesk telegram` is running" in refused.stderr
    assert copied(own_sample, target).returncode == 0


@pytest.mark.process
def test_with_a_database_nothing_but_vectors_is_in_the_home(
    own_sample: Newsdesk, postgres_server: Postgres, tmp_path: Path
) -> None:
    url = postgres_server.new_database()
    assert own_sample("copy", "--home", tmp_path / "there", "--to", url, "--from", own_sample.home)
    there = Newsdesk(tmp_path / "there", own_sample.folder).told(NEWSDESK_DATABASE_URL=url)
    assert "26 October" in there("ask", TRUCE).stdout
    assert TRUCE in there("log").stdout
    assert there("export", "1").stdout.startswith("# ")
    assert there("usage").stderr == "newsdesk: No model has been used yet.\n"
    assert "There is no feedback yet" in there("feedback").stderr
    assert list(there.home.glob("*.db*")) == []


@pytest.mark.process
def test_a_copy_that_is_killed_goes_on(own_sample: Newsdesk, tmp_path: Path) -> None:
    words = ("copy", "--from", own_sample.home, "--to", tmp_path / "to")
    for seconds in (0.5, 1.0, 1.5, 2.0):
        process = own_sample.start(*words)
        try:
            process.communicate(timeout=seconds)
        except TimeoutExpired:
            process.kill()
            process.communicate()
    assert own_sample(*words).returncode == 0
    assert everything(settings(tmp_path / "to")) == everything(settings(own_sample.home))


@pytest.mark.process
def test_vectors_go_to_a_chroma_server_and_back(
    full: Newsdesk, postgres_server: Postgres, chroma_server: ServerProcess, tmp_path: Path
) -> None:
    url = postgres_server.new_database()
    ends = ("--home", tmp_path / "there", "--to", url, "--to-chroma", chroma_server.url)
    done = full("copy", "--from", full.home, *ends)
    assert done.returncode == 0, done.stderr
    there = load_settings(tmp_path / "there", database_url=url, chroma_url=chroma_server.url)
    assert everything(there) == everything(settings(full.home))
    assert not there.home.exists()
    servers = there.as_environment()
    back = full.told(**servers)("copy", "--to", tmp_path / "back")
    assert back.returncode == 0, back.stderr
    assert everything(settings(tmp_path / "back")) == everything(there)


@pytest.mark.process
def test_the_vectors_may_stay_where_they_are(
    own_sample: Newsdesk, postgres_server: Postgres
) -> None:
    before = everything(settings(own_sample.home))
    url = postgres_server.new_database()
    done = own_sample("copy", "--from", own_sample.home, "--to", url)
    assert done.returncode == 0, done.stderr
    assert everything(settings(own_sample.home, url))["vectors"] == before["vectors"]
