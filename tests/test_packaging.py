"""Installed from a wheel, outside the repository, the command has all it needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from scripts.build_encoder import VERSIONS

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = built.glob("*.whl")
    target = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(wheel).extractall(target)
    return target


@pytest.fixture
def environment(installed: Path, tmp_path: Path) -> dict[str, str]:
    """No settings but a home, and no Newsdesk but the wheel's."""
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith(("NEWSDESK_", "OPENAI_"))},
        "PYTHONPATH": str(installed),
        "NEWSDESK_HOME": str(tmp_path / "home"),
    }


@pytest.mark.process
def test_a_wheel_answers_from_outside_the_repository(
    environment: dict[str, str], tmp_path: Path
) -> None:
    article = tmp_path / "truce.txt"
    article.write_text("Truce holds\n\nThe truce in the valley was signed on 4 May 2021.\n")

    def newsdesk(*words: str) -> str:
        return subprocess.run(
            [sys.executable, "-m", "bot", *words],
            cwd=tmp_path,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    newsdesk("ingest", str(article))
    assert "4 May 2021. [1]" in newsdesk("ask", "When was the truce in the valley signed?")
    assert "Hello!" in newsdesk("ask", "hello")


@pytest.mark.process
def test_the_example_for_programs_runs(
    installed: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "articles").symlink_to(ROOT / "corpus/articles")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(from newsdesk .*?)```", readme, re.DOTALL)
    shown = subprocess.run(
        [sys.executable, "-c", f"{example}\nprint(__import__('newsdesk').__file__)"],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    answer, *cited, followed, first, second, third, where = shown
    assert "26 October" in answer
    assert [line[:3] for line in cited] == [f"[{n + 1}]" for n in range(len(cited))]
    assert cited
    assert "[1]" in followed
    assert any("Karabakh" in title for title in (first, second, third))
    assert Path(where).is_relative_to(installed)
    assert (tmp_path / "archive/catalog.db").exists()


@pytest.mark.process
def test_every_package_of_the_wheel_is_typed(installed: Path) -> None:
    packages = {path.parent for path in installed.glob("*/__init__.py")}
    assert {path.name for path in packages} >= {"newsdesk", "bot", "retrieval"}
    assert [path for path in packages if not (path / "py.typed").exists()] == []


@pytest.mark.process
def test_the_wheel_names_the_command_and_carries_the_licences(installed: Path) -> None:
    (metadata,) = installed.glob("newsdesk-*.dist-info")
    assert "newsdesk = bot.cli:main" in (metadata / "entry_points.txt").read_text()
    for folder in (
        "retrieval/embeddings/minilm",
        "retrieval/reading/minilm",
        "retrieval/text/vocabulary",
    ):
        assert (installed / folder / "LICENSE").exists()


def test_no_registry_is_named_in_a_lock_file() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--(?:extra-)?index-url", text)


def test_what_trains_the_networks_is_a_group_of_its_own_and_in_no_lock_file() -> None:
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    versions = dict(line.split("==") for line in groups["training"] if "==" in line)
    assert versions.items() >= VERSIONS.items()
    for lock in ROOT.glob("requirements*.lock"):
        assert not re.search(r"^(?:torch|safetensors)==", lock.read_text(), re.MULTILINE)
