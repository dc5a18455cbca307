"""The texts that Newsdesk shows or sends to a model, kept apart from the code.

`lines.toml` has the assistant's own lines, such as its refusal; `languages.toml` what is said in
other languages. The other files are prompts.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt's system message and user message, both with `{placeholders}`."""

    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Language:
    """A language that is not the archive's, and the lines that are said in it.

    `name` is its English name. `searched` stands before the English question that was searched
    for, `translated` behind an answer that was translated.
    """

    name: str
    ask_in_english: str
    not_answered: str
    searched: str
    translated: str


def line(name: str) -> str:
    """Return one of the assistant's own lines, by its name in `lines.toml`.

    Raises:
        KeyError: there is no such line.
    """
    return str(_read("lines")[name])


def languages() -> dict[str, Language]:
    """Return the languages that questions are known in beside English, by their ISO 639-1 codes."""
    return {code: Language(**lines) for code, lines in _read("languages").items()}


def prompt(name: str) -> Prompt:
    """Return a prompt, by the name of its file.

    Raises:
        FileNotFoundError: there is no such prompt.
    """
    return Prompt(**_read(name))


@lru_cache(maxsize=8)
def _read(name: str) -> dict[str, Any]:
    text = (files(__package__) / f"{name}.toml").read_text(encoding="utf-8")
    return {
        key: value.strip() if isinstance(value, str) else value
        for key, value in tomllib.loads(text).items()
    }
