"""The archive as assistants see it: through the SDK's own client, over HTTP and stdio."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest
import uvicorn
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp.types import CallToolResult, TextContent, TextResourceContents
from starlette.applications import Starlette
from starlette.routing import Mount

from bot.serving.mcp import streamable
from bot.serving.mcp.server import build_server
from bot.serving.mcp.tools import LONGEST_PIECE, Tools
from bot.serving.server import configured, listen
from retrieval.answers import Answer, Question
from tests.conftest import Newsdesk
from tests.serving.conftest import PEACEKEEPERS, desk_of, served

DEPLOYED = "Russia has deployed 1,960 peacekeepers in the region."
INSPECTOR = shutil.which("mcp-inspector")

Talk = Callable[[Client], Awaitable[None]]


def talk(server: Any, said: Talk) -> None:
    """Connect the SDK's client to a server, and talk to it."""

    async def connected() -> None:
        async with Client(server, read_timeout_seconds=60) as client:
            await said(client)

    asyncio.run(connected())


def text(result: CallToolResult) -> str:
    """The text of a result, which is one block."""
    [block] = result.content
    assert isinstance(block, TextContent)
    return block.text


def stdio(newsdesk: Newsdesk) -> StdioServerParameters:
    command, *arguments = [*newsdesk.command, "mcp"]
    return StdioServerParameters(
        command=command, args=arguments, env=newsdesk.environment, cwd=newsdesk.folder
    )


CALLS: dict[str, tuple[dict[str, Any], str]] = {
    "search": ({"query": "peacekeepers -oil", "k": 2, "since": "2020-11-15"}, DEPLOYED),
    "ask": ({"question": PEACEKEEPERS}, f"{DEPLOYED} [1]\n\n[1] Lachin handover"),
    "check": (
        {"text": "Russia has deployed 2,960 peacekeepers in the region."},
        "[differs: “2,960”: the quote has “1,960”]\nQuote: “Russia has deployed 1,960",
    ),
    "whats_new": ({"since": "2021-07-01", "most": 1}, "\n[1] Tokyo Olympics open"),
}


def test_each_tool_returns_an_object_of_its_schema_and_a_text_with_sources(address: str) -> None:
    async def said(client: Client) -> None:
        assert client.instructions
        assert "44 articles, 24 March 2020 to 23 July 2021" in client.instructions
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert tools.keys() == CALLS.keys() | {"read"}
        for name, (arguments, expected) in CALLS.items():
            result = await client.call_tool(name, arguments)
            assert expected in text(result), text(result)
            assert tools[name].output_schema
            assert result.structured_content  # the client compares it with the schema
            assert "Newsdesk sample archive" in text(result)

    talk(f"{address}/mcp", said)


def test_calls_at_once_get_their_own_answers(address: str) -> None:
    async def said(client: Client) -> None:
        results = await asyncio.gather(
            *(client.call_tool(name, arguments) for name, (arguments, _) in CALLS.items())
        )
        for result, (_, expected) in zip(results, CALLS.values(), strict=True):
            assert expected in text(result)

    talk(f"{address}/mcp", said)


def test_a_follow_up_knows_the_turns_before(address: str) -> None:
    async def said(client: Client) -> None:
        turn = {"question": PEACEKEEPERS, "answer": f"{DEPLOYED} [1]\n\n[1] Lachin handover — x"}
        result = await client.call_tool("ask", {"question": "Until when?", "history": [turn]})
        assert result.structured_content
        assert "peacekeepers" in result.structured_content["standalone_question"]

    talk(f"{address}/mcp", said)


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("search", {"query": " "}, "The question is empty."),
        (
            "search",
            {"query": "truce", "k": 99},
            "search cannot be called so: k: Input should be less than or equal to 20.",
        ),
        ("search", {}, "search cannot be called so: query: Field required."),
        ("ask", {"question": "truce", "until": "soon"}, "until soon names no day"),
        ("whats_new", {"since": "soon"}, "since takes a span such as 24h or 7d"),
        ("check", {"text": "…"}, "There is no text to check."),
        ("read", {"article_id": "f" * 16}, "No article has the id 'ffffffffffffffff'"),
        ("read", {"article_id": "../../etc/passwd"}, "No article has the id '../../etc/passwd'"),
        ("remove", {}, "Unknown tool: remove"),
    ],
)
def test_an_error_is_one_line(
    address: str, tool: str, arguments: dict[str, Any], message: str
) -> None:
    async def said(client: Client) -> None:
        result = await client.call_tool(tool, arguments)
        assert result.is_error
        assert text(result).startswith(message)
        assert "\n" not in text(result)

    talk(f"{address}/mcp", said)


