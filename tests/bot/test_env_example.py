from __future__ import annotations

import re

from bot.settings import Settings
from tests.conftest import ROOT


def test_it_names_exactly_the_settings_and_says_something_of_each() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    blocks = [block.splitlines() for block in text.strip().split("\n\n")[1:]]
    documented = []
    for *comment, last in blocks:
        setting = re.fullmatch(r"# ([A-Z_]+)=\S*", last)
        assert setting is not None, last
        documented.append(setting[1])
        assert comment, f"{setting[1]} is not explained"
    assert documented == [field.validation_alias for field in Settings.model_fields.values()]


def test_each_setting_says_what_it_takes() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_its_examples_are_the_defaults() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^# ([A-Z_]+)=(\S+)$", text, re.MULTILINE))
    assert shown
    for field in Settings.model_fields.values():
        name = field.validation_alias
        if isinstance(name, str) and name in shown:
            assert shown[name] == str(field.default)
