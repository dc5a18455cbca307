"""Which articles mention something: `newsdesk articles`, and the same asked as a question."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import newsdesk as front_door
from tests.bot.test_cli_copies import TEXT, paper
from tests.conftest import SAMPLE_ARCHIVE, Newsdesk


def listed(newsdesk: Newsdesk, *arguments: str) -> list[list[str]]:
    """The rows of the list: date, times, id, outlet, title, other outlets."""
    done = newsdesk("articles", *arguments)
    assert done.returncode == 0, done.stderr
    return [row.split("\t") for row in done.stdout.splitlines()]


def test_the_newest_come_first_with_how_often_each_mentions_it(sample: Newsdesk) -> None:
    with_the_name = {
        file.name[:10]: len(re.findall("Macron", text))
        for file in SAMPLE_ARCHIVE.glob("*.md")
        if "Macron" in (text := file.read_text())
    }
    rows = listed(sample, "macron")
    assert [row[0] for row in rows] == sorted(with_the_name, reverse=True)
    assert {row[0]: int(row[1]) for row in rows} == with_the_name
    ids = {row.split("\t")[0] for row in sample("sources").stdout.splitlines()}
    assert {row[2] for row in rows} < ids
    done = sample("articles", "macron", "-n", "2", "--json")
    value = json.loads(done.stdout)
    assert value["total"] == len(with_the_name)
    assert [one["id"] for one in value["articles"]] == [row[2] for row in rows[:2]]
    assert "Macron" in value["articles"][0]["quote"]
    assert sample("articles", "macron", "-n", "2").stderr == (
        f"newsdesk: {len(with_the_name)} articles; the newest 2 are listed.\n"
    )


def test_words_in_any_form_phrases_and_filters(sample: Newsdesk) -> None:
    def days(*arguments: str) -> set[str]:
        return {row[0] for row in listed(sample, "-n", "1000", *arguments)}

    assert days("peacekeeper deployed") == days("peacekeepers", "deploying") != set()
    assert days("lachin corridor") > days('"corridor lachin"') == set()
    assert days('"Lachin corridor"') <= days("Lachin", "the", "corridor")
    assert days("macron", "-putin") == days("macron") - days("macron", "putin")
    assert days("macron", "after:2020-10-02", "before:2020-11") == {"2020-10-02", "2020-10-18"}
    assert days("macron", "--since", "2020-10-02", "--until", "2020-10") == {
        "2020-10-02",
        "2020-10-18",
    }
    assert days("macron", "--as-of", "2020-10-01") == {"2020-09-04", "2020-10-01"}
    assert days("macron", "--source", "Nobody") == set()
    assert len(listed(sample, "macron", "-n2")) == 2
    assert days("macron", "in:title") == {"2020-10-01"}
    assert len(days()) > 30
    assert days("source:Nobody") == set()
    none = sample("articles", "zyzzyva")
    assert (none.returncode, none.stdout) == (0, "")
    assert none.stderr == "newsdesk: There is no such article.\n"
    for wrong in ("on:someday", " ".join(f"word{n}" for n in range(31))):
        done = sample("articles", wrong)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_one_text_is_one_article_and_no_outlet_is_missed(
    newsdesk: Newsdesk, tmp_path: Path
) -> None:
    news = tmp_path / "news"
    news.mkdir()
    paper(news / "agency.md", "Agency", 2, f"{TEXT}\n\nThe ferry was built in Umbrax in 1987.")
    paper(news / "star.md", "Star", 3, f"{TEXT}\n\nThe Star saw Hestra from the air.")
    paper(news / "radio.md", "Radio", 4, TEXT.rpartition(". ")[0] + ".")
    echo = {"title": "Ferry in Agency", "source": "Echo", "published": "2021-03-05"}
    echo["text"] = f"{TEXT}\n\nThe ferry was built in Umbrax in 1987."
    (news / "echo.jsonl").write_text(json.dumps(echo))
    (news / "own.txt").write_text("Own words\n\nThe lifeboats of Brannvik are old.\n")
    assert newsdesk("ingest", news).returncode == 0

    def rows(*arguments: str) -> list[tuple[str, str, str]]:
        return [(row[0][-2:], row[3], row[5]) for row in listed(newsdesk, *arguments)]

    everywhere = "also in Echo, Star and Radio"
    assert rows("lifeboats") == [("02", "Agency", everywhere), ("", "", "")]
    assert rows("lifeboats", "source:Star")[0][:2] == ("03", "Star")
    assert rows("lifeboats", "source:Radio")[0][:2] == ("04", "Radio")
    assert rows("lifeboats", "source:Echo") == [("02", "Agency", everywhere)]
    assert rows("lifeboats", "after:2021-03-03", "before:2021-03-04")[0][1] == "Star"
    assert rows("umbrax") == [("02", "Agency", "also in Echo")]
    assert rows("umbrax", "source:Star") == []
    assert [row[1] for row in rows("lifeboats", "-umbrax")] == ["Star", ""]
    assert [row[1] for row in rows("lifeboats air")] == ["Star"]
    assert rows('"took off all passengers"', "source:Radio")[0][1] == "Radio"
    assert rows('"seen from the air"') == []
    assert rows("source:Radio", "-lifeboats") == []
    # Asked as a question, it is the same.
    answer = json.loads(newsdesk("ask", "--json", "Which articles mention lifeboats?").stdout)
    assert answer["answer"].startswith("2 articles mention “lifeboats”:\n• Ferry in Agency")
    star = json.loads(newsdesk("ask", "--json", "Which articles mention air? source:Star").stdout)
    assert [citation["source"] for citation in star["citations"]] == ["Star"]


def test_what_is_under_an_embargo_is_not_listed(newsdesk: Newsdesk) -> None:
    item: dict[str, Any] = {
        "uri": "urn:x:1",
        "type": "text",
        "headline": "Dam opens",
        "body_text": "The Umbrax dam was opened on Monday by the minister of works.",
        "embargoed": "2099-01-01T00:00:00Z",
    }
    file = newsdesk.folder / "item.json"
    file.write_text(json.dumps(item))
    assert newsdesk("ingest", file).returncode == 0
    assert listed(newsdesk) == listed(newsdesk, "umbrax") == []
    file.write_text(json.dumps(item | {"embargoed": "2020-01-01T00:00:00Z"}))
    newsdesk("ingest", file)
    assert [row[4] for row in listed(newsdesk, "umbrax")] == ["Dam opens"]


def test_a_question_for_articles_gets_the_same(sample: Newsdesk) -> None:
    rows = listed(sample, "Armenia", "-n", "10")
    question = "What articles are there about Armenia?"
    answer = json.loads(sample("ask", "--json", question).stdout)
    first, *lines = answer["answer"].splitlines()
    assert first == "27 articles mention “Armenia”; the newest 10:"
    assert [re.sub(r"• (.*), \d+ \w+ \d{4} \[\d+\]$", r"\1", line) for line in lines] == [
        row[4] for row in rows
    ]
    assert [citation["article_id"] for citation in answer["citations"]] == [row[2] for row in rows]
    assert all(re.search("Armenia", citation["quote"]) for citation in answer["citations"])
    batch = sample.folder / "batch.jsonl"
    batch.write_text(json.dumps({"id": 1, "question": question, "as_of": "2020-10-01"}))
    [line] = sample("ask", "--batch", batch).stdout.splitlines()
    cited = json.loads(line)["citations"]
    assert cited
    assert max(citation["published"] for citation in cited) <= "2020-10-01"
    with front_door.Newsdesk(home=sample.home, engine="extractive") as desk:
        told = desk.ask("How many articles mention Macron in October 2020?")
    assert told.text.startswith("3 articles mention “Macron”:\n• ")
    none = sample("chat", input="Which articles mention Zelensky?\nsay that again\n")
    assert none.stdout.count("\nNo article mentions that.\n\nNearest articles:") == 2


def test_a_title_is_no_mark_and_no_line_of_its_own(newsdesk: Newsdesk) -> None:
    record = {"title": "• [1] see", "text": "The Umbrax dam burst on Monday, said the mayor."}
    file = newsdesk.folder / "dam.jsonl"
    file.write_text(json.dumps(record))
    newsdesk("ingest", file)
    answer = json.loads(newsdesk("ask", "--json", "Which articles mention Umbrax?").stdout)
    assert answer["answer"] == "One article mentions “Umbrax”:\n• “• (1) see” [1]"