def test_an_unexpected_fault_is_named_in_the_log_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def said(client: Client) -> None:
        result = await client.call_tool("ask", {"question": "Where is the secret?"})
        assert result.is_error
        assert text(result) == "Something unexpected went wrong: the log of Newsdesk has its name."

    def fail(_: Tools) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(Tools, "load", fail)
    with closing(desk_of(home, engine="extractive")) as desk:
        talk(build_server(desk, Tools(desk)), said)
    assert "ask failed with ZeroDivisionError." in caplog.text
    assert "secret" not in caplog.text


def test_what_a_client_no_longer_waits_for_is_stopped(home: Path) -> None:
    begun, stopped = Event(), Event()

    class Endless:
        async def ask(self, _: Question) -> Answer:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                stopped.set()
            raise AssertionError

    async def said(client: Client) -> None:
        call = asyncio.create_task(client.call_tool("ask", {"question": PEACEKEEPERS}))
        assert await asyncio.to_thread(begun.wait, 30)
        call.cancel()
        assert await asyncio.to_thread(stopped.wait, 30)
        assert DEPLOYED in text(await client.call_tool("search", CALLS["search"][0]))

    desk = desk_of(home, engine="extractive")
    vars(desk)["assistant"] = Endless()
    with served(desk) as url:
        talk(f"{url}/mcp", said)


def test_an_article_is_read_piece_by_piece(address: str) -> None:
    async def said(client: Client) -> None:
        [newest, *_] = (await client.list_resources()).resources
        assert newest.title == "Tokyo Olympics open a year late in a near-empty stadium"
        read, start = "", 0
        while start is not None:
            arguments = {"article_id": newest.name, "start": start, "length": 700}
            result = await client.call_tool("read", arguments)
            piece = result.structured_content
            assert piece
            assert len(piece["text"]) <= 700
            assert piece["text"] in text(result)
            read, start = read + piece["text"], piece["next_start"]
        assert len(read) == piece["length"] > 700
        whole = await client.read_resource(newest.uri)
        [content] = whole.contents
        assert isinstance(content, TextResourceContents)
        assert read in content.text
        assert "Newsdesk sample archive, 23 July 2021" in content.text
        beyond = await client.call_tool("read", {"article_id": newest.name, "start": 10**9})
        assert beyond.structured_content
        assert (beyond.structured_content["text"], beyond.structured_content["next_start"]) == (
            "",
            None,
        )

    talk(f"{address}/mcp", said)


def test_what_is_long_is_cut(newsdesk: Newsdesk) -> None:
    long = newsdesk.folder / "long.txt"
    long.write_text("A long day\n\n" + "The council met again in the town. " * 1000)
    assert newsdesk("ingest", long).returncode == 0

    async def said(client: Client) -> None:
        [article] = (await client.list_resources()).resources
        [content] = (await client.read_resource(article.uri)).contents
        assert isinstance(content, TextResourceContents)
        assert LONGEST_PIECE < len(content.text) < LONGEST_PIECE + 500
        assert content.text.endswith(f"the next begin at start={LONGEST_PIECE}.]")

    with closing(desk_of(newsdesk.home, engine="extractive")) as desk:
        talk(build_server(desk, Tools(desk)), said)


def test_an_article_under_an_embargo_is_not_there(newsdesk: Newsdesk) -> None:
    held = newsdesk.folder / "held.json"
    item = {"type": "text", "headline": "Merger", "pubstatus": "usable", "uri": "urn:x:1"}
    body = {"body_text": "The two banks of the town will merge in the spring, they say."}
    held.write_text(json.dumps(item | body | {"embargoed": "2999-01-01T00:00:00Z"}))
    assert "1 added" in newsdesk("ingest", held).stdout

    async def said(client: Client) -> None:
        assert (await client.list_resources()).resources == []
        [known] = desk.catalog.fingerprints()
        result = await client.call_tool("read", {"article_id": known})
        assert text(result).startswith("No article has the id")
        with pytest.raises(MCPError, match="No article has the id"):
            await client.read_resource(f"newsdesk://articles/{known}")
        found = await client.call_tool("search", {"query": "the two banks merge"})
        assert found.structured_content
        assert found.structured_content["matches"] == []

    with closing(desk_of(newsdesk.home, engine="extractive")) as desk:
        talk(build_server(desk, Tools(desk)), said)


