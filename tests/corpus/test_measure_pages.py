import json
from pathlib import Path

import pytest

from scripts import measure_pages

TEXT = "".join(
    f"<p>On {day} May the river rose again, and the old bridge in the town stayed closed.</p>"
    for day in range(1, 6)
)


def page(folder: Path, name: str, head: str, **expected: str | None) -> None:
    (folder / name).mkdir()
    (folder / name / "source.html").write_text(
        f"<html><head><title>Storm</title>{head}</head><body><h1>Storm</h1>{TEXT}</body></html>"
    )
    (folder / name / "expected-metadata.json").write_text(json.dumps(expected))


def test_pages_are_counted_as_right_wrong_unknown_or_without_the_thing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dated = "<meta name='date' content='2020-10-27'>"
    page(tmp_path, "a", dated, title="Storm", publishedTime="2020-10-27T10:00:00Z", siteName=None)
    page(tmp_path, "b", dated, title="Storm!", publishedTime="2020-10-28")
    page(tmp_path, "c", "", title="Flood", publishedTime="2020-10-28")
    page(tmp_path, "d", dated)
    (tmp_path / "a" / "expected.html").write_text(f"<div>{TEXT}<p>{'lost ' * 80}</p></div>")
    assert measure_pages.main([str(tmp_path), "--misses"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert "4 pages" in shown
    assert "date right 1 of 3 that state one (0.33), wrong 1, unknown 1" in shown
    assert "found where none is stated 1" in shown
    assert "title right 2 of 3 that state one (0.67), wrong 1, unknown 0" in shown
    assert "source right 0 of 0" in shown
    assert "precision 1.000, recall 0.500 of words, mean of 1 pages" in shown
    assert "name='c'" in shown


def test_without_a_folder_it_says_how_it_is_called(capsys: pytest.CaptureFixture[str]) -> None:
    assert measure_pages.main([]) == 2
    assert "FOLDER" in capsys.readouterr().err
