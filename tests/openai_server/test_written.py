"""An answer that a model writes: checked sentences, streaming, cancelling, cost and cache."""

from __future__ import annotations

import asyncio
import json
import re
import time
from itertools import pairwise

import pexpect
import pytest

from bot.wiring import Desk
from retrieval.answers import Answer, Draft, Question
from tests.conftest import Newsdesk
from tests.openai_server.conftest import Make, ask
from tests.openai_server.server import Service, after, fails, says, says_whole, then_says

TRUCE = "When did the third truce take effect?"
FIRST = "The third truce took effect at eight in the morning on Monday, 26 October."
SECOND = "It had been brokered by the United States."
FALSE = "Pompeo resigned over the failure of the talks in Stepanakert."
LEFT_OUT = "The third truce was broken within 7,450 minutes."
UNSURE = "Exactly how many Armenians live in Los Angeles?"
"""A question that a model is asked, and that is not answered by quoting."""
BREAD = "Any tips for baking banana bread?"


def test_every_sentence_is_checked_and_cited(desk: Desk, service: Service) -> None:
    service.script = [
        says(f"Here is what the archive says:\n- **{FIRST}** [7]\n- {FALSE} [1]\n- {SECOND}【1】")
    ]
    drafts, answer = ask(desk, TRUCE)
    assert answer.text == f"Here is what the archive says: {FIRST} [1] {SECOND} [2]"
    assert (len(answer.removed), answer.refused) == (1, False)
    assert answer.notice.startswith("One sentence was left out: ")
    assert answer.engine == "openai:gpt-5.4-mini-2026-03-17"
    assert [citation.number for citation in answer.citations] == [1, 2]
    for citation in answer.citations:
        body = desk.searcher.catalog.articles([citation.article_id])[citation.article_id].body
        assert body[citation.start : citation.end] == citation.quote
    assert drafts
    states: list[Draft | Answer] = [*drafts, answer]
    for earlier, later in pairwise(states):
        assert later.text.startswith(earlier.text)
        assert later.citations[: len(earlier.citations)] == earlier.citations


def test_a_timeline_is_quoted_with_a_model_too(desk: Desk, service: Service) -> None:
    drafts, answer = ask(desk, "Timeline of the truces")
    first = "Reported 10 October 2020: Armenia and Azerbaijan agreed on a ceasefire"
    assert first in answer.text
    assert (drafts, answer.engine, answer.degraded) == ([], "extractive", False)
    assert service.requests == []


def test_of_two_things_that_are_compared_the_model_reads_both(
    make_desk: Make, service: Service
) -> None:
    service.script = [says("The Suez Canal was blocked for six days. [1]")]
    desk = make_desk(NEWSDESK_CONTEXT_TOKENS="750")
    ask(desk, "Which lasted longer, the blockage of the Suez Canal or the first truce?")
    assert "Armenia and Azerbaijan agree first truce" in service.asked(0)
    assert "Suez Canal" in service.asked(0)


@pytest.mark.parametrize(
    "mark",
    [
        " [[7]].", " [[7]](https://x.example/9).", " (7).", " ［7］.", "<sup>7</sup>.", ".⁷",
        " (Source: [7]).", " (see [7]).", " (passage 7).", " [7, 8].", " [6-8].", "【7】.",
        " [^7].", " [citation:7].", r" \[7\].",
        " [7].\n\nSources:\n[7] Truce in Karabakh\n[8] Another truce",
        " [^7].\n\n[^7]: Truce in Karabakh",
    ],
)  # fmt: skip
def test_each_way_to_cite_is_understood(desk: Desk, service: Service, mark: str) -> None:
    service.script = [says(f"{FIRST[:-1]}{mark}")]
    _, answer = ask(desk, TRUCE)
    assert answer.text == f"{FIRST} [1]"
    assert answer.removed == ()
    assert "26 October" in answer.citations[0].quote


def test_what_the_model_is_sent(make_desk: Make, service: Service) -> None:
    service.script = [says(f"{FIRST} [1]")]
    desk = make_desk(NEWSDESK_MODEL="gpt-4.1-mini")
    ask(desk, TRUCE, ("Who fought in Karabakh?", "Armenia and Azerbaijan. [1][2]"))
    [request] = service.requests
    roles = [message["role"] for message in request["messages"]]
    assert roles == ["system", "user", "assistant", "user"]
    assert request["messages"][2]["content"] == "Armenia and Azerbaijan."
    asked = request["messages"][-1]["content"]
    assert asked.endswith(f"Question: {TRUCE}")
    assert re.search(
        r'<passage number="1" title="[^"]+" outlet="Newsdesk sample archive" date="2020-[\d-]+">',
        asked,
    )
    assert (request["temperature"], request["seed"]) == (0, 7)


