"""The pages say what is so: transcripts and examples run; commands, settings and links exist."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.cli import app
from tests.conftest import ROOT, SAMPLE_ARCHIVE, Newsdesk

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
README = ROOT / "README.md"
COMMANDS: Any = typer.main.get_command(app)
SETTINGS = set(re.findall(r"^# ([A-Z_]+)=", (ROOT / ".env.example").read_text("utf-8"), re.M))
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
UNDOCUMENTED = {"NEWSDESK_DEBUG"}  # a traceback for developers

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@cache
def tokens(text: str) -> list[Token]:
    """Return the Markdown's tokens, those inside of paragraphs and tables among them."""
    parsed = MarkdownIt().enable("table").parse(text)
    return [inner for token in parsed for inner in (token, *(token.children or ()))]


def contents(text: str, *kinds: str) -> list[str]:
    return [token.content for token in tokens(text) if token.type in kinds]


def fenced(text: str, language: str) -> list[str]:
    return [t.content for t in tokens(text) if t.type == "fence" and t.info == language]


def lines(text: str) -> Iterator[str]:
    """Yield what a page tells one to type: in blocks, and in the middle of a line."""
    for block in contents(text, "code_block", "fence"):
        typed = block.replace("\\\n", " ").splitlines()
        prompted = [line[2:] for line in typed if line.startswith("$ ")]
        yield from prompted or typed
    yield from contents(text, "code_inline")


def commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each command of such lines, without settings put before it."""
    for line in lines(text):
        try:
            words = shlex.split(line, comments=True)
        except ValueError:  # an apostrophe: these are not words for a shell
            continue
        while words and re.match(r"[A-Z_]+=", words[0]):
            del words[0]
        if words and not words[0].endswith("/"):  # a folder
            yield [Path(words[0]).name, *words[1:]]


def problem(words: list[str]) -> str | None:
    """Return what of a command line does not exist, or None."""
    wrong: str | None = None
    match words:
        case ["newsdesk", *rest]:
            wrong = unknown_to_newsdesk(rest)
        case ["make", target, *rest] if re.fullmatch("[a-z]+", target):
            wrong = next(filter(None, map(unknown_test, rest)), None)
            wrong = wrong if target in TARGETS else target
        case ["python", "-m", module, *_]:
            wrong = None if importlib.util.find_spec(module) else module
        case ["python", file, *_] if file.endswith(".py"):
            wrong = None if (ROOT / file).exists() else file
        case ["docker", "compose", "run", "--rm", service, *rest]:
            wrong = unknown_to_newsdesk(rest) if service in COMPOSE["services"] else service
        case [option] if re.fullmatch("--[a-z-]+", option):
            known = {name for command in every_command() for name in options(command)}
            wrong = None if option in known else option
    return wrong


def unknown_to_newsdesk(words: list[str]) -> str | None:
    command = COMMANDS
    for word in words:
        if word.startswith("-") and word != "-":
            if word not in options(command):
                return word
        elif hasattr(command, "commands"):
            if word not in command.commands:
                return word
            command = command.commands[word]
    return None


def options(command: Any) -> set[str]:
    return {name for parameter in command.params for name in parameter.opts} | {"--help", "-h"}


def every_command(command: Any = COMMANDS) -> Iterator[Any]:
    yield command
    for inner in getattr(command, "commands", {}).values():
        yield from every_command(inner)


def unknown_test(word: str) -> str | None:
    """Return `T=path::name` if there is no such file, or no such test in it."""
    if not word.startswith("T=tests"):
        return None
    path, _, name = word.removeprefix("T=").partition("::")
    there = (ROOT / path).exists() and (not name or f"def {name}(" in text_of(ROOT / path))
    return None if there else word


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, made as forges make them."""
    found = tokens(text_of(page))
    titles = [b.content for a, b in pairwise(found) if a.type == "heading_open"]
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


def dead(page: Path, target: str) -> bool:
    path, _, anchor = target.partition("#")
    to = page.parent / path if path else page
    return not to.exists() or bool(anchor and anchor not in anchors(to))


def test_the_readmes_transcript_is_what_the_screen_shows(newsdesk: Newsdesk) -> None:
    (transcript,) = fenced(text_of(README), "console")
    steps = re.findall(r"^\$ newsdesk (.*)\n((?:(?!\$ ).*\n)*)", transcript, re.MULTILINE)
    assert len(steps) == 3
    here = Newsdesk(newsdesk.home, ROOT, {"COLUMNS": "200"})
    for command, shown in steps:
        assert here(*shlex.split(command)).stdout.rstrip() == shown.rstrip()


