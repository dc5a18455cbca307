"""Processes that share an archive: readers see what others write, and writers take turns."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from retrieval.embeddings.encoder import OnnxEncoder
from tests.retrieval.archive_kit import Archive, as_markdown, assert_tidy, made, nonce

pytestmark = pytest.mark.process

Ask = Callable[[int], list[str]]


def write(folder: Path, numbers: range, edition: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    for n in numbers:
        (folder / f"{n}.md").write_text(as_markdown(made(n, edition=edition)))
    return folder


@pytest.fixture
def ask(newsdesk: Any) -> Iterator[Ask]:
    """Asks a process that has the archive open all the while about an article; names found."""
    script = Path(__file__).with_name("desk_reader.py")
    process = subprocess.Popen(
        [sys.executable, script],
        env=newsdesk.environment,
        cwd=newsdesk.folder,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )

    def ask(number: int) -> list[str]:
        assert process.stdin
        assert process.stdout
        process.stdin.write(f"How many visitors did {nonce(number)} count?\n")
        process.stdin.flush()
        return [Path(uri).name for uri in json.loads(process.stdout.readline())]

    yield ask
    process.communicate()
    assert process.returncode == 0


def test_a_running_reader_sees_what_another_process_does(
    newsdesk: Any, ask: Ask, tmp_path: Path
) -> None:
    news = tmp_path / "news"
    assert ask(1) == []  # before there is an archive
    assert newsdesk("ingest", write(news, range(5))).returncode == 0
    assert ask(1)[:1] == ["1.md"]
    (news / "1.md").write_text("---\ntitle: Bread\n---\n\nA loaf of bread takes flour and water.\n")
    (news / "4.md").unlink()
    assert newsdesk("ingest", "--prune", write(news, range(5, 7))).returncode == 0
    assert ask(6)[0] == "6.md"
    assert "4.md" not in ask(4)
    assert ask(1)[-1] == "1.md"  # it has no longer anything to do with the question
    assert ask(2)[0] == "2.md"


def test_a_reader_is_never_disturbed_by_an_ingest(newsdesk: Any, ask: Ask, tmp_path: Path) -> None:
    news = tmp_path / "news"
    assert newsdesk("ingest", write(news, range(10))).returncode == 0
    assert ask(7)[0] == "7.md"
    ingest = newsdesk.start("ingest", write(news, range(10, 90)))
    asked = 0
    while ingest.poll() is None:
        assert ask(asked % 10)[0] == f"{asked % 10}.md"
        asked += 1
    assert asked > 3
    ingest.communicate()
    assert ingest.returncode == 0
    assert ask(89)[0] == "89.md"


@pytest.mark.parametrize("same", [False, True], ids=["other files", "the same files"])
def test_two_ingests_at_once_take_turns_and_lose_nothing(
    newsdesk: Any, tmp_path: Path, embedded: OnnxEncoder, same: bool
) -> None:
    one = write(tmp_path / "one", range(70))
    two = one if same else write(tmp_path / "two", range(70, 140))
    newsdesk.home.mkdir()
    with FileLock(newsdesk.home / "ingest.lock"):
        ingests = [newsdesk.start("ingest", "--json", folder) for folder in (one, two)]
        for ingest in ingests:
            assert "Another ingest is running" in ingest.stderr.readline()
    reports = []
    for ingest in ingests:
        out, err = ingest.communicate(timeout=120)
        assert (ingest.returncode, err) == (0, "")
        reports.append(json.loads(out))
    counts = sorted((len(r["added"]), len(r["unchanged"])) for r in reports)
    assert counts == ([(0, 70), (70, 0)] if same else [(70, 0), (70, 0)])
    with Archive(newsdesk.home, embedded) as archive:
        assert_tidy(archive)
        uris = list(archive.catalog.uris().values())
        files = [*one.iterdir(), *(() if same else two.iterdir())]
        assert sorted(uris) == sorted(map(str, files))
        assert archive.search(f"visitors of {nonce(3)}")[0].article.title == made(3).title