def test_below_the_abstention_floor_no_model_is_asked(desk: Desk, service: Service) -> None:
    for text in (BREAD, "Hello!", "???"):
        _, answer = ask(desk, text)
        assert answer.refused
    assert service.requests == []


@pytest.mark.parametrize(
    ("question", "reply", "cause"),
    [
        (TRUCE, "The archive does not answer that.", "declined"),
        (TRUCE, "Here is what the archive says:", "declined"),
        (TRUCE, "[1]", "declined"),
        (UNSURE, f"{FALSE} [1]", "unsupported"),
    ],
)
def test_nothing_supported_is_a_refusal(
    desk: Desk, service: Service, question: str, reply: str, cause: str
) -> None:
    service.script = [says(reply)]
    drafts, answer = ask(desk, question)
    assert answer.refused
    assert (answer.text, answer.citations) == ("The archive does not answer that.", ())
    assert answer.nearest
    assert drafts == []
    assert (answer.cause, len(answer.removed)) == (cause, cause == "unsupported")


def test_where_nothing_that_was_written_is_supported_the_articles_are_quoted(
    desk: Desk, service: Service
) -> None:
    service.script = [says(f"{FALSE} [1]")]
    drafts, answer = ask(desk, TRUCE)
    assert drafts == []
    assert answer.text.startswith(f"{answer.citations[0].quote} [1]")
    assert not answer.written
    assert not answer.degraded
    assert answer.notice == (
        "This answer is quoted and not written: nothing that the model wrote was found in the "
        "articles."
    )
    assert [removed.sentence for removed in answer.removed] == [FALSE]
    assert answer.usage.prompt_tokens > 0


def test_what_the_conversation_does_not_answer_is_written_of_the_whole_archive(
    desk: Desk, service: Service
) -> None:
    freed = "The container ship Ever Given was freed on Monday, 29 March."
    service.script = [says("I do not know."), says(f"{freed} [1]")]
    asked = "and when was the Ever Given freed?"
    _, answer = ask(desk, asked, ("Who is Ilham Aliyev?", "A president."))
    assert (answer.standalone_question, answer.text) == (asked, f"{freed} [1]")


def test_a_follow_up_is_made_standalone_by_the_model(desk: Desk, service: Service) -> None:
    rewritten = "When did the third truce in Karabakh take effect?"
    service.script = [says(f'"{rewritten}"\n'), says(f"{FIRST} [1]")]
    _, answer = ask(desk, "And when did it take effect?", ("Who brokered the third truce?", "x"))
    assert answer.standalone_question == rewritten
    assert answer.usage.prompt_tokens == 2000
    assert "And when did it take effect?" in service.asked(0)
    assert service.asked(1).endswith(f"Question: {rewritten}")


@pytest.mark.parametrize(
    "reply",
    [fails(400), says("I cannot.\nThere is no question here."), says("word " * 200), says(" ")],
)
def test_without_a_rewritten_question_the_answer_goes_on(
    desk: Desk, service: Service, reply: object
) -> None:
    service.script = [reply, says(f"{FIRST} [1]")]  # type: ignore[list-item]
    earlier = "When was the third truce announced?"
    _, answer = ask(desk, "And when did it take effect?", (earlier, "On Sunday. [1]"))
    assert answer.standalone_question == f"{earlier} And when did it take effect?"
    assert answer.text == f"{FIRST} [1]"
    assert answer.notice == ""


def test_a_long_conversation_is_trimmed_oldest_first(desk: Desk, service: Service) -> None:
    service.script = [says(f"{FIRST} [1]")]
    turns = [(f"Question {n} on the war?", f"Answer {n}. " + "word " * 90) for n in range(20)]
    ask(desk, TRUCE, *turns)
    asked = service.asked()
    assert "Question 19" in asked
    assert "Question 0 " not in asked
    assert "<passage " in asked
    assert desk.chat.count(asked) < 4096 - 600