@pytest.mark.parametrize(
    ("page", "number"),
    [(page, n) for page in PAGES for n in range(len(fenced(text_of(page), "python")))],
    ids=lambda value: getattr(value, "name", value),
)
def test_each_python_example_runs(
    page: Path,
    number: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in os.environ:
        if name.startswith(("NEWSDESK_", "OPENAI_")):
            monkeypatch.delenv(name)
    (tmp_path / "articles").symlink_to(SAMPLE_ARCHIVE)
    monkeypatch.chdir(tmp_path)
    exec(compile(fenced(text_of(page), "python")[number], page.name, "exec"), {})
    shown = capsys.readouterr().out
    assert "Karabakh" in shown or "Minsk Group" in shown


def test_commands_are_found_in_the_pages() -> None:
    found = {tuple(words[:2]) for page in PAGES for words in commands(text_of(page))}
    assert {("newsdesk", name) for name in COMMANDS.commands} <= found
    assert {("make", name) for name in TARGETS - {"help"}} <= found
    assert ("docker", "compose") in found


@each_page
def test_every_command_and_option_exists(page: Path) -> None:
    wrong = [(words, what) for words in commands(text_of(page)) if (what := problem(words))]
    assert wrong == []


@pytest.mark.parametrize(
    "line",
    [
        "    newsdesk index articles", "    newsdesk eval --html\n    newsdesk ask --loud hm",
        "`newsdesk sources drop 1`", "`make tests`", "    make test T=tests/nowhere",
        "    make test T=tests/test_docs.py::test_that", "`python -m scripts.none`", "`--loud`",
        "    OPENAI_API_KEY=… newsdesk talk", "    docker compose run --rm bot index",
        "1. so:\n\n       newsdesk index", "    $ A=b \\\n        newsdesk index",
        "| a |\n|-|\n| `make me` |",
    ],
)  # fmt: skip
def test_a_command_that_does_not_exist_is_seen(line: str) -> None:
    assert [words for words in commands(line) if problem(words)]


@each_page
def test_no_command_stands_in_prose(page: Path) -> None:
    """Four spaces too few before a command make a paragraph of it."""
    assert [text for text in contents(text_of(page), "text") if re.search(r"(^| )--\w", text)] == []
    assert [text for text in contents(text_of(page), "text") if text.startswith("newsdesk ")] == []


@each_page
def test_every_setting_is_in_the_example_of_a_settings_file(page: Path) -> None:
    named = set(re.findall(r"\b(?:NEWSDESK|TELEGRAM|OPENAI)_[A-Z_]*[A-Z]\b", text_of(page)))
    assert named - SETTINGS - UNDOCUMENTED == set()


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = [
        str(token.attrs.get("href") or token.attrs["src"])
        for token in tokens(text_of(page))
        if token.type in ("link_open", "image")
    ]
    assert [target for target in targets if dead(page, target)] == []


def test_a_link_that_leads_nowhere_is_seen() -> None:
    assert dead(README, "docs/none.md")
    assert dead(README, "docs/quality.md#none")
    assert dead(README, "#none")
    assert not dead(README, "docs/quality.md#the-gate")


def test_every_page_of_docs_is_linked_from_the_readme() -> None:
    linked = {str(t.attrs.get("href")) for t in tokens(text_of(README)) if t.type == "link_open"}
    assert {f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md")} <= linked


@each_page
def test_the_json_of_a_page_can_be_read(page: Path) -> None:
    for block in contents(text_of(page), "code_block"):
        rest = block.strip() if block.startswith("{") else ""
        while rest:
            _, end = json.JSONDecoder().raw_decode(rest)
            rest = rest[end:].strip()


@each_page
def test_no_placeholder_is_left(page: Path) -> None:
    assert not re.search(r"^[A-Z]{4,}$|@[A-Z]{3,}", text_of(page), re.MULTILINE)


def test_the_readme_is_read_to_the_end() -> None:
    assert len(text_of(README).splitlines()) <= 180


def test_the_container_runs_what_was_tested_and_not_as_root() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes -r requirements.lock" in dockerfile
    last = dockerfile[dockerfile.rindex("FROM ") :]
    assert re.search(r"^USER (?!root|0\b)\w", last, re.MULTILINE)
    copied = re.findall(r"^COPY (?!--)(.*) \S+$", dockerfile, re.MULTILINE)
    assert copied
    assert [name for names in copied for name in names.split() if not (ROOT / name).exists()] == []
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert set(wheel) <= {name for names in copied for name in names.split()}
    (health,) = re.findall(r'HEALTHCHECK [^[]*CMD \["/venv/bin/newsdesk", "(\w+)"\]', last)
    assert unknown_to_newsdesk([health]) is None


def test_compose_keeps_the_archive_in_a_volume() -> None:
    bot = COMPOSE["services"]["bot"]
    assert f"archive:{bot['environment']['NEWSDESK_HOME']}" in bot["volumes"]
    assert "archive" in COMPOSE["volumes"]
    assert bot["command"] == ["telegram"]
    assert bot["env_file"] == ".env"


def test_the_forges_workflow_runs_what_is_run_here() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    runs = [step.get("run", "") for step in job["steps"]]
    assert {"make check", "make test"} <= set(runs)
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    ours = text_of(ROOT / ".ci/run")
    (installed,) = re.findall(r"install -y --no-install-recommends\s+\\\s+(.*)", "".join(runs))
    assert all(re.search(rf"\b{name}\b", ours) for name in set(installed.split()) - {"git", "make"})


def test_the_hooks_are_tools_of_the_environment() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    (repository,) = hooks["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith(".venv/bin/")
