from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from tests.conftest import Newsdesk
from tests.retrieval.archive_kit import nonce

FERRY = "The night ferry to Orkney carried {} passengers on its last crossing."


def story(path: Path, text: str = FERRY.format(212)) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"Last ferry\n\n{text}\n", encoding="utf-8")
    return path


def report_of(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done.stdout)
    outcomes = ["added", "updated", "unchanged", "removed", "rejected"]
    assert list(found) == [
        *outcomes,
        "ambiguous_date",
        "duplicates",
        "withdrawn",
        "withdrawn_before",
        "copies_left",
        "copies",
        "not_read",
    ]
    return found


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something to happen; fail if it does not."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.05)


def test_bad_input_is_named_with_its_reason_and_the_rest_goes_in(
    newsdesk: Newsdesk, tmp_path: Path
) -> None:
    folder = tmp_path / "my news 🗞️"
    story(folder / "ferry.txt")
    (folder / "latin.txt").write_bytes("Café\n\nLe café a fermé à Orléans.\n".encode("cp1252"))
    (folder / "rude.txt").write_text(
        "Cap\x1b[31msize\x1b]0;owned\x07\n\nThe tug \x1b[2J\x9b5mcap\u202esized\x07 off Skye.\n"
    )
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 20)
    (folder / "empty.md").write_bytes(b"")
    (folder / "front.md").write_text("---\ntitle: [one, two\n---\nThe body of a story.\n")
    (folder / "menu.html").write_text(
        "<html><body><script>go()</script><img src='a.png'></body></html>"
    )
    (folder / "huge.txt").write_bytes(b"All work and no play. " * (50_000_000 // 22))
    (folder / "lines.jsonl").write_text(
        '{"id": "a", "title": "Tug", "text": "A tug sank off Skye."}\n{"id": "b", "text"\n'
    )
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / "link.txt").symlink_to(tmp_path / "gone.txt")
    # A file that opens and cannot be read, not even by root.
    (folder / "closed.txt").symlink_to("/proc/self/mem")
    (tmp_path / "no articles").mkdir()
    given = [folder, folder / "picture.png", tmp_path / "missing", tmp_path / "no articles"]
    done = newsdesk("ingest", "--json", *given)
    assert done.returncode == 0
    report = report_of(done)
    rejected = {Path(row["uri"]).name: row["reason"] for row in report["rejected"] if row["reason"]}
    expected = {
        "binary.txt": "binary",
        "empty.md": "empty",
        "front.md": "front matter",
        "menu.html": "no article",
        "huge.txt": "larger than 10 MB",
        "lines.jsonl:2": "not valid JSON",
        "picture.png": "unsupported kind of file",
        "link.txt": "no such file",
        "closed.txt": "input/output error",
        "missing": "no such file or folder",
        "no articles": "no article files",
    }
    assert rejected.keys() == expected.keys()
    for name, reason in expected.items():
        assert reason in rejected[name]
    assert {Path(uri).name for uri in report["added"]} == {
        *("ferry.txt", "latin.txt", "rude.txt", "lines.jsonl#a")
    }
    lines = done.stderr.splitlines()
    assert len(lines) == len(expected)
    assert all(line.startswith("newsdesk: rejected /") for line in lines)
    assert "my news 🗞" in done.stderr
    shown = newsdesk("sources").stdout + newsdesk("ask", "Which tug capsized off Skye?").stdout
    assert "Capsize" in shown
    assert "The tug capsized off Skye. [1]" in shown
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown + done.stderr)


def test_nothing_to_ingest_is_a_failure_in_one_line(newsdesk: Newsdesk, tmp_path: Path) -> None:
    for path, reason in (
        (tmp_path / "missing", "no such file or folder"),
        (newsdesk.folder, "no article files"),
    ):
        done = newsdesk("ingest", path)
        assert done.returncode == 1
        assert done.stdout == "0 added, 0 updated, 0 unchanged, 0 removed, 1 rejected\n"
        [line] = done.stderr.splitlines()
        assert reason in line


