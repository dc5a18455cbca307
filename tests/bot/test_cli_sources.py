from __future__ import annotations

import json
import re
from pathlib import Path

import pexpect
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


def on_a_terminal(newsdesk: Newsdesk, rows: int, columns: int, *arguments: str) -> list[str]:
    """Run a command on a terminal; return its lines. Its pager leaves a copy in `paged`."""
    environment = newsdesk.environment | {"TERM": "xterm", "PAGER": "tee paged"}
    child = pexpect.spawn(
        newsdesk.command[0],
        [*newsdesk.command[1:], *arguments],
        env=environment,
        cwd=str(newsdesk.folder),
        dimensions=(rows, columns),
        encoding="utf-8",
    )
    child.expect(pexpect.EOF, timeout=60)
    assert isinstance(child.before, str)
    return re.sub(r"\x1b\[[\d;]*m", "", child.before).splitlines()


@pytest.mark.process
def test_a_terminal_gets_a_table_that_fits_it_and_a_pager_where_it_is_longer(
    sample: Newsdesk, tmp_path: Path
) -> None:
    newsdesk = Newsdesk(sample.home, tmp_path)
    articles = json.loads(newsdesk("sources", "--json").stdout)
    lines = on_a_terminal(newsdesk, 100, 60, "sources")
    assert not (tmp_path / "paged").exists()
    assert lines[0].split() == ["Id", "Date", "Outlet", "Title"]
    assert len(lines) == 1 + len(articles)
    assert max(map(len, lines)) <= 60
    for line, article in zip(lines[1:], articles, strict=True):
        assert line.split()[:2] == [article["id"][:8], article["published"]]
    assert on_a_terminal(newsdesk, 100, 40, "sources")[0].split() == ["Id", "Date", "Title"]
    for columns, arguments in ((40, ["sources"]), (80, ["sources", "show", articles[0]["id"]])):
        shown = on_a_terminal(newsdesk, 10, columns, *arguments)
        paged = (tmp_path / "paged").read_text(encoding="utf-8").splitlines()
        assert [line.rstrip() for line in shown] == [line.rstrip() for line in paged]
        assert max(map(len, paged)) <= max(columns, len(articles[0]["uri"]))


def completed(newsdesk: Newsdesk, line: str) -> list[str]:
    """What the shell offers at the end of a line."""
    words = line.split(" ")
    settings = {"_NEWSDESK_COMPLETE": "complete_bash", "COMP_WORDS": line}
    told = newsdesk.told(**settings, COMP_CWORD=str(len(words) - 1))
    return told().stdout.split()


def test_ids_and_engines_are_completed(sample: Newsdesk, newsdesk: Newsdesk) -> None:
    ids = sorted(article["id"] for article in json.loads(sample("sources", "--json").stdout))
    for command in ("show", "remove"):
        assert completed(sample, f"newsdesk sources {command} ") == ids
        assert completed(sample, f"newsdesk sources {command} {ids[3][:6]}") == [ids[3]]
    given = f"newsdesk --home {sample.home} sources show {ids[3][:6]}"
    assert completed(newsdesk, given) == [ids[3]]
    assert completed(sample, "newsdesk ask --engine ex") == ["extractive"]
    nothing = newsdesk.told(NEWSDESK_HOME=str(newsdesk.folder / "none"))
    assert completed(nothing, "newsdesk sources show ") == []
    assert not (newsdesk.folder / "none").exists()
    damaged = newsdesk.told(NEWSDESK_TIMEOUT="never")
    assert completed(damaged, "newsdesk sources show ") == []
