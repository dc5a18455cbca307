"""The texts that Newsdesk shows or sends to a model, kept apart from the code.

`lines.toml` has the assistant's own lines, such as its refusal; `ask_in_english.toml` has one of
them in other languages. `write.toml`, `rewrite.toml` and
`verify.toml` are prompts.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt's system message and user message, both with `{placeholders}`."""

    system: str
    user: str


def line(name: str) -> str:
    """Return one of the assistant's own lines, by its name in `lines.toml`.

    Raises:
        KeyError: there is no such line.
    """
    return _read("lines")[name]


def ask_in_english() -> dict[str, str]:
    """Return the line that asks for a question in English, by the language that it is said in."""
    return _read("ask_in_english")


def prompt(name: str) -> Prompt:
    """Return a prompt, by the name of its file.

    Raises:
        FileNotFoundError: there is no such prompt.
    """
    return Prompt(**_read(name))


@lru_cache(maxsize=8)
def _read(name: str) -> dict[str, str]:
    text = (files(__package__) / f"{name}.toml").read_text(encoding="utf-8")
    return {key: str(value).strip() for key, value in tomllib.loads(text).items()}
