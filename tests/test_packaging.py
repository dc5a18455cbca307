"""Installed from a wheel, outside the repository, the command has all it needs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

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


@pytest.mark.process
def test_a_wheel_answers_from_outside_the_repository(installed: Path, tmp_path: Path) -> None:
    article = tmp_path / "truce.txt"
    article.write_text("Truce holds\n\nThe truce in the valley was signed on 4 May 2021.\n")
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("NEWSDESK_", "OPENAI_"))},
        "PYTHONPATH": str(installed),
        "NEWSDESK_HOME": str(tmp_path / "home"),
    }

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
def test_the_wheel_names_the_command_and_carries_the_licences(installed: Path) -> None:
    (metadata,) = installed.glob("newsdesk-*.dist-info")
    assert "newsdesk = bot.cli:main" in (metadata / "entry_points.txt").read_text()
    for folder in ("retrieval/embeddings/minilm", "retrieval/text/vocabulary"):
        assert (installed / folder / "LICENSE").exists()


def test_no_registry_is_named_in_a_lock_file() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--(?:extra-)?index-url", text)
