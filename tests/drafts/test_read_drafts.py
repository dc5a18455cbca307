"""What is read of a draft's file: what is to be checked, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.drafts import read_draft
from retrieval.errors import CannotCheck


def read(folder: Path, name: str, text: str) -> tuple[str, list[str]]:
    """Return the title of a draft, and its paragraphs."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    draft = read_draft(path)
    return draft.title, draft.text.split("\n\n")


def test_items_of_markdown_lists_keep_their_marks(tmp_path: Path) -> None:
    title, lines = read(
        tmp_path,
        "terms.md",
        "* Kalbajar on\n  25 November\n\n  or later\n* [x] Aghdam\n\n7) Lachin\n8) \n\nSo it was.",
    )
    assert title == "terms"
    assert lines == [
        "- Kalbajar on 25 November", "or later", "- [x] Aghdam", "7) Lachin", "So it was.",
    ]  # fmt: skip


def test_a_row_of_a_markdown_table_is_one_line(tmp_path: Path) -> None:
    table = "| Town | Date | Year |\n|---|---|---|\n| Aghdam | 20 November | 2020 |\n| | | |\n"
    assert read(tmp_path, "a.md", f"# Towns\n\n{table}\nAll.")[1] == [
        "# Town: Date, Year", "- Aghdam: 20 November, 2020", "All.",
    ]  # fmt: skip


def test_html_in_markdown_is_read_and_code_is_not(tmp_path: Path) -> None:
    text = (
        "# Soldiers\n\n<div><p>Russia will deploy <b>1,960</b> soldiers.</p><script>x</script>"
        "</div>\n\n<!-- no -->\n\n<ul><li><p>Aghdam</p></li></ul>\n\n```\ncode\n```\n\n    more\n"
    )
    assert read(tmp_path, "a.md", text) == (
        "Soldiers",
        ["Russia will deploy 1,960 soldiers.", "- Aghdam"],
    )
    with pytest.raises(CannotCheck, match="no article text"):
        read(tmp_path, "code.md", "```\ncode\n```\n")


def test_footnotes_are_paragraphs_and_their_marks_in_the_text_are_gone(tmp_path: Path) -> None:
    text = "# Aghdam\n\nIt fell.[^1] It was returned.[^two]\n\n[^1]: In 1993.\n[^two]: In 2020.\n"
    assert read(tmp_path, "a.md", text)[1] == [
        "It fell. It was returned.", "[^1]: In 1993.", "[^two]: In 2020.",
    ]  # fmt: skip
    assert read(tmp_path, "a.txt", "It fell.[^1] So.")[1] == ["It fell. So."]


PIECE = (
    "<p>Russia will deploy <b>1,960</b> soldiers.</p><script>var x</script><style>p {}</style>"
    "<ol><li><p>Aghdam</p><p>at once</p></li></ol>"
    "<table><tr><th>Town</th><th>Date</th></tr><tr><td>Lachin</td><td>1 December</td></tr></table>"
)
LINES = [
    "Russia will deploy 1,960 soldiers.",
    "- Aghdam at once",
    "# Town: Date",
    "- Lachin: 1 December",
]


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a"])
@pytest.mark.parametrize("before", ["", "\ufeff\n<!-- pasted -->\n"])
def test_a_piece_of_html_is_read_whole_whatever_its_name(
    tmp_path: Path, name: str, before: str
) -> None:
    assert read(tmp_path, name, before + PIECE) == ("", LINES)


@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.md"])
def test_a_page_is_read_as_one_whatever_its_name(tmp_path: Path, name: str) -> None:
    page = (
        "<!-- saved --><!DOCTYPE html><html><head><title>Terms</title></head><body><article>"
        f"<h1>Terms</h1>{PIECE}</article></body></html>"
    )
    lines = [line.replace(" at once", "") for line in LINES]
    assert read(tmp_path, name, page.replace("<p>at once</p>", "")) == ("Terms", lines)


def test_a_text_with_a_tag_further_on_is_plain_text(tmp_path: Path) -> None:
    assert read(tmp_path, "a.txt", "So <p>it</p> was.") == ("", ["So <p>it</p> was."])
