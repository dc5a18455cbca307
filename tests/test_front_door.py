"""`from newsdesk import Newsdesk`: with real files, and a model served over HTTP."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from langchain_core.retrievers import BaseRetriever

import newsdesk
from newsdesk import Answer, Draft, Filters, Newsdesk, NewsdeskError, Question, Removed, Turn
from tests.conftest import ROOT
from tests.openai_server.server import Service, says, serving

QUESTION = "How many visitors did the museum count?"
COUNTED = "The museum in Lund counted 4,200 visitors in May."
LATER = "Later the museum counted 5,100 visitors in June."


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Run in a folder without `.env`, with none of the developer's settings."""
    for name in os.environ:
        if name.startswith(("NEWSDESK_", "OPENAI_", "CHROMA_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as running:
        running.script = [says(f"{COUNTED} [1]")]
        yield running


def article(folder: Path, sentence: str, day: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{day}.txt"
    path.write_text(f"Museum reports its visitors\n{day}\n\n{sentence}\n", encoding="utf-8")
    return path


@pytest.fixture
def museum(tmp_path: Path) -> Path:
    return article(tmp_path / "articles", COUNTED, "2021-06-01")


@pytest.fixture
def desk(tmp_path: Path, museum: Path) -> Iterator[Newsdesk]:
    with Newsdesk(tmp_path / "home", engine="extractive") as opened:
        opened.ingest(museum)
        yield opened


def test_articles_go_in_and_answers_come_out(desk: Newsdesk, museum: Path) -> None:
    answer = desk.ask(QUESTION)
    assert (answer.text, answer.refused) == (f"{COUNTED} [1]", False)
    [citation] = answer.citations
    assert (citation.quote, citation.published) == (COUNTED, date(2021, 6, 1))
    report = desk.ingest([museum])
    assert (len(report.unchanged), report.added) == (1, [])
    assert desk.ask(Question(QUESTION)).text == answer.text


def test_what_was_said_before_is_given_as_answers_or_turns(desk: Newsdesk) -> None:
    first = desk.ask(QUESTION)
    turn = Turn(QUESTION, first.text, (first.citations[0].article_id,))
    for history in ([first], [turn], (turn,)):
        followed = desk.ask("And where is it?", history=history)
        assert followed.standalone_question == (
            desk.ask(Question("And where is it?", (turn,))).standalone_question
        )
        assert followed.standalone_question != "And where is it?"


def test_a_day_hides_what_was_published_later(desk: Newsdesk, tmp_path: Path) -> None:
    desk.ingest(article(tmp_path / "articles", LATER, "2021-07-01"))
    assert len(desk.search("museum visitors")) == 2
    assert [m.passage.text for m in desk.search("museum", as_of=date(2021, 6, 30))] == [COUNTED]
    assert desk.ask(QUESTION, as_of=date(2021, 5, 1)).refused


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ("after:2021-06 source:nobody", 0),
        ("after:2021-06", 1),
        (Filters(phrases=("4,200 visitors",)), 1),
        (Filters(without=("museum",)), 0),
    ],
)
def test_filters_narrow_what_is_searched(
    desk: Newsdesk, filters: Filters | str, found: int
) -> None:
    (desk.home.parent / "articles" / "rain.txt").write_text("Rain\n2020-01-01\n\nIt rained.\n")
    desk.ingest(desk.home.parent / "articles" / "rain.txt")
    texts = [COUNTED] * found
    asked = Question(QUESTION, filters=Filters(without=("rained",)))
    assert [m.passage.text for m in desk.search("museum -rained", filters=filters)] == texts
    documents = desk.as_retriever(filters=filters).invoke("museum")
    assert (COUNTED in [document.page_content for document in documents]) == bool(found)
    assert len(desk.ask(asked, filters=filters).citations) == found
    assert desk.ask(QUESTION, filters=filters).refused == (not found)


def test_a_search_gives_the_best_passages_first(desk: Newsdesk, tmp_path: Path) -> None:
    desk.ingest(article(tmp_path / "more", "Rain fell on Oslo all week.", "2021-07-01"))
    found = desk.search("rain in Oslo")
    assert [match.passage.text[:4] for match in found] == ["Rain", "The "]
    assert found[0].score > found[1].score
    assert desk.search("rain in Oslo", k=1) == found[:1]


def test_the_retriever_stands_in_a_chain(desk: Newsdesk) -> None:
    retriever = desk.as_retriever(k=1)
    assert isinstance(retriever, BaseRetriever)
    chain = retriever | (lambda documents: documents[0].page_content)
    assert chain.invoke("museum visitors") == COUNTED
    assert asyncio.run(chain.ainvoke("museum visitors")) == COUNTED


def test_an_answer_grows(tmp_path: Path, museum: Path, service: Service) -> None:
    async def follow() -> list[Draft | Answer]:
        async with Newsdesk(
            tmp_path / "home", engine="openai", openai_base_url=service.url, model="some-model"
        ) as desk:
            await asyncio.to_thread(desk.ingest, museum)
            return [part async for part in desk.stream(QUESTION)]

    *drafts, answer = asyncio.run(follow())
    assert [draft.text for draft in drafts] == [f"{COUNTED} [1]"]
    assert isinstance(answer, Answer)
    assert (answer.text, answer.engine) == (f"{COUNTED} [1]", "openai:some-model")
    assert service.requests[0]["model"] == "some-model"


def test_what_the_check_removed_comes_with_the_answer(
    tmp_path: Path, museum: Path, service: Service
) -> None:
    service.script = [says(f"{COUNTED} [1] It counted 7,450 visitors in May. [1]")]
    with Newsdesk(
        tmp_path / "home", engine="openai", openai_base_url=service.url, verify="off"
    ) as desk:
        desk.ingest(museum)
        answer = desk.ask(QUESTION)
    assert answer.text == f"{COUNTED} [1]"
    assert answer.removed == (
        Removed("It counted 7,450 visitors in May.", "number", "7,450", COUNTED),
    )
    assert answer.notice.startswith("One sentence was left out: ")
    assert 0 < answer.timings_ms["first_sentence"] <= answer.timings_ms["total"]


def test_event_loops_follow_each_other(tmp_path: Path, museum: Path, service: Service) -> None:
    other = "How many visitors came to the museum in Lund?"
    with Newsdesk(
        tmp_path / "home", engine="openai", openai_base_url=service.url, timeout=20
    ) as desk:
        desk.ingest(museum)
        answers = [desk.ask(QUESTION), asyncio.run(desk.aask(other)), desk.ask(f"{other} In May?")]
    assert [(answer.text, answer.notice) for answer in answers] == [(f"{COUNTED} [1]", "")] * 3
    assert len(service.requests) == 3


def test_ask_says_what_to_use_in_a_running_loop(desk: Newsdesk) -> None:
    async def inside() -> Answer:
        with pytest.raises(NewsdeskError, match=r"await desk\.aask"):
            desk.ask(QUESTION)
        return await desk.aask(QUESTION)

    assert asyncio.run(inside()).text == f"{COUNTED} [1]"


def test_several_threads_may_ask_at_once(tmp_path: Path, museum: Path) -> None:
    with Newsdesk(tmp_path / "home", engine="extractive") as desk, ThreadPoolExecutor(4) as pool:
        desk.ingest(museum)
        answers = list(pool.map(desk.ask, [QUESTION] * 8))
    assert {answer.text for answer in answers} == {f"{COUNTED} [1]"}


def test_two_homes_share_nothing(tmp_path: Path, museum: Path, service: Service) -> None:
    other = article(tmp_path / "other", LATER, "2021-07-01")
    with Newsdesk(tmp_path / "one", engine="extractive") as one:
        with Newsdesk(tmp_path / "two", openai_base_url=service.url) as two:
            one.ingest(museum)
            two.ingest(other)
            service.script = [says(f"{LATER} [1]")]
            assert one.ask(QUESTION).text == f"{COUNTED} [1]"
            assert two.ask(QUESTION).text == f"{LATER} [1]"
            assert [m.passage.text for m in one.search("visitors")] == [COUNTED]
            assert [m.passage.text for m in two.search("visitors")] == [LATER]
        assert one.ask(QUESTION).text == f"{COUNTED} [1]"
        assert [m.passage.text for m in one.search("visitors")] == [COUNTED]
    assert len(service.requests) == 1
    assert not (tmp_path / "one/usage.db").exists()


@pytest.mark.process
@pytest.mark.skipif(sys.platform != "linux", reason="counts in /proc")
def test_closing_leaves_nothing_open(tmp_path: Path, museum: Path, service: Service) -> None:
    program = [sys.executable, "-m", "tests.uses_newsdesk"]
    done = subprocess.run(
        [*program, str(tmp_path), str(museum), service.url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    held = json.loads(done.stdout)
    assert held["unasked"] == held["before"]
    assert not (tmp_path / "unasked").exists()
    assert held["inside"] != held["before"]
    assert held["after"] == held["before"]


def test_a_closed_desk_says_so(tmp_path: Path, museum: Path) -> None:
    desk = Newsdesk(tmp_path / "home", engine="extractive")
    desk.ingest(museum)
    retriever = desk.as_retriever()
    desk.close()
    desk.close()
    uses: list[Callable[[], object]] = [
        lambda: desk.ask(QUESTION),
        lambda: desk.search("museum"),
        lambda: desk.ingest(museum),
        desk.as_retriever,
        lambda: retriever.invoke("museum"),
    ]
    for use in uses:
        with pytest.raises(NewsdeskError, match="closed"):
            use()


def test_an_empty_archive_is_no_error(tmp_path: Path) -> None:
    with Newsdesk(tmp_path / "home", engine="extractive") as desk:
        answer = desk.ask(QUESTION)
        assert answer.refused
        assert "archive is empty" in answer.text
        assert desk.search("museum") == []
        assert desk.as_retriever().invoke("museum") == []


def test_what_cannot_be_read_is_reported(desk: Newsdesk, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    report = desk.ingest([tmp_path / "missing.txt", tmp_path / "empty.txt"])
    assert [Path(r.uri).name for r in report.rejected] == ["missing.txt", "empty.txt"]
    assert all(rejection.reason for rejection in report.rejected)
    assert not report.anything_read


def test_a_home_that_is_no_folder_is_an_error_with_a_message(tmp_path: Path, museum: Path) -> None:
    home = tmp_path / "file"
    home.write_text("no folder")
    with Newsdesk(home, engine="extractive") as desk:
        uses: list[Callable[[], object]] = [
            lambda: desk.ask(QUESTION),
            lambda: desk.search("museum"),
            lambda: desk.ingest(museum),
        ]
        for use in uses:
            with pytest.raises(NewsdeskError, match=str(home)):
                use()


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"engine": "magic"}, "NEWSDESK_ENGINE"),
        ({"timeout": -1}, "NEWSDESK_TIMEOUT"),
        ({"colour": "blue"}, "no setting 'colour'"),
        ({"home": "~nobody-of-that-name/x"}, "NEWSDESK_HOME"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(settings: dict[str, str], message: str) -> None:
    with pytest.raises(NewsdeskError, match=message):
        Newsdesk(**settings)  # type: ignore[arg-type]


def test_a_question_that_is_none_is_an_error(desk: Newsdesk) -> None:
    for text in ("", " \n", "why " * 1000):
        with pytest.raises(NewsdeskError, match="The question"):
            desk.ask(text)


def test_what_is_given_wins_over_the_environment(
    desk: Newsdesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSDESK_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("NEWSDESK_ENGINE", "openai")
    assert Newsdesk().home == tmp_path / "elsewhere"
    with pytest.raises(NewsdeskError, match="OPENAI_API_KEY"):
        Newsdesk(desk.home).ask(QUESTION)
    with Newsdesk(str(desk.home), engine="extractive") as same:
        assert same.ask(QUESTION).text == f"{COUNTED} [1]"


def test_every_export_is_there() -> None:
    assert all(getattr(newsdesk, name) for name in newsdesk.__all__)
    assert newsdesk.__version__[0].isdigit()
    assert not hasattr(newsdesk, "no_such_name")


@pytest.mark.process
def test_importing_it_is_quick_and_changes_nothing(tmp_path: Path) -> None:
    code = (
        "import os, sys; before = dict(os.environ)\n"
        "from newsdesk import Newsdesk\n"
        "desk = Newsdesk('home')\n"
        "print(dict(os.environ) == before, os.listdir())\n"
        "print(*sys.modules)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    first, _, modules = shown.partition("\n")
    assert first == "True []"
    slow = {"chromadb", "langchain_core", "onnxruntime", "openai", "tiktoken", "typer", "telegram"}
    assert set(modules.split()) & slow == set()


def test_a_question_of_its_own_takes_history_and_day_too(desk: Newsdesk) -> None:
    early = date(2020, 1, 1)
    assert desk.ask(Question(QUESTION), as_of=early).refused
    assert desk.ask(Question(QUESTION, as_of=early)).refused
    first = desk.ask(QUESTION)
    asked = desk.ask("And when?", history=[first]).standalone_question
    assert asked != "And when?"
    assert desk.ask(Question("And when?"), history=[first]).standalone_question == asked


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda desk: desk.ask(5), "question"),
        (lambda desk: desk.ask(QUESTION, history=["Hello"]), "history"),
        (lambda desk: desk.ask(QUESTION, history="Hello"), "history"),
        (lambda desk: desk.ask(QUESTION, as_of="2020-10-01"), "as_of"),
        (lambda desk: desk.ask(QUESTION, filters="museum"), "is no filter"),
        (lambda desk: desk.as_retriever(filters=["BBC"]), "filters are a text"),
        (lambda desk: desk.search(QUESTION, k=0), "k is"),
        (lambda desk: desk.search(QUESTION, k="3"), "k is"),
    ],
)
def test_an_odd_argument_is_an_error_with_a_message(
    desk: Newsdesk, use: Callable[[Newsdesk], object], message: str
) -> None:
    with pytest.raises(NewsdeskError, match=message):
        use(desk)


@pytest.mark.parametrize("wish", ["Tell me about the museum", "What's in the archive?"])
def test_a_summary_as_of_a_day_knows_nothing_later(desk: Newsdesk, museum: Path, wish: str) -> None:
    desk.ingest(article(museum.parent, LATER, "2021-07-01"))
    assert LATER in desk.ask(wish).text
    answer = desk.ask(wish, as_of=date(2021, 6, 15))
    assert answer.text == f"{COUNTED} [1]"