@pytest.mark.process
def test_a_sentence_is_on_the_screen_before_the_next_is_written(
    newsdesk_online: Newsdesk, service: Service
) -> None:
    service.script = [after(f"{FIRST} [1] It had been", lambda exchange: exchange.wait())]
    child = pexpect.spawn(
        newsdesk_online.command[0],
        [*newsdesk_online.command[1:], "ask", TRUCE],
        env=newsdesk_online.environment | {"TERM": "xterm-256color"},
        cwd=str(newsdesk_online.folder),
        encoding="utf-8",
        dimensions=(40, 160),
    )
    child.expect("eight in the morning", timeout=60)
    assert not service.go_on.is_set()
    assert "brokered" not in child.before + child.after
    child.send("\x03")
    child.expect(pexpect.EOF, timeout=30)
    assert service.left.wait(10), "Ctrl-C ends the model's work too"
    assert child.wait() == 130


@pytest.mark.parametrize("verify", ["off", "model"])
def test_the_first_sentence_is_shown_while_the_model_writes_and_its_time_is_kept(
    make_desk: Make, service: Service, verify: str
) -> None:
    desk = make_desk(NEWSDESK_VERIFY=verify)
    borne_out = {"number": 1, "problem": "", "verdict": "supported"}
    service.script = [
        after(f"{SECOND} [1] The third truce", then_says(f"{FIRST[15:]} [1]")),
        says_whole(json.dumps({"rulings": [borne_out]})),
    ]

    async def follow() -> tuple[Draft | Answer, bool, float, Draft | Answer]:
        begun = time.perf_counter()
        stream = desk.assistant.stream(Question(TRUCE))
        first = await anext(stream)
        shown = round(1000 * (time.perf_counter() - begun), 1)
        over = service.go_on.is_set()
        service.go_on.set()
        rest = [part async for part in stream]
        return first, over, shown, rest[-1]

    first, over, shown, answer = asyncio.run(follow())
    assert isinstance(first, Draft)
    assert isinstance(answer, Answer)
    assert (first.text, over) == (f"{SECOND} [1]", False)
    assert answer.text == f"{SECOND} [1] {FIRST} [2]"
    times = answer.timings_ms
    before = times["condense"] + times["search"] + times["evidence"]
    assert before <= times["first_sentence"] <= shown, "it counts from the question on"


def test_what_no_model_wrote_has_no_first_sentence(desk: Desk, service: Service) -> None:
    service.script = [fails(401)]
    for text in (TRUCE, BREAD, "Hello!"):
        _, answer = ask(desk, text)
        assert "first_sentence" not in answer.timings_ms


def test_that_a_sentence_was_left_out_is_said_and_the_sentence_is_not(
    desk: Desk, service: Service
) -> None:
    service.script = [says(f"{FIRST} [1] {LEFT_OUT} [1]")]
    _, answer = ask(desk, TRUCE)
    assert answer.notice == "One sentence was left out: it was not found in the articles."
    assert not answer.degraded
    [removed] = answer.removed
    assert (removed.sentence, removed.reason, removed.detail) == (LEFT_OUT, "number", "7,450")
    service.script = [says(f"{LEFT_OUT} [1] {FIRST} [1] {LEFT_OUT[:-1]} at most. [1]")]
    _, answer = ask(desk, f"{TRUCE} Again?")
    assert answer.notice == "Some sentences were left out: they were not found in the articles."
    assert "7,450" not in f"{answer.text}{answer.notice}"
    service.script = [says(f"{LEFT_OUT} [1]")]
    _, answer = ask(desk, UNSURE)
    assert (answer.refused, answer.notice, len(answer.removed)) == (True, "", 1)


def test_closing_a_stream_stops_the_model(desk: Desk, service: Service) -> None:
    service.script = [after(f"{FIRST} [1] It had been", lambda exchange: exchange.wait())]

    async def first_draft() -> Draft | Answer:
        stream = desk.assistant.stream(Question(TRUCE))
        draft = await anext(stream)
        await stream.aclose()
        return draft

    assert isinstance(asyncio.run(first_draft()), Draft)
    assert service.left.wait(10)
    [entry] = desk.stores.ledger.entries()
    assert entry.prompt_tokens > 500, "what was sent is paid for"


