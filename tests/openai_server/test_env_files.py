"""Whose `.env` is read: a file that lies where one stands sends nobody's key anywhere."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import Settings, load_settings
from newsdesk import Newsdesk as Front
from retrieval.archive.homes import catalog_in
from tests.conftest import Newsdesk
from tests.openai_server.conftest import KEY
from tests.openai_server.server import Service, says, serving

TRUCE = "When did the third truce take effect?"
TRUE = "The third truce took effect at eight in the morning on Monday, 26 October."


@pytest.fixture
def stranger() -> Iterator[Service]:
    with serving() as running:
        running.script = [says(f"{TRUE} [1]")]
        yield running


@pytest.fixture
def victim(own_sample: Newsdesk, service: Service, waits: list[float]) -> Newsdesk:
    """The command of somebody with a key; what it sends to OpenAI goes no further than `service`,
    a proxy that lets nothing through."""
    return own_sample.told(OPENAI_API_KEY=KEY, HTTPS_PROXY=service.url, NO_PROXY="127.0.0.1")


def write(folder: Path, **settings: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ".env"
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    return path


def test_an_address_of_the_working_folder_never_gets_a_key_of_elsewhere(
    victim: Newsdesk, stranger: Service
) -> None:
    path = write(victim.folder, OPENAI_BASE_URL=stranger.url)
    done = victim("ask", TRUCE)
    assert "[1]" in done.stdout
    assert stranger.keys == []
    first = done.stderr.splitlines()[0]
    assert first.startswith(
        f"newsdesk: Not taken from {path}: OPENAI_BASE_URL, since OPENAI_API_KEY"
    )
    assert "--env-file" in first


def test_nor_does_one_of_a_home_that_the_working_folder_names(
    victim: Newsdesk, stranger: Service, tmp_path: Path
) -> None:
    home = victim.home.rename(tmp_path / "theirs")
    write(home, OPENAI_BASE_URL=stranger.url)
    write(victim.folder, NEWSDESK_HOME=str(home))
    done = victim.told(NEWSDESK_HOME="")("ask", TRUCE)
    assert "[1]" in done.stdout
    assert stranger.keys == []
    assert f"Not taken from {home / '.env'}: OPENAI_BASE_URL" in done.stderr
    assert f"Taken from {victim.folder / '.env'}: NEWSDESK_HOME." in done.stderr


def test_nor_is_a_variable_put_into_what_a_stranger_wrote(
    own_sample: Newsdesk, stranger: Service
) -> None:
    write(
        own_sample.folder,
        OPENAI_API_KEY="theirs-${AWS_SECRET_ACCESS_KEY}",
        OPENAI_BASE_URL=f"{stranger.url}?${{AWS_SECRET_ACCESS_KEY}}",
    )
    own_sample.told(AWS_SECRET_ACCESS_KEY=KEY)("ask", TRUCE)
    assert stranger.keys
    assert KEY not in repr((stranger.keys, stranger.requests))


def test_nor_do_the_headers_that_belong_to_the_key(own_sample: Newsdesk, stranger: Service) -> None:
    write(own_sample.folder, OPENAI_BASE_URL=stranger.url, NEWSDESK_ENGINE="auto")
    own_sample.told(OPENAI_CUSTOM_HEADERS=f"Authorization: Bearer {KEY}")("ask", TRUCE)
    assert stranger.requests == []


def test_a_proxy_of_the_working_folder_is_not_used(
    own_sample: Newsdesk, service: Service, stranger: Service
) -> None:
    service.script = [says(f"{TRUE} [1]")]
    write(own_sample.folder, HTTP_PROXY=stranger.url, ALL_PROXY=stranger.url)
    done = own_sample.told(OPENAI_API_KEY=KEY, OPENAI_BASE_URL=service.url)("ask", TRUCE)
    assert (service.keys, stranger.requests) == ([KEY], [])
    assert done.stderr == ""


def test_a_file_that_brings_the_key_names_its_address_and_is_told_of(
    own_sample: Newsdesk, stranger: Service
) -> None:
    path = write(
        own_sample.folder, OPENAI_API_KEY="theirs", OPENAI_BASE_URL=stranger.url, OTHER="1"
    )
    done = own_sample("ask", TRUCE)
    assert TRUE in done.stdout
    assert stranger.keys == ["theirs"]
    assert done.stderr == f"newsdesk: Taken from {path}: OPENAI_API_KEY, OPENAI_BASE_URL.\n"


@pytest.mark.parametrize("place", ["the home", "--env-file", "--env-file here", "the home is here"])
def test_a_file_that_was_chosen_names_any_address(
    own_sample: Newsdesk, stranger: Service, tmp_path: Path, place: str
) -> None:
    mine, option = own_sample.told(OPENAI_API_KEY=KEY), []
    if place == "the home":
        write(own_sample.home, OPENAI_BASE_URL=stranger.url)
    elif place == "the home is here":
        write(own_sample.home, OPENAI_BASE_URL=stranger.url)
        mine = Newsdesk(mine.home, mine.home, mine.settings)
    else:
        folder = own_sample.folder if place.endswith("here") else tmp_path / "config"
        option = ["--env-file", str(write(folder, OPENAI_BASE_URL=stranger.url))]
    done = mine(*option, "ask", TRUCE)
    assert (TRUE in done.stdout, done.stderr) == (True, "")
    assert stranger.keys == [KEY]
    assert mine("ask", "--env-file", tmp_path / "none", TRUCE).stderr.count("\n") == 1


def test_each_place_wins_over_the_next(empty: Newsdesk, tmp_path: Path) -> None:
    def found(*option: str) -> str:
        return json.loads(told("status", "--json", *option).stdout)["problems"][0]

    told = empty
    write(empty.folder, NEWSDESK_EMBEDDINGS="/of/working/folder")
    assert "/of/working/folder" in found()
    write(empty.home, NEWSDESK_EMBEDDINGS="/of/home")
    assert "/of/home" in found()
    named = ["--env-file", str(write(tmp_path / "named", NEWSDESK_EMBEDDINGS="/of/named"))]
    assert "/of/named" in found(*named)
    told = empty.told(NEWSDESK_EMBEDDINGS="/of/environment")
    assert "/of/environment" in found(*named)


def test_the_home_may_stand_in_a_file_but_not_in_its_own(
    newsdesk: Newsdesk, tmp_path: Path
) -> None:
    def home(*option: str) -> str:
        done = homeless("status", "--json", *option)
        complaints.append(done.stderr)
        return json.loads(done.stdout)["home"]

    complaints: list[str] = []
    homeless = newsdesk.told(NEWSDESK_HOME="", XDG_DATA_HOME=str(tmp_path / "data"))
    default = tmp_path / "data" / "newsdesk"
    for begun in (newsdesk.folder / "here", tmp_path / "named"):
        catalog_in(begun / "catalog.db").close()
    assert home() == str(default)
    write(newsdesk.folder, NEWSDESK_HOME="here")
    assert home() == str(newsdesk.folder / "here")
    named = str(write(tmp_path / "named", NEWSDESK_HOME=str(tmp_path / "named")))
    assert home("--env-file", named) == str(tmp_path / "named")
    (newsdesk.folder / ".env").unlink()
    write(default, NEWSDESK_HOME=str(tmp_path / "other"))
    assert home() == str(default)
    assert "NEWSDESK_HOME is not taken" in complaints[-1]


def test_a_folder_of_that_name_is_named_as_such(empty: Newsdesk) -> None:
    (empty.folder / ".env").mkdir()
    done = empty("status")
    assert done.returncode == 0
    assert done.stderr == (
        f"newsdesk: {empty.folder / '.env'} is a folder: no settings are read from it.\n"
    )
    done = empty("--env-file", ".env", "status")
    assert done.returncode == 1
    assert done.stderr.endswith(".env cannot be read: it is a folder.\n")


def test_a_program_hears_of_it_in_its_log(
    newsdesk: Newsdesk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    write(newsdesk.folder, OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    for name in os.environ:
        if name.startswith(("NEWSDESK_", "OPENAI_", "TELEGRAM_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.chdir(newsdesk.folder)
    with caplog.at_level(logging.WARNING), Front(newsdesk.home):
        assert "OPENAI_BASE_URL, since OPENAI_API_KEY comes from the environment" in caplog.text


def test_another_process_is_told_the_same_but_nothing_of_the_bot(tmp_path: Path) -> None:
    file = write(tmp_path, NEWSDESK_EMBEDDINGS="/of/named", TELEGRAM_BOT_TOKEN="1:secret")
    settings = load_settings(tmp_path, env_file=file, openai_api_key=KEY, log_texts=True)
    told = settings.as_environment()
    assert "secret" not in repr(told)
    assert Settings(**told) == settings.model_copy(update={"telegram_bot_token": None})  # type: ignore[arg-type]
