"""The pages say what is so: transcripts, examples, commands, settings, links, targets of make."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from bot.cli import app
from tests.conftest import ROOT, SAMPLE_ARCHIVE, Newsdesk

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
README = ROOT / "README.md"
COMMANDS = typer.main.get_command(app)
SETTINGS = set(re.findall(r"^#?\s?([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def command_lines(text: str) -> list[list[str]]:
    """The words of every `newsdesk …` that a page tells one to run, in blocks and in a line."""
    indented = re.findall(r"^(?: {4}|\$ |.*&& )(?:[A-Z_]+=\S+ )*(newsdesk .+)$", text, re.M)
    inline = re.findall(r"`(?:[A-Z_]+=\S+ )*(newsdesk [^`]+)`", text)
    return [
        [word for word in shlex.split(line, comments=True) if word not in ("<", ">")]
        for line in [*indented, *inline]
    ]


def undefined(words: list[str]) -> str | None:
    """What of a command line the command does not know, if there is such a thing."""
    command: Any = COMMANDS
    for word in words[1:]:
        options = {name for param in command.params for name in param.opts} | {"--help", "-h"}
        if word.startswith("-") and word != "-":
            if word not in options:
                return word
        elif hasattr(command, "commands"):
            found = command.commands.get(word)
            if found is None:
                return word
            command = found
    return None


def test_the_readmes_transcript_is_what_the_screen_shows(newsdesk: Newsdesk) -> None:
    (transcript,) = re.findall(r"```console\n(.*?)```", text_of(README), re.DOTALL)
    steps = re.findall(r"^\$ newsdesk (.*)\n((?:(?!\$ ).*\n)*)", transcript, re.MULTILINE)
    assert len(steps) == 3
    here = Newsdesk(newsdesk.home, ROOT, {"COLUMNS": "200"})
    for command, shown in steps:
        assert here(*shlex.split(command)).stdout.rstrip() == shown.rstrip()


EXAMPLES = [
    (page, example)
    for page in PAGES
    for example in re.findall(r"```python\n(.*?)```", text_of(page), re.DOTALL)
]


@pytest.mark.parametrize(
    ("page", "example"), EXAMPLES, ids=lambda value: getattr(value, "name", "")
)
def test_each_python_example_runs(
    page: Path,
    example: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    shutil.copytree(SAMPLE_ARCHIVE, tmp_path / "articles")
    monkeypatch.chdir(tmp_path)
    exec(compile(example, page.name, "exec"), {})
    shown = capsys.readouterr().out
    assert "Karabakh" in shown or "Minsk Group" in shown


def test_commands_are_found_in_the_pages() -> None:
    found = {words[1] for page in PAGES for words in command_lines(text_of(page))}
    assert {"ingest", "ask", "chat", "status", "sources", "telegram", "eval", "usage"} <= found


@each_page
def test_every_command_and_option_exists(page: Path) -> None:
    wrong = {shlex.join(w): undefined(w) for w in command_lines(text_of(page)) if undefined(w)}
    assert wrong == {}


@each_page
def test_every_target_of_make_exists(page: Path) -> None:
    named = set(re.findall(r"(?:`|^ {4})make ([a-z]+)", text_of(page), re.M))
    assert named - TARGETS == set()


@each_page
def test_every_setting_is_in_the_example_of_a_settings_file(page: Path) -> None:
    named = set(re.findall(r"\b(?:NEWSDESK|TELEGRAM|OPENAI)_[A-Z_]*[A-Z]\b", text_of(page)))
    assert named - SETTINGS - {"NEWSDESK_DEBUG"} == set()


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = [
        target
        for target in re.findall(r"\]\(([^)#\s]+)\)", text_of(page))
        if not target.startswith("http")
    ]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@each_page
def test_no_placeholder_is_left(page: Path) -> None:
    assert not re.search(r"^[A-Z]{4,}$|@[A-Z]{3,}", text_of(page), re.MULTILINE)


def test_the_readme_is_read_to_the_end() -> None:
    assert len(text_of(README).splitlines()) <= 180


def test_the_container_runs_what_was_tested_and_not_as_root() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes -r requirements.lock" in lines
    last = lines[lines.rindex("FROM ") :]
    assert re.search(r"^USER (?!root)", last, re.M)
    for folder in re.findall(r"^COPY (\w+) \w+$", lines, re.M):
        assert (ROOT / folder).is_dir()
    (health,) = re.findall(r'CMD \["/venv/bin/newsdesk", (.*)\]$', last, re.M)
    assert undefined(["newsdesk", *re.findall(r'"(.*?)"', health)]) is None


def test_compose_keeps_the_archive_in_a_volume() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    bot = compose["services"]["bot"]
    assert f"archive:{bot['environment']['NEWSDESK_HOME']}" in bot["volumes"]
    assert "archive" in compose["volumes"]
    assert undefined(["newsdesk", *bot["command"]]) is None


def test_the_forges_workflow_runs_what_is_run_here() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    runs = [step.get("run") for step in job["steps"]]
    assert {"make check", "make test"} <= set(runs)
    assert "3.11" in job["strategy"]["matrix"]["python"]