def test_wrong_usage(newsdesk: Newsdesk) -> None:
    for arguments in ([], ["--prune", "--json"]):
        done = newsdesk("ingest", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1
    assert not newsdesk.home.exists()


def test_added_updated_unchanged_and_pruned(newsdesk: Newsdesk, tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "news", story(tmp_path / "elsewhere/else.txt", "No boat sailed.")
    ferry, tug = story(folder / "ferry.txt"), story(folder / "deep/tug.txt", "A tug sank.")
    lines = folder / "lines.jsonl"
    lines.write_text("".join(f'{{"id": "{i}", "text": "Ship {i} came in."}}\n' for i in "abc"))
    first = newsdesk("ingest", folder, elsewhere)
    assert first.returncode == 0
    assert first.stdout == "6 added, 0 updated, 0 unchanged, 0 removed, 0 rejected\n"
    assert first.stderr == ""
    story(ferry, FERRY.format(340))
    tug.unlink()
    elsewhere.unlink()
    lines.write_text('{"id": "a", "text": "Ship a came in."}\n')
    second = report_of(newsdesk("ingest", "--json", folder))
    assert second["updated"] == [str(ferry)]
    assert second["unchanged"] == [f"{lines}#a"]
    assert second["removed"] == second["added"] == []
    pruned = report_of(newsdesk("ingest", "--json", "--prune", folder))
    assert sorted(pruned["removed"]) == [str(tug), f"{lines}#b", f"{lines}#c"]
    left = {article["uri"] for article in json.loads(newsdesk("sources", "--json").stdout)}
    assert left == {str(ferry), f"{lines}#a", str(elsewhere)}


def test_pruning_by_a_folder_without_articles_keeps_them(
    newsdesk: Newsdesk, tmp_path: Path
) -> None:
    ferry = story(tmp_path / "disk/ferry.txt")
    newsdesk("ingest", ferry)
    ferry.unlink()
    pruned = newsdesk("ingest", "--prune", ferry.parent)
    assert (pruned.returncode, " 0 removed" in pruned.stdout) == (1, True)
    kept, rejected = pruned.stderr.splitlines()
    assert kept.startswith(f"newsdesk: {ferry.parent} holds no article file")
    assert rejected.startswith(f"newsdesk: rejected {ferry.parent}: ")
    assert str(ferry) in newsdesk("sources", "--json").stdout


def test_another_encoder_calls_for_another_index(newsdesk: Newsdesk, tmp_path: Path) -> None:
    from retrieval.embeddings.encoder import EMBEDDED

    newsdesk("ingest", story(tmp_path / "ferry.txt"))
    other = Path(shutil.copytree(EMBEDDED, tmp_path / "encoder"))
    fields = json.loads((other / "encoder.json").read_text())
    (other / "encoder.json").write_text(json.dumps(fields | {"name": "another"}))
    (other / "SHA256SUMS").unlink()
    changed = newsdesk.told(NEWSDESK_EMBEDDINGS=str(other))
    stale = changed("ask", "How many passengers did the night ferry to Orkney carry?")
    assert (stale.returncode, stale.stdout) == (1, "")
    assert re.fullmatch("newsdesk: .*Run `newsdesk ingest`.*\n", stale.stderr)
    rebuilt = changed("ingest")
    assert (rebuilt.returncode, rebuilt.stdout) == (0, "")
    assert "another index" in rebuilt.stderr.splitlines()[0]
    assert rebuilt.stderr.splitlines()[1:] == ["newsdesk: Indexed 1 article anew."]
    healthy = changed("status")
    assert (healthy.returncode, healthy.stderr) == (0, "")


@pytest.mark.process
def test_the_second_of_two_ingests_says_that_it_waits(newsdesk: Newsdesk, tmp_path: Path) -> None:
    newsdesk.home.mkdir()
    with FileLock(newsdesk.home / "ingest.lock"):
        process = newsdesk.start("ingest", story(tmp_path / "ferry.txt"))
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line == "newsdesk: Another ingest is running; waiting for it to finish…\n"
        assert process.poll() is None
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert out.startswith("1 added")


@pytest.mark.process
def test_ctrl_c_keeps_what_is_stored_and_says_how_much(newsdesk: Newsdesk, tmp_path: Path) -> None:
    path = tmp_path / "many.jsonl"
    with path.open("w") as file:
        for n in range(20_000):
            row = {"id": str(n), "title": f"Ship {n}", "text": f"Ship {n} reached pier {n * 7}."}
            file.write(json.dumps(row) + "\n")
    process = newsdesk.start("ingest", path)
    catalog = newsdesk.home / "catalog.db"

    def stored() -> int:
        try:
            with sqlite3.connect(f"file:{catalog}?mode=ro", uri=True) as connection:
                return int(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
        except sqlite3.OperationalError:
            return 0

    until(lambda: stored() > 0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    [line] = err.splitlines()
    count = re.search(r"Interrupted: ([\d,]+) articles stored", line)
    assert count is not None
    assert 0 < int(count[1].replace(",", "")) == stored() < 20_000
    assert newsdesk("status").returncode == 0


def test_files_of_other_kinds_are_counted_by_kind(newsdesk: Newsdesk, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    story(folder / "ferry.txt")
    for name in ("a.doc", "deep/b.DOC", "c.rtf", "Makefile", ".DS_Store", ".git/x.doc"):
        story(folder / name)
    done = newsdesk("ingest", folder, folder / "deep")
    assert done.returncode == 0
    assert done.stdout == (
        "1 added, 0 updated, 0 unchanged, 0 removed, 1 rejected\n"
        "not read: 2 .doc, 1 without an ending, 1 .rtf\n"
    )
    report = json.loads(newsdesk("ingest", folder, "--json").stdout)
    assert report["not_read"] == {".doc": 2, ".rtf": 1, "": 1}
    for number in range(20):
        story(folder / f"a.\x1b[3{number}m")
    many = newsdesk("ingest", folder).stdout.splitlines()[1]
    assert "\x1b" not in many
    assert many.endswith(", 13 of other kinds")


def test_a_date_that_reads_as_two_days_is_counted_and_as_of_leaves_its_article_out(
    newsdesk: Newsdesk, tmp_path: Path
) -> None:
    folder = tmp_path / "news"
    story(folder / "ferry.txt", f"Published: 03/04/2020\n\n{FERRY.format(212)}")
    lines = ({"text": "A tug sank off Skye.", "date": day} for day in ("04/03/2020", "2020-04-03"))
    (folder / "tugs.jsonl").write_text("\n".join(map(json.dumps, lines)))
    done = newsdesk("ingest", folder)
    assert done.stdout.splitlines()[1] == (
        "2 articles stored without a date: it reads as two days (03/04/2024)"
    )
    assert len(report_of(newsdesk("ingest", folder, "--json"))["ambiguous_date"]) == 2
    ask = {"id": "1", "question": "How many passengers did the night ferry to Orkney carry?"}
    (tmp_path / "ask.jsonl").write_text(
        json.dumps(ask) + "\n" + json.dumps(ask | {"id": "2", "as_of": "2024-01-01"})
    )
    asked = newsdesk("ask", "--batch", tmp_path / "ask.jsonl").stdout.splitlines()
    answered, left_out = map(json.loads, asked)
    assert "212" in answered["answer"]
    assert "212" not in json.dumps(left_out)


def test_a_file_that_may_not_be_read_does_not_stop_the_others(
    newsdesk: Newsdesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ferry, locked = story(tmp_path / "ferry.txt"), tmp_path / "locked.txt"
    locked.symlink_to("/proc/self/mem")  # cannot be read, not even by root
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != locked and may(path, mode))
    done = newsdesk("ingest", locked, ferry)
    assert (done.returncode, done.stdout[:7]) == (0, "1 added")
    [line] = done.stderr.splitlines()
    assert line.startswith(f"newsdesk: rejected {locked}: ")
    strict = newsdesk("ingest", "--strict", locked, ferry)
    assert (strict.returncode, " 1 unchanged," in strict.stdout) == (1, True)
    assert newsdesk("ingest", "--strict", ferry).returncode == 0


def test_an_address_and_stdin_are_answered_with_what_is_read(
    newsdesk: Newsdesk, tmp_path: Path
) -> None:
    given = ["s3://bucket/key", "-"]
    done = newsdesk("ingest", *given, story(tmp_path / "ferry.txt"))
    assert (done.returncode, done.stdout[:7]) == (0, "1 added")
    lines = done.stderr.splitlines()
    assert len(lines) == len(given)
    for line, name in zip(lines, given, strict=True):
        assert line.startswith(f"newsdesk: rejected {name}: only files and folders are read")


ORKNEY = "How many passengers did the night ferry to Orkney carry?"


def kept(newsdesk: Newsdesk) -> list[str]:
    return [article["uri"] for article in json.loads(newsdesk("sources", "--json").stdout)]


def test_many_texts_that_are_there_already_are_summed_in_one_line(
    newsdesk: Newsdesk, tmp_path: Path
) -> None:
    for name in ("news", "moved"):
        (tmp_path / name).mkdir()
        for number in range(12):
            text = f"Ferry {number} sails\n\nThe ferry {nonce(number)} left with {number} cars."
            (tmp_path / name / f"{number}.txt").write_text(text)
    newsdesk("ingest", tmp_path / "news")
    again = newsdesk("ingest", tmp_path / "moved")
    assert again.stdout.startswith("0 added, 0 updated, 12 unchanged")
    [line] = again.stderr.splitlines()
    assert line.startswith("newsdesk: 12 texts are stored already under other names")
    assert line.endswith("; --json names all")
    assert len(report_of(newsdesk("ingest", "--json", tmp_path / "moved"))["duplicates"]) == 12


@pytest.mark.parametrize("text", ["Last ferry\n\n" + FERRY.format(212), FERRY.format(212)])
def test_three_copies_of_a_text_are_one_source_and_pruning_keeps_it(
    newsdesk: Newsdesk, tmp_path: Path, text: str
) -> None:
    copies = [tmp_path / "news" / name for name in ("a.txt", "b.txt", "c.txt")]
    folder = copies[0].parent
    folder.mkdir()
    for copy in copies:
        copy.write_text(text)
    first = newsdesk("ingest", folder)
    assert first.stdout == "1 added, 0 updated, 2 unchanged, 0 removed, 0 rejected\n"
    assert first.stderr.splitlines() == [
        f"newsdesk: {copy}: same text as {copies[0]}, which is kept once" for copy in copies[1:]
    ]
    answer = json.loads(newsdesk("ask", "--json", ORKNEY).stdout)
    assert len(answer["citations"]) == 1
    again = report_of(newsdesk("ingest", "--prune", "--json", folder))
    assert again["duplicates"] == [{"uri": str(c), "kept": str(copies[0])} for c in copies[1:]]
    assert (again["removed"], kept(newsdesk)) == ([], [str(copies[0])])
    copies[0].unlink()
    newsdesk("ingest", "--prune", folder)
    assert kept(newsdesk) == [str(copies[1])]


def test_a_renamed_file_is_one_article_at_its_new_path(newsdesk: Newsdesk, tmp_path: Path) -> None:
    old = story(tmp_path / "news/old.txt")
    newsdesk("ingest", old)
    new = old.rename(old.with_name("new.txt"))
    renamed = report_of(newsdesk("ingest", "--json", new))
    assert (renamed["updated"], renamed["duplicates"]) == ([str(new)], [])
    assert kept(newsdesk) == [str(new)]


def test_a_record_that_moves_to_another_file_outlives_the_pruning_of_its_old_place(
    newsdesk: Newsdesk, tmp_path: Path
) -> None:
    rows = [json.dumps({"id": n, "text": FERRY.format(n)}) + "\n" for n in ("7", "8")]
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    old.write_text("".join(rows))
    newsdesk("ingest", tmp_path)
    old.write_text(rows[0])
    new.write_text(rows[1])
    assert report_of(newsdesk("ingest", "--json", old, new))["duplicates"] == [
        {"uri": f"{new}#8", "kept": f"{old}#8"}
    ]
    pruned = report_of(newsdesk("ingest", "--json", "--prune", old, new))
    assert (pruned["updated"], pruned["removed"]) == ([f"{new}#8"], [])
    assert sorted(kept(newsdesk)) == [f"{new}#8", f"{old}#7"]
