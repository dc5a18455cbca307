"""Questions and conversations narrowed to outlets and times: by options, in batches, by /filter."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Newsdesk

BRIDGE = "When did the Alder bridge open?"
ARTICLES = [
    {
        "id": f"a{month}",
        "title": f"Alder bridge opens {day}",
        "source": outlet,
        "date": f"2020-{month}-12",
        "text": f"The Alder bridge opened on {day}, the {outlet} reports. Thousands saw it.",
    }
    for month, day, outlet in (
        ("03", "Tuesday", "Morning Bugle"),
        ("07", "Friday", "Evening Star"),
        ("11", "Sunday", "Al Jazeera"),
    )
]


@pytest.fixture(scope="module")
def bridges(tmp_path_factory: pytest.TempPathFactory) -> Newsdesk:
    """The command, with three outlets that tell three things of a bridge."""
    folder = tmp_path_factory.mktemp("bridges")
    newsdesk = Newsdesk(folder / "home", folder)
    lines = "\n".join(map(json.dumps, ARTICLES))
    (folder / "articles.jsonl").write_text(lines, encoding="utf-8")
    done = newsdesk("ingest", folder / "articles.jsonl")
    assert done.stdout.startswith("3 added"), done.stderr
    return newsdesk


def outlets(newsdesk: Newsdesk, *arguments: str, command: str = "ask") -> set[str]:
    """The outlets of what was found for a question."""
    done = newsdesk(command, "--json", *arguments)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    if command == "search":
        return {match["article"]["source"] for match in found["matches"]}
    shown = newsdesk("sources", "--json")
    names = {article["id"]: article["source"] for article in json.loads(shown.stdout)}
    return {names[one["article_id"]] for one in found["retrieved"]}


@pytest.mark.parametrize("command", ["ask", "search"])
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--since", "2020-07"], {"Evening Star", "Al Jazeera"}),
        (["--until", "2020-07"], {"Morning Bugle", "Evening Star"}),
        (["--until", "2020-07-11"], {"Morning Bugle"}),
        (["--since", "2021"], set()),
        (["--source", "star", "--source", "Al Jazeera"], {"Evening Star", "Al Jazeera"}),
        (["--as-of", "2020-07"], {"Morning Bugle", "Evening Star"}),
        (["source:Al Jazeera"], {"Al Jazeera"}),
        (["-tuesday", "-al jazeera"], {"Evening Star"}),
    ],
)
def test_options_and_words_narrow_what_is_found(
    bridges: Newsdesk, command: str, options: list[str], expected: set[str]
) -> None:
    assert outlets(bridges, BRIDGE, *options, command=command) == expected


def test_an_answer_says_what_it_was_narrowed_to(bridges: Newsdesk) -> None:
    done = bridges("ask", BRIDGE, "--source", "star", "--since", "2020-07")
    assert "Friday" in done.stdout
    assert done.stderr.splitlines() == [
        "newsdesk: Only what passes the filter was searched: source:star after:2020-07-01"
    ]


def test_k_bounds_the_passages_of_an_answer(bridges: Newsdesk) -> None:
    found = json.loads(bridges("ask", "--json", "-k", "1", BRIDGE).stdout)
    assert len(found["retrieved"]) == 1
    assert bridges("ask", "-k", "0", BRIDGE).returncode == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--since", "soon"], "--since soon names no day: write --since 2020-11-10"),
        (["--until", "2020-13"], "--until 2020-13 names no day"),
        (["--as-of", "20201101"], "--as-of 20201101 names no day"),
        (["--source", " "], "--source takes the name of an outlet"),
    ],
)
@pytest.mark.parametrize("command", [["ask", BRIDGE], ["search", BRIDGE], ["chat"]])
def test_what_is_no_day_or_no_outlet_is_refused_in_one_line(
    bridges: Newsdesk, command: list[str], options: list[str], said: str
) -> None:
    done = bridges(*command, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"newsdesk: {said}")


def test_a_line_of_a_batch_has_filters_of_its_own(bridges: Newsdesk) -> None:
    lines: list[dict[str, Any]] = [
        {"id": "july", "question": BRIDGE, "filters": "source:star after:2020-07"},
        {"id": "words", "question": BRIDGE, "filters": "source:star bridge"},
        {"id": "list", "question": BRIDGE, "filters": ["star"]},
        {"id": "all", "question": BRIDGE},
    ]
    done = bridges("ask", "--batch", "-", input="\n".join(map(json.dumps, lines)))
    july, words, a_list, every = map(json.loads, done.stdout.splitlines())
    assert "Friday" in july["answer"]
    assert july["notice"].endswith("source:star after:2020-07-01")
    assert "“bridge” is no filter" in words["error"]
    assert '"filters" is not a string' in a_list["error"]
    assert len(every["retrieved"]) == 3
    refused = bridges("ask", "--batch", "-", "--source", "star")
    assert refused.returncode == 2
    assert '"filters"' in refused.stderr


def chatted(bridges: Newsdesk, *lines: str, options: tuple[str, ...] = ()) -> str:
    done = bridges("chat", *options, input="\n".join(lines))
    assert done.returncode == 0
    return done.stdout + done.stderr


def test_a_filter_stands_for_the_conversation_until_it_is_ended(bridges: Newsdesk) -> None:
    said = chatted(bridges, "/filter", "/filter source:star", BRIDGE, "/filter", "/filter off")
    assert "No filter stands" in said
    assert said.count("The filter is source:star (/filter off ends it).") == 2
    assert "Friday" in said
    assert "Tuesday" not in said
    assert said.count("Only what passes the filter was searched: source:star") == 1
    assert said.count("No filter stands") == 2


def test_a_question_may_name_another_outlet_than_the_conversation(bridges: Newsdesk) -> None:
    said = chatted(bridges, "/filter source:star after:2020", f"{BRIDGE} source:bugle")
    assert "Tuesday" in said
    assert "source:bugle after:2020-01-01" in said


def test_a_new_conversation_has_no_filter_but_that_of_the_command(bridges: Newsdesk) -> None:
    said = chatted(bridges, "/filter source:star", "/new", "/filter")
    assert "The conversation begins anew, without its filter." in said
    assert "No filter stands" in said
    said = chatted(bridges, BRIDGE, "/filter off", "/new", options=("--source", "Al Jazeera"))
    assert "Sunday" in said
    anew = said.index("The conversation begins anew.")
    assert 'The filter is source:"Al Jazeera"' in said[anew:]


def test_what_is_no_filter_is_told_and_the_one_that_stands_goes_on(bridges: Newsdesk) -> None:
    said = chatted(bridges, "/filter source:star", "/filter bridges before:soon", "/filter")
    assert "“bridges” is no filter: there are source:NAME" in said
    assert said.count("The filter is source:star") == 2


def test_articles_of_the_calendars_first_and_last_day_break_no_question(newsdesk: Newsdesk) -> None:
    file = newsdesk.folder / "days.jsonl"
    file.write_text(
        "\n".join(
            json.dumps(
                {
                    "title": f"The otter of {day}",
                    "date": day,
                    "text": f"An otter came on Monday. It left the day before, or {when}.",
                }
            )
            for day, when in (("0001-01-01", "two weeks earlier"), ("9999-12-31", "tomorrow"))
        ),
        encoding="utf-8",
    )
    assert newsdesk("ingest", file).stdout.startswith("2 added")
    for question in ("What happened on 10 November 2020?", "When did the otter leave?", "otter"):
        for more in ((), ("--as-of", "0001-01-01"), ("--as-of", "9999-12-31")):
            for when in ("", " last week"):
                done = newsdesk("ask", f"{question}{when}", *more)
                assert (done.returncode, done.stderr) == (0, ""), (question, when, more)
