"""Homes that cannot be used: each gives one line, nothing is deleted, and the advice works."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import SAMPLE_ARCHIVE, Newsdesk, make_read_only

QUESTION = "When did the third truce take effect?"
ARTICLE = SAMPLE_ARCHIVE / "2020-10-26-washington-truce.md"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def line_of(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a failed command."""
    assert (done.returncode, done.stdout) == (1, ""), done.stdout + done.stderr
    [line] = done.stderr.splitlines()
    assert line.startswith("newsdesk: ")
    return line


@pytest.mark.parametrize(
    ("home", "commands"),
    [
        ("a file", [["ask", QUESTION], ["sources"], ["ingest", ARTICLE], ["status"]]),
        ("/proc/newsdesk", [["ingest", ARTICLE], ["chat"], ["status"]]),
    ],
)
def test_a_home_that_cannot_be_written(
    newsdesk: Newsdesk, tmp_path: Path, home: str, commands: list[list[str]]
) -> None:
    (tmp_path / "a file").write_text("mine")
    place = tmp_path / home
    for command in commands:
        assert str(place) in line_of(newsdesk(*command, "--home", place))
    assert (tmp_path / "a file").read_text() == "mine"


def test_a_home_that_is_read_only_can_be_asked(
    own_sample: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = own_sample("ask", QUESTION)
    before = contents(own_sample.home)
    make_read_only(own_sample.home, monkeypatch)
    done = own_sample("ask", QUESTION)
    assert (done.returncode, done.stdout, done.stderr) == (0, whole.stdout, "")
    assert own_sample("sources").returncode == 0
    assert contents(own_sample.home) == before


def test_deleted_vectors_are_said_and_made_anew(own_sample: Newsdesk) -> None:
    shutil.rmtree(own_sample.home / "chroma")
    done = own_sample("ask", QUESTION)
    assert done.returncode == 0
    assert "[1]" in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("newsdesk: Searched by words alone")
    assert json.loads(own_sample("ask", "--json", QUESTION).stdout)["notice"] in line
    assert own_sample("status").returncode == 1
    assert own_sample("ingest", ARTICLE).returncode == 0
    assert own_sample("status").returncode == 0
    assert own_sample("ask", QUESTION).stderr == ""


def test_a_damaged_catalog(own_sample: Newsdesk) -> None:
    with (own_sample.home / "catalog.db").open("r+b") as file:
        file.write(b"This was a catalog. " * 500)
    before = contents(own_sample.home)
    batch = own_sample.folder / "batch.jsonl"
    batch.write_text((json.dumps({"id": 1, "question": QUESTION}) + "\n") * 3)
    commands: list[list[str | Path]] = [["ask", "--batch", batch], ["ingest", ARTICLE]]
    for command in commands:
        line = line_of(own_sample(*command))
        assert "Nothing was deleted" in line
        assert f"Move {own_sample.home} away and ingest" in line
    done = own_sample("status")
    assert (done.returncode, done.stderr) == (1, "")
    assert "Articles   unknown" in done.stdout
    assert "Nothing was deleted" in done.stdout
    assert contents(own_sample.home) == before
    own_sample.home.rename(own_sample.home.with_name("away"))
    assert own_sample("ingest", ARTICLE).stdout.startswith("1 added")


def test_a_catalog_damaged_further_in_is_found_by_status(own_sample: Newsdesk) -> None:
    with (own_sample.home / "catalog.db").open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xa5" * 40 * 4096)
    done = own_sample("status", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    [problem] = json.loads(done.stdout)["problems"]
    assert "damaged" in problem
    assert "\n" not in problem


def test_a_damaged_vector_store(own_sample: Newsdesk) -> None:
    chroma = own_sample.home / "chroma"
    with (chroma / "chroma.sqlite3").open("r+b") as file:
        file.write(b"These were vectors. " * 500)
    before = contents(own_sample.home)
    line = line_of(own_sample("ask", QUESTION))
    assert "Nothing was deleted" in line
    assert str(chroma) in line
    assert "newsdesk ingest --rebuild" in line
    health = json.loads(own_sample("status", "--json").stdout)
    assert health["articles"] == len(list(SAMPLE_ARCHIVE.glob("*.md")))
    assert any("newsdesk ingest --rebuild" in problem for problem in health["problems"])
    assert contents(own_sample.home) == before
    chroma.rename(own_sample.home / "away")
    missing = own_sample("status")
    assert missing.returncode == 1
    assert "no vector" in missing.stdout
    rebuilt = own_sample("ingest", "--rebuild")
    assert (rebuilt.returncode, rebuilt.stdout) == (0, "")
    assert "[1]" in own_sample("ask", QUESTION).stdout


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    gc.collect()  # Chroma's last connections go with its garbage, and keep the disk busy
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.process
def test_a_full_disk(newsdesk: Newsdesk, small_disk: Path) -> None:
    full = newsdesk.told(NEWSDESK_HOME=str(small_disk / "home"))
    assert full("ingest", ARTICLE).returncode == 0
    ballast = small_disk / "ballast"
    fill(ballast)
    line = line_of(full("ingest", SAMPLE_ARCHIVE))
    assert "full: free some space" in line
    status = full("status", "--json")
    assert (status.returncode, status.stderr) == (1, "")
    assert any("No space left" in problem for problem in json.loads(status.stdout)["problems"])
    ballast.unlink()
    assert "[1]" in full("ask", QUESTION).stdout


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