def test_an_empty_archive_says_so(newsdesk: Newsdesk) -> None:
    async def said(client: Client) -> None:
        assert "The archive is empty" in str(client.instructions)
        for name, (arguments, _) in CALLS.items():
            said = text(await client.call_tool(name, arguments))
            assert said.startswith(("The archive is empty", "The archive has no article")), said
        assert (await client.list_resources()).resources == []

    with closing(desk_of(newsdesk.home, engine="extractive")) as desk:
        talk(build_server(desk, Tools(desk)), said)


@pytest.fixture
def alone(home: Path) -> Iterator[str]:
    """The application by itself in another's, which runs its lifespan; the address of its /mcp."""
    with closing(desk_of(home, engine="extractive")) as desk:
        guest = streamable(desk)
        host = Starlette(routes=[Mount("/", guest)], lifespan=guest.router.lifespan_context)
        listener = listen("127.0.0.1", 0)
        server = uvicorn.Server(configured(host))  # type: ignore[arg-type]
        thread = Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/mcp"
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


def test_another_application_hosts_it_and_other_sites_are_turned_away(alone: str) -> None:
    async def said(client: Client) -> None:
        assert DEPLOYED in text(await client.call_tool("ask", {"question": PEACEKEEPERS}))

    talk(alone, said)
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    evil = (("Host", "evil.example", 421), ("Origin", "http://evil.example", 403))
    for name, value, status in evil:
        refused = httpx.post(alone, json=call, headers=accept | {name: value}, trust_env=False)
        assert refused.status_code == status


@pytest.mark.process
def test_an_assistant_starts_the_command(sample: Newsdesk) -> None:
    async def said(client: Client) -> None:
        assert DEPLOYED in text(await client.call_tool("ask", {"question": PEACEKEEPERS}))

    talk(stdio(sample), said)


HELLO: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
CHECK: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 2,
    "method": "tools/call",
    "params": {"name": "check", "arguments": {"text": DEPLOYED}},
}


@pytest.mark.process
@pytest.mark.parametrize("end", ["stdin is closed", "SIGTERM"])
def test_nothing_but_the_protocol_is_printed_and_the_end_is_clean(
    sample: Newsdesk, end: str
) -> None:
    process = sample.told(NEWSDESK_LOG_LEVEL="debug").start("mcp")
    with process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        answers = []
        messages = [HELLO, {"not": "a message"}, *([CHECK] if end == "SIGTERM" else [])]
        for message in messages:
            process.stdin.write(f"{json.dumps(message)}\n")
            process.stdin.flush()
            if "id" in message:
                answers.append(json.loads(process.stdout.readline()))
        assert [answer["id"] for answer in answers] == ([1, 2] if end == "SIGTERM" else [1])
        if end == "SIGTERM":
            process.send_signal(signal.SIGTERM)
        else:
            process.stdin.close()
            process.stdin = None
        rest, errors = process.communicate(timeout=60)
    assert (process.returncode, [json.loads(line) for line in rest.splitlines()]) == (0, []), errors
    assert "Traceback" not in errors


@pytest.mark.process
@pytest.mark.skipif(
    INSPECTOR is None,
    reason="no inspector: npm install --global @modelcontextprotocol/inspector@2.12.0",
)
def test_the_inspector_calls_a_tool(sample: Newsdesk) -> None:
    passed = ("NEWSDESK_HOME", "PYTHONPATH")
    given = [part for name in passed for part in ("-e", f"{name}={sample.environment[name]}")]
    called = subprocess.run(
        [
            *(str(INSPECTOR), "--cli", "--connect-timeout", "100000", *given),
            *(*sample.command, "mcp"),
            *("--method", "tools/call", "--tool-name", "ask"),
            *("--tool-arg", f"question={PEACEKEEPERS}"),
        ],
        check=True,
        capture_output=True,
        env=sample.environment,
        cwd=sample.folder,
        timeout=120,
    )
    assert json.loads(called.stdout)["structuredContent"]["answer"] == f"{DEPLOYED} [1]"
