"""One agency's text in three papers, on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Newsdesk

TEXT = (
    "The ferry Solveig ran aground off Hestra with 214 people aboard on Tuesday. "
    "Lifeboats from Brannvik took off all passengers within three hours. "
    "Karin Dahl of the coastguard said that the lights had been working."
)
ASKED = "Where did the lifeboats that took off all passengers come from?"


def paper(path: Path, source: str, day: int, text: str) -> Path:
    front = f"---\ntitle: Ferry in {source}\nsource: {source}\npublished: 2021-03-{day:02}\n---\n"
    path.write_text(f"{front}{text}\n", encoding="utf-8")
    return path


def test_copies_are_reported_and_named_beside_the_source(
    newsdesk: Newsdesk, tmp_path: Path
) -> None:
    news = tmp_path / "news"
    news.mkdir()
    agency = paper(news / "agency.md", "Agency", 2, TEXT)
    star = paper(news / "star.md", "Star", 3, f"{TEXT}\n\nThe Star has no pictures of it.")
    radio = paper(news / "radio.md", "Radio", 4, TEXT.rpartition(". ")[0] + ".")
    done = newsdesk("ingest", news)
    assert done.stdout.splitlines()[1] == "2 copies of articles that are there"
    assert sorted(done.stderr.splitlines()) == [
        f"newsdesk: {copy}: a copy of {agency}, with which it is searched as one"
        for copy in (radio, star)
    ]
    assert "also in Star and Radio" in newsdesk("ask", ASKED).stdout
    (citation,) = json.loads(newsdesk("ask", "--json", ASKED).stdout)["citations"]
    assert citation["uri"] == str(agency)
    assert citation["also"] == [
        {"outlet": name, "published": f"2021-03-0{day}", "url": None, "uri": str(file)}
        for name, day, file in (("Star", 3, star), ("Radio", 4, radio))
    ]


def test_another_place_of_a_text_is_named_while_it_is_there(
    newsdesk: Newsdesk, tmp_path: Path
) -> None:
    news = tmp_path / "news"
    news.mkdir()
    first, again = news / "a.txt", news / "b.txt"
    first.write_text(TEXT)
    again.write_text(TEXT)

    def also() -> list[str]:
        (citation,) = json.loads(newsdesk("ask", "--json", ASKED).stdout)["citations"]
        return [carrier["uri"] for carrier in citation.get("also", [])]

    newsdesk("ingest", news)
    assert also() == [str(again)]
    renamed = first.rename(news / "c.txt")
    newsdesk("ingest", renamed)
    assert also() == [str(again)]
    again.unlink()
    newsdesk("ingest", "--prune", news)
    assert also() == []


def test_a_place_is_not_named_for_what_its_text_was_not(newsdesk: Newsdesk, tmp_path: Path) -> None:
    first, again = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text(TEXT)
    again.write_text(TEXT)
    newsdesk("ingest", first, again)
    first.write_text(TEXT.replace("Brannvik", "Skarnes"))
    newsdesk("ingest", first)
    citations = json.loads(newsdesk("ask", "--json", ASKED).stdout)["citations"]
    assert {citation["uri"]: "also" in citation for citation in citations} == {
        str(first): False,
        str(again): False,
    }
