from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import app
from tests.conftest import Newsdesk

COMMANDS = [
    [],
    ["ask"],
    ["chat"],
    *(["articles"], ["log"], ["export"]),
    ["check"],
    ["ingest"],
    *(["follow"], ["unfollow"], ["following"], ["refresh"]),
    ["setup"],
    ["status"],
    ["usage"],
    ["sources"],
    ["sources", "list"],
    ["sources", "show"],
    ["sources", "remove"],
]

SLOW = (
    *("chromadb", "langchain_core", "numpy", "onnxruntime", "openai", "prompt_toolkit"),
    *("pydantic_settings", "rich", "tiktoken", "trafilatura"),
    *("opentelemetry", "prometheus_client"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_help_text_has_examples_of_its_command(
    newsdesk: Newsdesk, command: list[str]
) -> None:
    done = newsdesk(*command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    usage, _, examples = done.stdout.partition("Examples:")
    assert usage.startswith(" ".join(["Usage: newsdesk", *command]))
    shown = [line.strip() for line in examples.splitlines() if line.strip()]
    assert shown
    assert all(" ".join(["newsdesk", *command]) in line for line in shown)
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_list_of_commands_has_whole_sentences(newsdesk: Newsdesk) -> None:
    done = newsdesk("--help")
    _, _, commands = done.stdout.partition("Commands:\n")
    rows = [line for line in commands.partition("\n\n")[0].splitlines() if line]
    assert len(rows) == len(app.registered_commands) + len(app.registered_groups)
    assert all(row.endswith(".") and not row.endswith("..") for row in rows)


@pytest.mark.process
def test_a_help_text_loads_nothing_slow(newsdesk: Newsdesk) -> None:
    code = (
        "import sys, bot.cli\n"
        "sys.argv = ['newsdesk', 'ask', '--help']\n"
        "try: bot.cli.main()\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=newsdesk.environment,
        check=True,
    )
    loaded = set(done.stderr.split())
    assert "typer" in loaded
    assert loaded & set(SLOW) == set()


def test_the_version(newsdesk: Newsdesk) -> None:
    done = newsdesk("--version")
    assert (done.returncode, done.stderr) == (0, "")
    assert re.match(r"newsdesk\b", done.stdout)


def test_the_shell_completes_commands_and_options(newsdesk: Newsdesk) -> None:
    def complete(line: str, word: int) -> list[str]:
        shell = newsdesk.told(
            _NEWSDESK_COMPLETE="complete_bash", COMP_WORDS=line, COMP_CWORD=str(word)
        )
        return shell().stdout.split()

    assert sorted(complete("newsdesk s", 1)) == ["search", "serve", "setup", "sources", "status"]
    assert complete("newsdesk sources re", 2) == ["remove"]
    assert "--prune" in complete("newsdesk ingest --", 2)


def test_settings_that_cannot_be_used(newsdesk: Newsdesk) -> None:
    done = newsdesk.told(NEWSDESK_ENGINE="magic")("status")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"newsdesk: NEWSDESK_ENGINE .*\n", done.stderr)
    (newsdesk.folder / ".env").write_bytes(b"NEWSDESK_ENGINE=\xff\xfe")
    done = newsdesk("status")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"newsdesk: .*\.env.*\n", done.stderr)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("NEWSDESK_TIMEOUT", "0", "a whole number of seconds, 1 to 86400, not '0'"),
        ("NEWSDESK_TIMEOUT", "1.5", "a whole number of seconds"),
        ("NEWSDESK_VERIFY", "always", "auto, model or off, not 'always'"),
        ("NEWSDESK_DAILY_BUDGET_USD", "-1", "0 or more"),
        ("NEWSDESK_DAILY_BUDGET_USD", "nan", "US dollars"),
        ("NEWSDESK_EMBEDDINGS", "~nobody-here/encoder", "~nobody-here"),
        ("NEWSDESK_READER", "~nobody-here/reader", "~nobody-here"),
        ("NEWSDESK_HOME", "~nobody-here/home", "~nobody-here"),
        ("NEWSDESK_LOG_TEXTS", "perhaps", "True or False"),
        ("OPENAI_API_KEY", "sk-“quoted”", "letters, digits and signs without a space"),
        ("OPENAI_BASE_URL", "nonsense", "an address such as http://localhost:11434/v1"),
        ("OPENAI_BASE_URL", "localhost:11434/v1", "an address such as"),
        ("OPENAI_BASE_URL", "http:nonsense", "an address such as"),
        ("OPENAI_BASE_URL", "http://localhost:99999/v1", "an address such as"),
        ("NEWSDESK_DATABASE_URL", "mysql://ann:b@localhost/news", "it takes postgresql://"),
        ("TELEGRAM_API_URL", "ftp://127.0.0.1", "an address such as"),
        ("TELEGRAM_BOT_TOKEN", "1:a b", "without a space"),
        ("TELEGRAM_WEBHOOK_URL", "https://", "an address such as"),
        ("TELEGRAM_WEBHOOK_SECRET", "a b", "1 to 256 of"),
        ("TELEGRAM_WEBHOOK_LISTEN", "8443", "host:port"),
        ("TELEGRAM_ADMINS", "1,two", "numbers with commas between"),
        ("TELEGRAM_DAILY_QUESTIONS", "9" * 30, "a whole number, 0 to 1000000"),
    ],
)
def test_a_setting_is_refused_with_its_name_and_the_reason(
    newsdesk: Newsdesk, name: str, value: str, reason: str
) -> None:
    done = newsdesk.told(**{name: value})("status")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(f"newsdesk: {name} cannot be used: .*{reason}.*\n", done.stderr)
    assert "Input" not in done.stderr
    if name.endswith(("KEY", "TOKEN", "SECRET")):
        assert value not in done.stderr


