from __future__ import annotations

import json
import re

import pytest

from bot.commands.sources import full_id
from bot.rendering.articles import digits_to_tell_apart
from retrieval.errors import ArticleNotFound
from tests.conftest import Newsdesk


def test_the_list_is_newest_first_and_the_same_in_text_and_json(sample: Newsdesk) -> None:
    text = sample("sources")
    assert (text.returncode, text.stderr) == (0, "")
    rows = [line.split("\t") for line in text.stdout.splitlines()]
    assert len(rows) >= 30
    assert [row[1] for row in rows] == sorted((row[1] for row in rows), reverse=True)
    listed = json.loads(sample("sources", "list", "--json").stdout)
    fields = ("id", "published", "source", "title")
    assert rows == [[article[name] for name in fields] for article in listed]


def test_show_takes_the_beginning_of_an_id(sample: Newsdesk) -> None:
    article_id, day, source, title = sample("sources").stdout.splitlines()[0].split("\t")
    shown = sample("sources", "show", article_id[:8].upper())
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    assert lines[0] == title
    assert lines[1].startswith(source)
    assert article_id in lines
    whole = json.loads(sample("sources", "show", article_id, "--json").stdout)
    assert (whole["id"], whole["published"], whole["title"]) == (article_id, day, title)
    assert shown.stdout.endswith(whole["body"].split("\n\n")[-1] + "\n")


def test_remove_takes_out_all_or_none(newsdesk: Newsdesk) -> None:
    folder = newsdesk.folder
    for name in ("one", "two", "three"):
        (folder / f"{name}.txt").write_text(f"Story {name}\n\nThe {name} ship reached the port.\n")
    assert newsdesk("ingest", folder).returncode == 0
    ids = {a["title"]: a["id"] for a in json.loads(newsdesk("sources", "--json").stdout)}
    failed = newsdesk("sources", "remove", ids["Story one"], "0000")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert re.fullmatch(r"newsdesk: No article has the id 0000.*\n", failed.stderr)
    done = newsdesk("sources", "remove", ids["Story one"], ids["Story two"], ids["Story one"])
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 2
    assert str(folder / "one.txt") in done.stdout
    left = json.loads(newsdesk("sources", "--json").stdout)
    assert [article["title"] for article in left] == ["Story three"]


def test_an_id_is_found_by_its_beginning_only_where_that_is_one_article() -> None:
    ids = ["abcd0000", "abcd1111", "ffff0000"]
    assert full_id("ffff", ids) == "ffff0000"
    for start, problem in (
        ("abcd", "2 articles .* abcd0000, abcd1111"),
        ("9999", "No article"),
        ("fff", "not an article's id"),
        ("../x", "not an article's id"),
    ):
        with pytest.raises(ArticleNotFound, match=problem):
            full_id(start, ids)


def test_ids_are_shown_as_long_as_they_have_to_be() -> None:
    assert digits_to_tell_apart([]) == 8
    assert digits_to_tell_apart(["0123456789abcdef", "1123456789abcdef"]) == 8
    assert digits_to_tell_apart(["0123456789abcdef", "0123456789aacdef"]) == 12
