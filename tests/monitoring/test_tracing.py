"""Traces of questions, at a real collector: of the server, of the bot, and where it is away."""

from __future__ import annotations

import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import httpx
import pytest

from bot.settings import load_settings
from retrieval.errors import SettingsError
from tests.conftest import Newsdesk
from tests.monitoring.collector import Collector, collecting
from tests.openai_server.server import Service, says
from tests.openai_server.server import serving as serving_a_model
from tests.ports import free_port
from tests.serving.conftest import TRUCE, desk_of, served
from tests.serving.test_monitoring import BREAD, FALSE, WRITTEN, asked
from tests.serving.test_serve_command import started


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest.fixture
def home(ingested: Path, tmp_path: Path) -> Path:
    shutil.copytree(ingested, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def model() -> Iterator[Service]:
    with serving_a_model() as service:
        yield service


def ask(home: Path, *questions: str, **settings: str) -> None:
    """Ask a server that ends afterwards."""
    settings = {"engine": "extractive"} | settings
    with served(desk_of(home, **settings)) as url:
        client = httpx.Client(base_url=url, trust_env=False, timeout=60)
        with client as http:
            for question in questions:
                assert asked(http, question).status_code == 200


def test_a_quoted_answer_has_a_span_and_one_for_each_stage(
    home: Path, collector: Collector
) -> None:
    ask(home, TRUCE, otel_endpoint=collector.url, otel_headers="x-key=secret")
    whole, *stages = collector.spans
    assert (whole.name, whole.parent) == ("newsdesk.question", "")
    parents = {span.name: span.parent for span in stages}
    assert parents["newsdesk.search"] == "newsdesk.question"
    assert parents["newsdesk.retrieve"] == parents["newsdesk.rerank"] == "newsdesk.search"
    for span in stages:
        assert whole.start <= span.start <= span.end <= whole.end
    assert whole.values["newsdesk.outcome"] == "answered"
    assert whole.values["newsdesk.engine"] == "extractive"
    assert whole.values["newsdesk.citations"] >= 1
    assert whole.values["newsdesk.passages"] >= 1
    assert not whole.failed
    assert collector.services == {"newsdesk"}
    assert set(collector.keys) == {"secret"}


def test_a_written_answer_has_its_checks_in_it_and_no_texts(
    home: Path, collector: Collector, model: Service
) -> None:
    model.script = [says(f"{WRITTEN} {FALSE}")]
    ask(
        home,
        TRUCE,
        engine="openai",
        openai_api_key="sk-1",
        openai_base_url=model.url,
        otel_endpoint=collector.url,
        otel_service="desk-7",
    )
    whole, *stages = collector.spans
    assert [(s.name, s.parent) for s in stages].count(("newsdesk.check", "newsdesk.write")) == 2
    assert whole.values["newsdesk.engine"] == "openai"
    assert whole.values["newsdesk.model"].startswith("gpt-")
    assert whole.values["newsdesk.removed"] == 1
    assert whole.values["newsdesk.prompt_tokens"] > 100
    assert collector.services == {"desk-7"}
    sent = b"".join(request.SerializeToString() for request in collector.requests)
    for word in (b"truce", b"Pompeo", b"October", b"sk-1", str(home).encode()):
        assert word not in sent


def test_each_question_is_a_trace_of_its_own(home: Path, collector: Collector) -> None:
    ask(home, TRUCE, BREAD, "Hello!", otel_endpoint=collector.url)
    whole = [span for span in collector.spans if not span.parent]
    told = [(span.values["newsdesk.outcome"], span.values["newsdesk.cause"]) for span in whole]
    assert told == [("answered", ""), ("refused", "not_answered"), ("refused", "small_talk")]


def test_without_an_endpoint_nothing_is_sent(home: Path, collector: Collector) -> None:
    ask(home, TRUCE)
    assert collector.requests == []


def test_a_collector_that_is_away_fails_nothing_and_is_named_once(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    ask(home, TRUCE, BREAD, otel_endpoint=f"http://user:secret@127.0.0.1:{port}")
    said = [r.getMessage() for r in caplog.records if r.name.startswith(("newsdesk", "opentel"))]
    assert said == [f"traces cannot be sent to 127.0.0.1:{port} and are lost; trying on"]


@pytest.mark.process
def test_a_server_whose_collector_is_away_says_so_in_a_line(sample: Newsdesk) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections, and no more
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        newsdesk = sample.told(OTEL_EXPORTER_OTLP_ENDPOINT=endpoint)
        process: Popen[str]
        with started(newsdesk) as (process, address):
            with httpx.Client(base_url=address, trust_env=False, timeout=60) as http:
                assert asked(http, TRUCE).status_code == 200
            process.send_signal(signal.SIGTERM)
            out, said = process.communicate(timeout=60)
    assert (process.returncode, out, said.count("\n")) == (0, "", 1), said
    assert "traces cannot be sent to 127.0.0.1:" in said


@pytest.mark.parametrize("endpoint", ["127.0.0.1:4317", "ftp://127.0.0.1", "http:nonsense"])
def test_an_endpoint_that_is_none_is_refused(endpoint: str) -> None:
    with pytest.raises(SettingsError, match="OTEL_EXPORTER_OTLP_ENDPOINT cannot be used"):
        load_settings(otel_endpoint=endpoint)


def test_a_strangers_file_has_traces_sent_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS")
    (tmp_path / ".env").write_text(f"{names[0]}=http://evil.test:1\n{names[1]}=a=b\n")
    monkeypatch.chdir(tmp_path)
    for name in names:
        monkeypatch.delenv(name, raising=False)
    told: list[str] = []
    settings = load_settings(tmp_path / "home", notice=told.append)
    assert (settings.otel_endpoint, settings.otel_headers) == (None, None)
    assert any(", ".join(names) in line for line in told)
