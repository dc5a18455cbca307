"""The assistant's own lines: all there, one line each, and no placeholder left open."""

import re
import tomllib
from pathlib import Path

import pytest

from prompts import line

ROOT = Path(__file__).resolve().parent.parent
NAMES = sorted(tomllib.loads((ROOT / "prompts" / "lines.toml").read_text(encoding="utf-8")))


@pytest.mark.parametrize("name", NAMES)
def test_a_line_is_one_line_without_placeholders(name: str) -> None:
    text = line(name)
    assert text
    assert "\n" not in text
    assert not re.search(r"[{}]", text)


def test_every_line_is_used_by_its_name() -> None:
    code = "".join(path.read_text() for path in (ROOT / "retrieval").rglob("*.py"))
    assert [name for name in NAMES if f'"{name}"' not in code] == []
