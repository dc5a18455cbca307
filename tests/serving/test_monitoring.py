"""What `newsdesk serve` shows of itself: alive, ready, figures; over real HTTP."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from tests import postgres
from tests.monitoring.prometheus import counted, figures, timed
from tests.openai_server.server import Exchange, Service, fails, says
from tests.serving.conftest import PEACEKEEPERS, TRUCE, Serve, desk_of, served
from tests.serving.pages import FERRY, FIRST_FERRY, ingest
from tests.serving.test_gate import ANN, BEN, TOKENS, bearer

UNSURE = "Exactly how many Armenians live in Los Angeles?"
BREAD = "Any tips for baking banana bread?"
WRITTEN = "The third truce took effect at eight in the morning on Monday, 26 October."
FALSE = "Pompeo resigned over the failure of the talks in Stepanakert."
READER = "prometheus-0123456789"


def asked(http: httpx.Client, question: str) -> httpx.Response:
    body = {"messages": [{"role": "user", "content": question}]}
    return http.post("/v1/chat/completions", json=body)


def becomes(http: httpx.Client, status: int) -> dict[str, str]:
    """What /readyz says once it has a status."""
    until = monotonic() + 60
    while (shown := http.get("/readyz")).status_code != status:
        assert monotonic() < until, shown.text
        sleep(0.1)
    state: dict[str, str] = shown.json()
    return state


def test_questions_are_counted_by_how_they_end(serve: Serve) -> None:
    http = serve()
    before = figures(http)
    assert before["newsdesk_archive_articles"] == 44
    assert before["newsdesk_archive_passages"] > 44
    assert before['newsdesk_queue_depth{queue="http"}'] == 0
    assert before["process_resident_memory_bytes"] > 0
    for question in (TRUCE, PEACEKEEPERS, BREAD, "Hello!"):
        assert asked(http, question).status_code == 200
    added = figures(http) - before
    assert counted(added) == {"answered": 2, "refused": 2, "not_answered": 1, "small_talk": 1}
    assert timed(added) == {"search", "rerank", "total"}
    assert added['newsdesk_stage_seconds_count{stage="search"}'] == 3
    assert added['newsdesk_stage_seconds_count{stage="total"}'] == 4
    searching, reranking = (
        added[f'newsdesk_stage_seconds_sum{{stage="{stage}"}}'] for stage in ("search", "rerank")
    )
    assert 0 < reranking < searching
    assert added['newsdesk_http_responses_total{status="200"}'] >= 4
    assert not any("model" in key for key in added)


def test_nothing_that_was_asked_is_in_the_figures(serve: Serve) -> None:
    http = serve()
    for question in (TRUCE, BREAD, "source:Vellmoor who?"):
        asked(http, question)
    http.get("/nowhere/Vellmoor?q=Vellmoor")
    shown = http.get("/metrics").text
    assert "newsdesk_questions_total" in shown
    assert not [word for word in ("truce", "banana", "Vellmoor", "nowhere") if word in shown]


def test_a_model_is_counted_with_its_checks_and_cost(serve: Serve, model: Service) -> None:
    http = serve(engine="openai", openai_api_key="sk-1", openai_base_url=model.url)
    before = figures(http)
    assert before["newsdesk_model_failing"] == 0
    model.script = [says(f"{WRITTEN} {FALSE}"), says(FALSE)]
    for question in (TRUCE, UNSURE):
        assert asked(http, question).status_code == 200
    added = figures(http) - before
    assert counted(added) == {"answered": 1, "refused": 1, "unsupported": 1}
    assert timed(added) == {"search", "rerank", "write", "check", "total"}
    assert added["newsdesk_removed_sentences_total"] == 2
    assert added["newsdesk_model_requests_total"] == 2
    assert added['newsdesk_model_tokens_total{kind="prompt"}'] > 100
    assert added['newsdesk_model_tokens_total{kind="completion"}'] > 0
    assert added["newsdesk_model_cost_dollars_total"] > 0
    assert "newsdesk_degraded_total" not in added


def test_a_model_that_fails_makes_answers_degraded_and_not_the_server(
    serve: Serve, model: Service
) -> None:
    http = serve(engine="openai", openai_api_key="sk-1", openai_base_url=model.url, timeout=2)
    model.script = [fails(503)]
    before = figures(http)
    assert http.get("/readyz").json() == {"status": "ready"}
    for _ in range(3):
        asked(http, TRUCE)
    after = figures(http)
    assert counted(after - before) == {"answered": 3}
    assert (after - before)["newsdesk_degraded_total"] == 3
    assert after["newsdesk_model_failing"] == 1
    shown = http.get("/readyz")
    assert shown.status_code == 200
    said = "The model's service fails: answers are quoted."
    assert shown.json() == {"status": "degraded", "reason": said}


def waits(exchange: Exchange) -> None:
    exchange.service.go_on.wait(30)


def test_who_goes_away_has_cancelled(serve: Serve, model: Service) -> None:
    http = serve(engine="openai", openai_api_key="sk-1", openai_base_url=model.url)
    before = figures(http)
    model.script = [waits]
    body = {"messages": [{"role": "user", "content": TRUCE}]}
    with pytest.raises(httpx.ReadTimeout):
        http.post("/v1/chat/completions", json=body, timeout=1)
    until = monotonic() + 30
    while not (found := counted(figures(http) - before)):
        assert monotonic() < until
        sleep(0.05)
    assert found == {"cancelled": 1}
    model.go_on.set()


Damage = Callable[[Path], None]


def overwritten(catalog: Path) -> None:
    with catalog.open("r+b") as file:
        file.write(os.urandom(catalog.stat().st_size))


def cut_short(catalog: Path) -> None:
    os.truncate(catalog, 4096)


def removed(catalog: Path) -> None:
    catalog.unlink()


def indexed_as(catalog: Path, name: str) -> str:
    """Have a catalog say that its passages are in an index; returns what it said before."""
    with closing(sqlite3.connect(catalog)) as file, file:
        [before] = file.execute("SELECT value FROM facts WHERE name = 'index'").fetchone()
        file.execute("UPDATE facts SET value = ? WHERE name = 'index'", (name,))
    return str(before)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (overwritten, "The archive cannot be read."),
        (cut_short, "The archive cannot be read."),
        (removed, "The archive's files are gone."),
    ],
)
def test_a_damaged_archive_makes_it_unready_until_it_is_whole(
    serve: Serve, own_home: Path, damage: Damage, reason: str
) -> None:
    http, catalog = serve(), own_home / "catalog.db"
    assert becomes(http, 200) == {"status": "ready"}
    whole = shutil.copytree(own_home, own_home.with_name("whole"))
    damage(catalog)
    assert becomes(http, 503) == {"status": "not ready", "reason": reason}
    assert http.get("/healthz").json() == {"status": "ok"}
    assert http.get("/metrics").status_code == 200
    asked(http, PEACEKEEPERS)  # it meets what is damaged, unless SQLite has read it before
    _put_back(whole, own_home)
    assert becomes(http, 200) == {"status": "ready"}
    assert asked(http, TRUCE).status_code == 200


def _put_back(whole: Path, home: Path) -> None:
    """Write the files of a home again, in the files that are there."""
    for name in ("catalog.db", "catalog.db-wal"):
        kept = (whole / name).read_bytes() if (whole / name).exists() else b""
        with (home / name).open("r+b" if (home / name).exists() else "wb") as file:
            file.write(kept)
            file.truncate()


def test_an_archive_that_fails_a_question_is_counted(serve: Serve, own_home: Path) -> None:
    http = serve()
    before = figures(http)
    right = indexed_as(own_home / "catalog.db", "some-other-index")
    said = "The archive was indexed with other settings."
    assert becomes(http, 503) == {"status": "not ready", "reason": said}
    assert asked(http, TRUCE).status_code == 503
    added = figures(http) - before
    assert counted(added) == {"failed": 1, "index": 1}
    assert added['newsdesk_http_responses_total{status="503"}'] == 2
    indexed_as(own_home / "catalog.db", right)
    assert becomes(http, 200) == {"status": "ready"}
    assert asked(http, TRUCE).status_code == 200


def test_lost_vectors_are_said_and_answers_are_still_given(serve: Serve, own_home: Path) -> None:
    shutil.rmtree(own_home / "chroma")
    http = serve()
    said = "Vectors are missing: articles are found by their words alone."
    assert becomes(http, 200) == {"status": "degraded", "reason": said}
    assert asked(http, TRUCE).status_code == 200


@pytest.mark.parametrize(
    ("settings", "headers", "status"),
    [
        ({}, {}, 200),
        ({}, {"X-Forwarded-For": "198.51.100.7"}, 401),
        ({}, {"Forwarded": "for=198.51.100.7"}, 401),
        ({"api_hosts": "news.example.org"}, {"Host": "news.example.org"}, 401),
        ({"metrics_token": READER}, {}, 401),
        ({"metrics_token": READER}, bearer(READER), 200),
        ({"metrics_token": READER}, bearer(f"{READER}x"), 401),
        ({"metrics_token": READER}, {"Authorization": f"Basic {READER}"}, 401),
        ({"api_tokens": TOKENS}, {}, 401),
        ({"api_tokens": TOKENS}, bearer(BEN), 200),
        ({"api_tokens": TOKENS, "metrics_token": READER}, bearer(ANN), 200),
        ({"api_tokens": TOKENS, "metrics_token": READER}, bearer(READER), 200),
        ({"api_tokens": TOKENS, "metrics_token": READER}, {}, 401),
    ],
)  # fmt: skip
def test_who_may_read_the_figures(
    serve: Serve, settings: dict[str, str], headers: dict[str, str], status: int
) -> None:
    http = serve(**settings)
    shown = http.get("/metrics", headers=headers)
    assert shown.status_code == status
    assert ("newsdesk_questions_total" in shown.text) == (status == 200)
    for path in ("/healthz", "/readyz"):
        assert http.get(path, headers=headers).status_code == 200
    if "api_tokens" in settings:
        opened = http.get("/v1/models", headers=headers).status_code == 200
        assert opened == (headers in (bearer(ANN), bearer(BEN)))


@pytest.mark.process
def test_a_database_that_is_away_makes_it_unready_until_it_is_back(tmp_path: Path) -> None:
    with postgres.running() as server:
        settings = {"engine": "extractive", "database_url": server.new_database()}
        ingest(desk_of(tmp_path / "home", **settings), FIRST_FERRY)
        with (
            served(desk_of(tmp_path / "home", **settings)) as url,
            httpx.Client(base_url=url, trust_env=False, timeout=60) as http,
        ):
            assert becomes(http, 200) == {"status": "ready"}
            assert figures(http)["newsdesk_archive_articles"] == 1
            server.stop()
            assert "The archive" in becomes(http, 503)["reason"]
            assert http.get("/healthz").status_code == 200
            assert "newsdesk_questions_total{" in http.get("/metrics").text
            server.start()
            assert becomes(http, 200) == {"status": "ready"}
            assert "06:45" in asked(http, FERRY).text