def test_the_same_question_is_not_paid_for_twice(
    newsdesk_online: Newsdesk, service: Service
) -> None:
    service.script = [says(f"{FIRST} [1]")]
    once, again = (json.loads(newsdesk_online("ask", "--json", TRUCE).stdout) for _ in range(2))
    assert len(service.requests) == 1
    assert (again["answer"], again["citations"]) == (once["answer"], once["citations"])
    assert again["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "cost_usd": 0.0}
    story = newsdesk_online.folder / "truce.txt"
    story.write_text(f"Third truce takes effect\n\n{FIRST} Nobody expects it to last.\n")
    assert newsdesk_online("ingest", story).returncode == 0
    newsdesk_online("ask", TRUCE)
    assert len(service.requests) == 2, "the archive is another one now"


def test_cost_is_written_down_and_the_budget_kept(
    newsdesk_online: Newsdesk, service: Service
) -> None:
    service.script = [says(f"{FIRST} [1]"), says(f"{SECOND} [1]")]
    thrifty = newsdesk_online.told(
        NEWSDESK_DAILY_BUDGET_USD="0.0015", NEWSDESK_MODEL="gpt-4.1-mini-2025-04-14"
    )
    first = json.loads(thrifty("ask", "--json", TRUCE).stdout)
    # 1,000 tokens at $0.40 and 100 at $1.60 a million.
    assert first["usage"] == {
        "prompt_tokens": 1000,
        "completion_tokens": 100,
        "cost_usd": pytest.approx(0.00056),
    }
    assert first["engine"] == "openai:gpt-4.1-mini-2025-04-14"
    spent = thrifty("ask", "Who brokered the third truce?")
    assert spent.stderr.startswith("newsdesk: This answer is quoted and not written: ")
    assert "daily budget" in spent.stderr
    assert "[1]" in spent.stdout
    assert len(service.requests) == 1
    listed = json.loads(thrifty("usage", "--json").stdout)
    [entry] = listed
    assert entry["cost_usd"] == pytest.approx(0.00056)
    assert (entry["model"], entry["calls"]) == ("openai:gpt-4.1-mini-2025-04-14", 1)
    assert "0.0006" in thrifty("usage").stdout
    extractive = thrifty("ask", "--engine", "extractive", TRUCE)
    assert (extractive.returncode, extractive.stderr) == (0, "")


def test_an_unknown_model_has_tokens_alone_and_no_budget(
    newsdesk_online: Newsdesk, service: Service
) -> None:
    service.script = [says(f"{FIRST} [1]")]
    local = newsdesk_online.told(NEWSDESK_MODEL="qwen3:8b")
    found = json.loads(local("ask", "--json", TRUCE).stdout)
    assert found["usage"] == {"prompt_tokens": 1000, "completion_tokens": 100, "cost_usd": None}
    assert found["engine"] == "openai:qwen3:8b"
    assert service.requests[0]["model"] == "qwen3:8b"
    assert "unknown" in local("usage").stdout
    refused = local.told(NEWSDESK_DAILY_BUDGET_USD="1")("ask", TRUCE)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "price of qwen3:8b is not known" in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_a_notice_in_json_and_in_a_chat(newsdesk_online: Newsdesk, service: Service) -> None:
    service.script = [fails(401)]
    found = json.loads(newsdesk_online("ask", "--json", TRUCE).stdout)
    assert list(found)[-1] == "notice"
    assert "OPENAI_API_KEY" in found["notice"]
    chat = newsdesk_online("chat", input=f"{TRUCE}\n")
    assert "[1]" in chat.stdout
    assert re.fullmatch(r"newsdesk: This answer is quoted .*OPENAI_API_KEY\.\n", chat.stderr)


def test_settings_that_do_not_fit_together(empty: Newsdesk, service: Service) -> None:
    for settings, says_what in (
        ({"NEWSDESK_ENGINE": "openai"}, "needs OPENAI_API_KEY"),
        ({"NEWSDESK_MODEL": "anthropic:claude-x"}, "needs the package langchain-anthropic"),
    ):
        status = empty.told(**settings)("status")
        assert status.returncode == 1
        assert says_what in status.stdout
    fitting = empty.told(OPENAI_API_KEY="x", OPENAI_BASE_URL=service.url)
    assert fitting("status").stdout.count("openai:gpt-5.4-mini") == 1
    wrong = empty("ask", "--engine", "magic", TRUCE)
    assert wrong.returncode == 2
    assert "--engine takes auto, extractive, openai" in wrong.stderr