@pytest.mark.parametrize(
    "said",
    ["sek/ret", "sek?ret", "sek#ret", "sek@ret", "sek:ret", "sek[ret", "sek%ret", "12/sekret"],
)
def test_a_password_that_is_not_written_as_an_address_needs_it_is_refused_and_not_shown(
    newsdesk: Newsdesk, said: str
) -> None:
    told = newsdesk.told(NEWSDESK_DATABASE_URL=f"postgresql://ann:{said}@127.0.0.1:1/news")
    for command in ("status", "search"):
        done = told(command, *(["truce"] if command == "search" else []))
        assert (done.returncode, done.stdout) == (1, "")
        assert "% / ? # : @ written as %25" in done.stderr
        assert "ret" not in done.stderr.replace("secret", "")


def test_a_wrong_setting_of_a_file_is_named_with_the_file(newsdesk: Newsdesk) -> None:
    newsdesk.home.mkdir()
    file = newsdesk.home / ".env"
    file.write_text("NEWSDESK_TIMEOUT=soon\n")
    done = newsdesk("status")
    assert done.stderr.startswith(f"newsdesk: NEWSDESK_TIMEOUT of {file} cannot be used: it takes")
    file.write_text("# mine\nNEWSDESK_ENGINE=auto\n'x\n=y\n")
    done = newsdesk("status")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(rf"newsdesk: {file} cannot be read from line 3 .*\n", done.stderr)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("NEWSDESK_MODLE", "NEWSDESK_MODEL"),
        ("newsdesk_engine", "NEWSDESK_ENGINE"),
        ("NEWSDESK_BUDGET", "NEWSDESK_DAILY_BUDGET_USD"),
        ("TELEGRAM_TOKEN", "TELEGRAM_BOT_TOKEN"),
    ],
)
def test_a_name_that_is_no_setting_is_pointed_out(empty: Newsdesk, name: str, meant: str) -> None:
    done = empty.told(**{name: "1", "NEWSDESK_DEBUG": ""})("status")
    line = f"newsdesk: {name} in the environment is no setting: did you mean {meant}?\n"
    assert (done.returncode, done.stderr) == (0, line)
    (empty.home / ".env").write_text(f"{name}=1\n")
    assert empty("status").stderr == line.replace("the environment", f"{empty.home}/.env")


@pytest.mark.process
def test_ctrl_c_while_it_ends_changes_nothing(newsdesk: Newsdesk) -> None:
    code = (
        "import os, signal, sys, bot.cli\n"
        "class Slow:\n"
        "    def reconfigure(self, **_): pass\n"
        "    def flush(self): os.kill(os.getpid(), signal.SIGINT)\n"
        "bot.cli._run = lambda: 130\n"
        "sys.stdout = Slow()\n"
        "bot.cli.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=newsdesk.environment,
        check=False,
    )
    assert (done.returncode, done.stderr) == (130, "")


def test_the_unexpected_is_one_line_and_debugging_shows_where(
    empty: Newsdesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise KeyError("a \x1b[31mbug")

    monkeypatch.setattr("bot.health.examine", broken)
    done = empty("status")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "KeyError" in done.stderr
    assert "NEWSDESK_DEBUG=1" in done.stderr
    assert "\x1b" not in done.stderr
    debugged = empty.told(NEWSDESK_DEBUG="1")("status")
    assert debugged.returncode == 1
    assert "Traceback" in debugged.stderr


def test_the_home_may_be_named_before_or_after_the_command(
    newsdesk: Newsdesk, ingested: Path, tmp_path: Path
) -> None:
    for name in ("one", "elsewhere/two"):
        shutil.copytree(ingested, tmp_path / name)
    assert newsdesk("--home", tmp_path / "one", "sources").returncode == 0
    assert (
        newsdesk("--home", "a", "sources", "--home", "b", "list", "--home", "two").returncode == 0
    )
    assert {path.name for path in newsdesk.folder.iterdir()} == {"two"}
    assert not newsdesk.home.exists()
