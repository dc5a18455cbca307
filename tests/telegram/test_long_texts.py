"""What a model writes arrives as written, split where it does not hurt."""

from __future__ import annotations

import re

import pytest

from tests.telegram.botapi import Shown, units
from tests.telegram.bots import ScriptedThread
from tests.telegram.desk import TRUCE, finished

ODD = {
    "tags": "Less <b>bold</b> & more <script>alert(1)</script> [1].",
    "unclosed": "A **bold word, an _italic one, `code and [a link]( are never closed [1].",
    "table": "| Side | Dead |\n|---|---|\n| A & B | 17 |\n\nThat is the toll [1].",
    "entities": "&lt;not a tag&gt; &amp; \\*not\\* escaped \\_either\\_ [1].",
    "link": "See [here](javascript:alert(1)) and tg://resolve?domain=x [1].",
    "right to left": "שלום and مرحبا are greetings [1].",
    "family": "A family 👨‍👩‍👧‍👦 and a flag 🇦🇲 stand here [1].",
    "fence": "```python\nprint('<&>')\n```\nThat prints it [1].",
}


@pytest.mark.parametrize("name", ODD)
def test_markup_arrives_as_written(scripted: ScriptedThread, name: str) -> None:
    scripted.answers("oddly", ODD[name])
    ann = scripted.api.person("Ann")
    answer = ann.private.reply(ann.says(f"{TRUCE} Answer oddly."), finished)
    said = answer.text.partition("\n\nSources")[0]
    assert said == ODD[name]
    assert [label for label, _ in answer.links[:1]] == ["[1]"]
    assert all(url.startswith("https://news.example/") for _, url in answer.links)
    for request in scripted.api.requests:
        assert "parse_mode" not in request.params


LONG = {
    "sentences": "This is a sentence of some length that is cited properly [1]. " * 200,
    "emoji": "👨‍👩‍👧‍👦" * 1500 + " [1].",
    "no spaces": "x" * 9000 + " [1].",
    "citations": "So it is [1]. " * 400,
    "astral": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 " * 900 + "[1].",
    "flags": "🇦🇲🇦🇿" * 700 + " [1].",
    "lines": "One short line [1].\n" * 300,
}


@pytest.mark.parametrize("name", LONG)
def test_long_answers_are_split_in_order(scripted: ScriptedThread, name: str) -> None:
    scripted.answers("at length", LONG[name])
    ann = scripted.api.person("Ann")
    asked = ann.says(f"{TRUCE} Answer at length.")
    last = ann.private.next(asked, finished, timeout=60)
    parts = ann.private.after(asked)
    assert parts[-1] is last
    assert len(parts) > 1
    whole = "".join(part.text for part in parts)
    said = whole.partition("Sources")[0]
    assert _without_space(said) == _without_space(LONG[name])
    for one in parts:
        assert units(one.text) <= 4096
        assert len(one.entities) <= 100
        assert_whole(one)
    assert parts[0].reply_to == asked.id
    assert not any(part.buttons for part in parts[:-1])


def assert_whole(part: Shown) -> None:
    """Neither a citation nor an emoji is cut at its ends, and each citation is a link."""
    assert not re.search(r"\[\d*$", part.text)
    assert not re.match(r"\d*\]", part.text)
    assert part.text[0] not in "\u200d\ufe0f"
    assert part.text[-1] != "\u200d"
    ends = [len(run) for run in re.findall("[\U0001f1e6-\U0001f1ff]+", part.text)]
    assert all(length % 2 == 0 for length in ends)
    assert len(part.links) == len(re.findall(r"\[\d+\]", part.text))


def _without_space(text: str) -> str:
    return re.sub(r"\s", "", text)
