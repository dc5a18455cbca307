"""The words that Newsdesk says by itself, kept apart from code: one file a purpose.

`lines.toml` holds the lines the assistant answers with when it quotes nothing.
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files


def line(name: str) -> str:
    """A line the assistant says, by its name in `lines.toml`.

    Raises:
        KeyError: there is no such line.
    """
    return _lines()[name]


@lru_cache(maxsize=1)
def _lines() -> dict[str, str]:
    text = (files(__package__) / "lines.toml").read_text(encoding="utf-8")
    return {name: str(value).strip() for name, value in tomllib.loads(text).items()}
