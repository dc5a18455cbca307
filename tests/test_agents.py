"""An agent of LangChain's uses a real archive, with a model that follows a script."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolCall, ToolMessage

from newsdesk import Newsdesk

COUNTED = "The museum in Oslo counted 9,300 visitors in May."


class ScriptedModel(GenericFakeChatModel):
    """A model that calls tools: the calls are those of its script."""

    def bind_tools(self, tools: Any, **_: Any) -> ScriptedModel:  # type: ignore[override]
        """Take the tools without a look at them."""
        assert [tool.name for tool in tools] == ["newsdesk_search"]
        return self


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Newsdesk]:
    for day, text in (("2021-06-01", COUNTED), ("2021-07-01", "The museum in Oslo is closed.")):
        page = f"---\ntitle: Museum {day}\nsource: The Bugle\ndate: {day}\n---\n\n{text}\n"
        (tmp_path / f"{day}.md").write_text(page)
    with Newsdesk(tmp_path / "home", engine="extractive") as desk:
        desk.ingest(tmp_path)
        yield desk


def messages_of(desk: Newsdesk, *calls: dict[str, Any]) -> list[ToolMessage]:
    """Have an agent make some calls, one after the other, and return what it was told."""
    script = [
        AIMessage("", tool_calls=[ToolCall(name="newsdesk_search", args=call, id=f"call-{at}")])
        for at, call in enumerate(calls)
    ]
    model = ScriptedModel(messages=iter([*script, AIMessage("Done.")]))
    agent = create_agent(model, [desk.as_tool()])
    said = agent.invoke({"messages": [HumanMessage("How many came to the museum?")]})
    assert said["messages"][-1].content == "Done."
    return [message for message in said["messages"] if isinstance(message, ToolMessage)]


def test_an_agent_gets_passages_with_their_sources_and_the_documents(desk: Newsdesk) -> None:
    [all_of_it, narrowed] = messages_of(
        desk,
        {"query": "museum visitors"},
        {"query": "museum", "until": "2021-06", "source": "Bugle", "k": 1},
    )
    assert len(all_of_it.artifact) == 2
    assert str(narrowed.content).startswith("[1] Museum 2021-06-01 (The Bugle; 1 June 2021; ")
    assert str(narrowed.content).endswith(f"\n{COUNTED}")
    [document] = narrowed.artifact
    assert document.page_content == COUNTED
    assert document.metadata["published"] == "2021-06-01"


def test_an_agent_is_told_what_is_wrong_with_its_call(desk: Newsdesk) -> None:
    told = messages_of(
        desk,
        {"query": "museum", "since": "soon"},
        {"query": " "},
        {"query": "museum", "k": 1000},
        {"query": "museum", "source": "The Star"},
    )
    assert [str(message.content)[:28] for message in told] == [
        "since soon names no day: wri",
        "The query has no words to lo",
        "Tool input validation error"[:28],
        "Nothing was found.",
    ]
    assert [message.status for message in told] == ["error", "error", "error", "success"]
