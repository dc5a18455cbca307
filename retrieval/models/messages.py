"""Prompts and conversations as LangChain messages."""

from __future__ import annotations

import re

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.prompts import ChatPromptTemplate, MessagesPlaceholder

from prompts import prompt
from retrieval.answers import Turn
from retrieval.text.citation_markers import MARKER_OF_SEVERAL

_MARKERS = re.compile(rf"\s*{MARKER_OF_SEVERAL.pattern}")


def template(name: str) -> ChatPromptTemplate:
    """Return one of our prompts as a LangChain template: system, history, question."""
    words = prompt(name)
    return ChatPromptTemplate(
        [
            ("system", words.system),
            MessagesPlaceholder("history", optional=True),
            ("human", words.user),
        ]
    )


def conversation(history: tuple[Turn, ...]) -> list[BaseMessage]:
    """Return turns as messages, without `[n]`, whose sources the model does not see."""
    messages: list[BaseMessage] = []
    for turn in history:
        messages += [HumanMessage(turn.question), AIMessage(_MARKERS.sub("", turn.answer))]
    return messages
