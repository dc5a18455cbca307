"""What no article has is refused with the reason, before a library takes minutes over it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.article import Article, Rejection
from corpus.reading import read_file
from tests.conftest import Newsdesk

SENTENCE = "The ferry sailed at noon, and nobody was hurt on the way across. "
LONG = SENTENCE * (1_000_000 // len(SENTENCE) + 1)


def page(body: str) -> str:
    return f"<html><body><article><h1>T</h1><p>{SENTENCE * 5}</p>{body}</article></body></html>"


REFUSED = [
    ("long.txt", f"A title\n\n{LONG}", "longer than 1 MB of text"),
    ("blank.txt", "A title\n\nText." + " \n" * 500_000, "longer than 1 MB of text"),
    ("long.md", f"# A title\n\n{LONG}", "longer than 1 MB of text"),
    ("long.html", page(f"<p>{LONG}</p>"), "longer than 1 MB of text"),
    ("long.json", json.dumps({"title": "T", "text": LONG}), "longer than 1 MB of text"),
    ("long.jsonl", json.dumps({"title": "T", "text": LONG}), "longer than 1 MB of text"),
    ("title.json", json.dumps({"title": "T " * 2000, "text": SENTENCE}), "its title is longer"),
    ("title.md", f"# {'T ' * 2000}\n\n{SENTENCE}", "its title is longer"),
    ("source.md", f"---\nsource: {'S ' * 2000}\n---\n{SENTENCE}", "its source is longer"),
    ("id.json", json.dumps([{"id": "x" * 3000, "text": SENTENCE}]), "its address is longer"),
    ("front.md", "---\n" + "a: b\n" * 11_000 + f"---\n{SENTENCE}", "front matter: longer than"),
    ("brackets.md", SENTENCE + "[" * 21_000, "more than 20,000 square brackets"),
    (
        "tables.md",
        SENTENCE + ("\n\n" + "|a" * 50 + "|\n" + "|-" * 50 + "|\n" + "|\n" * 700) * 3,
        "more than 200,000 marks, table cells and list items",
    ),
    ("deep.html", page("<div>" * 260 + SENTENCE), "nested 250 elements deep"),
    ("wide.html", page("a<br>" * 31_000), "more than 30,000 elements"),
    (
        "attributes.html",
        page("<p " + " ".join(f"a{n}='<b>' b{n}=\"1\" c{n}=x d{n}" for n in range(60)) + ">a</p>"),
        "a tag of this page has 200 attributes or more",
    ),
]


@pytest.mark.parametrize(
    ("name", "content", "reason"), REFUSED, ids=[name for name, _, _ in REFUSED]
)
def test_what_no_article_has_is_refused(
    tmp_path: Path, name: str, content: str, reason: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    (refused,) = read_file(path)
    assert isinstance(refused, Rejection)
    assert reason in refused.reason


ACCEPTED = [
    ("long.txt", f"A title\n\n{LONG[:900_000]}"),
    ("links.md", f"# A title\n\n{'[a](b) ' * 5000}{SENTENCE}"),
    ("table.md", f"# T\n\n{SENTENCE}\n\n|a|b|\n|-|-|\n" + "|1|2|\n" * 5000),
    ("deep.html", page("<div>" * 200 + SENTENCE)),
    ("wide.html", page("<p>a</p>" * 5000)),
    ("attributes.html", page(f"<p {' '.join(f'a{n}=1' for n in range(150))}>a < b</p>" * 20)),
    ("data.html", page(f"<img src='data:{'a b=c ' * 5000}'>")),
]


@pytest.mark.parametrize(("name", "content"), ACCEPTED, ids=[name for name, _ in ACCEPTED])
def test_long_articles_and_large_pages_are_read(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    (article,) = read_file(path)
    assert isinstance(article, Article)


def test_an_ingest_names_what_it_refused_and_takes_the_rest(
    newsdesk: Newsdesk, tmp_path: Path
) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "long.txt").write_text(f"A title\n\n{LONG}")
    (folder / "ferry.txt").write_text(f"Ferries\n\n{SENTENCE}")
    done = newsdesk("ingest", folder)
    assert (done.returncode, done.stdout[:7]) == (0, "1 added")
    assert f"rejected {folder / 'long.txt'}: longer than 1 MB of text" in done.stderr
