"""The assistant's own lines and its prompts: all there, and each placeholder filled."""

import re
import tomllib
from dataclasses import astuple
from pathlib import Path

import pytest

from prompts import Language, languages, line, prompt

ROOT = Path(__file__).resolve().parent.parent
NAMES = sorted(tomllib.loads((ROOT / "prompts" / "lines.toml").read_text(encoding="utf-8")))
CODE = "".join(path.read_text() for path in (ROOT / "retrieval").rglob("*.py"))

PROMPTS = {
    "write": {"not_answered", "passages", "question"},
    "rewrite": {"question"},
    "agent": {"most", "found", "question"},
    "verify": {"sentences"},
    "into_english": {"language", "question"},
    "from_english": {"language", "sentences"},
}


@pytest.mark.parametrize("name", NAMES)
def test_a_line_is_one_line_without_placeholders(name: str) -> None:
    text = line(name)
    assert text
    assert "\n" not in text
    assert not re.search(r"[{}]", text)


@pytest.mark.parametrize("language", languages().values(), ids=lambda language: language.name)
def test_what_is_said_in_another_language_is_one_line_each(language: Language) -> None:
    for text in astuple(language):
        assert re.fullmatch(r"[^{}\n]+", text)


def test_every_line_is_used_by_its_name() -> None:
    assert [name for name in NAMES if f'"{name}"' not in CODE] == []


def test_every_prompt_is_used_and_listed_here() -> None:
    files = {path.stem for path in (ROOT / "prompts").glob("*.toml")} - {"lines", "languages"}
    assert files == set(PROMPTS)
    assert [name for name in PROMPTS if f'template("{name}")' not in CODE] == []


@pytest.mark.parametrize("name", PROMPTS)
def test_a_prompt_has_its_placeholders_and_no_others(name: str) -> None:
    words = prompt(name)
    text = words.system + words.user
    assert set(re.findall(r"\{(\w*)\}", text)) == PROMPTS[name]
    assert text.count("{") == text.count("}") == len(re.findall(r"\{\w+\}", text))
    # What anybody but us has written stands in the user's message, never in the system's.
    assert not re.search(r"\{(?:passages|question|sentences)\}", words.system)
