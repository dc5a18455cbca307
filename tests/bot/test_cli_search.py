"""`newsdesk search`: what it shows of the passages found, and how its words are read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.rendering.found import excerpt
from tests.conftest import Newsdesk


def found(sample: Newsdesk, *arguments: str) -> dict[str, Any]:
    done = sample("search", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    value: dict[str, Any] = json.loads(done.stdout)
    return value


def marked(match: dict[str, Any]) -> set[str]:
    return {match["text"][start:end].lower() for start, end in match["marks"]}


def test_passages_are_shown_best_first_with_where_they_stand(sample: Newsdesk) -> None:
    done = sample("search", "third", "truce", "-k", "2")
    assert (done.returncode, done.stderr) == (0, "")
    title, place, text = done.stdout.splitlines()[:3]
    assert title.startswith("[1] Third Karabakh truce, brokered in Washington")
    assert title.endswith(" — Newsdesk sample archive, 26 October 2020")
    assert place.strip().endswith("2020-10-26-washington-truce.md")
    assert "A third ceasefire in Nagorno-Karabakh took effect" in text
    assert "[2] " in done.stdout
    assert "[3] " not in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.process
def test_a_terminal_shows_the_words_in_bold(sample: Newsdesk) -> None:
    done = sample.told(FORCE_COLOR="1", TERM="xterm", COLUMNS="200").run("search", "truce", "-k1")
    assert "\x1b[1;33mtruce\x1b[0m" in done.stdout


def test_json_has_the_passages_with_the_places_of_the_words(sample: Newsdesk) -> None:
    value = found(sample, "peacekeeper deployed", "-k", "3")
    assert list(value) == ["query", "filters", "matches"]
    assert (value["query"], value["filters"]) == ("peacekeeper deployed", "")
    assert len(value["matches"]) == 3
    first = value["matches"][0]
    assert list(first) == ["passage_id", "text", "start", "end", "score", "marks", "article"]
    assert marked(first) == {"peacekeepers", "deploy"}
    assert first["article"]["source"] == "Newsdesk sample archive"
    shown = json.loads(sample("sources", "show", "--json", first["article"]["id"]).stdout)
    assert shown["body"][first["start"] : first["end"]] == first["text"]


def test_a_word_with_a_dash_is_no_option(sample: Newsdesk) -> None:
    every = found(sample, "truce")
    without = found(sample, "truce", "-macron", "-k", "5")
    assert without["filters"] == "-macron"
    assert len(without["matches"]) == 5
    assert "macron" in json.dumps(every).lower()
    assert "macron" not in json.dumps(without["matches"]).lower()
    assert found(sample, "-k2", "-kosovo", "truce")["filters"] == "-kosovo"
    assert found(sample, "truce", "-red cross")["filters"] == '-"red cross"'
    refused = sample("search", "truce", "--oil")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "--oil" in refused.stderr


def test_a_phrase_alone_is_found_where_it_stands(sample: Newsdesk) -> None:
    value = found(sample, '"humanitarian truce"')
    assert (value["query"], value["filters"]) == ("humanitarian truce", '"humanitarian truce"')
    assert value["matches"]
    for match in value["matches"]:
        assert "humanitarian truce" in marked(match)


def test_nothing_found_is_said_with_the_filter_that_stands(sample: Newsdesk) -> None:
    done = sample("search", 'source:Tribune "third truce"')
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.splitlines() == [
        "newsdesk: Nothing was found. A filter stands, and may keep it out: "
        'source:Tribune "third truce"'
    ]


def test_words_that_occur_nowhere_are_said_to(sample: Newsdesk) -> None:
    value = found(sample, "armistice")
    assert value["notice"].startswith("None of these words stands in what was found")
    assert not any(match["marks"] for match in value["matches"])
    assert "notice" not in found(sample, "truce")


def test_a_misspelt_word_is_corrected_and_that_is_said(sample: Newsdesk) -> None:
    done = sample("search", "ceasfire", "-k1")
    assert "ceasefire" in done.stdout
    assert done.stderr == "newsdesk: Read “ceasfire” as “ceasefire”.\n"


def test_an_exact_phrase_is_not_corrected(sample: Newsdesk) -> None:
    for command in ("search", "ask"):
        done = sample(command, 'truce "third ceasfire"')
        assert "Read “" not in done.stderr
        assert "A filter stands" in done.stderr


def test_filters_alone_are_nothing_to_look_for(sample: Newsdesk) -> None:
    done = sample("search", "source:BBC", "-oil")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("newsdesk: There is a filter, but nothing to look for")


def test_an_empty_archive_is_said_to_be(empty: Newsdesk) -> None:
    done = empty("search", "truce")
    assert (done.returncode, done.stdout) == (0, "")
    assert "newsdesk ingest FOLDER" in done.stderr


def test_a_long_passage_is_cut_around_its_words() -> None:
    sentences = [f"Sentence number {n} tells of nothing at all." for n in range(30)]
    sentences[20] = "The third truce held."
    text = " ".join(sentences)
    at = text.index("truce")
    start, end = excerpt(text, ((at, at + 5),), 200)
    assert "The third truce held." in text[start:end]
    assert text[start:end].startswith(("Sentence", "The"))
    assert text[start:end].endswith(".")
    assert end - start <= 200
    assert excerpt(text[:100], (), 200) == (0, 100)


def test_a_long_sentence_is_cut_between_words() -> None:
    text = f"{'many words ' * 50}truce {'and more ' * 50}"
    at = text.index("truce")
    start, end = excerpt(text, ((at, at + 5),), 200)
    assert "truce" in text[start:end].split()
    assert end - start <= 200


def test_other_forms_of_a_word_are_found_and_marked_in_the_articles_language(
    newsdesk: Newsdesk,
) -> None:
    article = newsdesk.folder / "hochwasser.md"
    article.write_text(
        "# Hochwasser\n\nZwei Brücken über die Weser sind nach dem Hochwasser gesperrt worden, und "
        "Experten prüfen die Schäden an den Pfeilern. Eine Umleitung führt durch die Dörfer im "
        "Süden, in denen die Bauern über den Lärm der Lastwagen klagen.\n",
        encoding="utf-8",
    )
    assert newsdesk("ingest", article).returncode == 0
    [match] = found(newsdesk, "Welche Brücke ist bei welchem Dorf?")["matches"]
    assert marked(match) == {"brücken", "dörfer"}
