"""The gate on a model's answers: its replies were recorded once, and all else is at work.

Record anew with `make record`; raise the baseline alone with `python -m scripts.replay
--save-baseline`.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import pytest

from bot.rendering.evaluation import gate_lines
from bot.wiring import Desk
from prompts import Prompt, prompt
from retrieval.checking.markers import unmark
from retrieval.checking.verdicts import Outcome, Quote, Source, Verdict
from retrieval.evaluation.baseline import read_baseline
from retrieval.evaluation.comparison import TOLERANCES, compare
from retrieval.evaluation.golden import Case
from retrieval.evaluation.results import ALL, Run
from tests.measuring import recorded
from tests.measuring.replies import (
    Model,
    NotRecorded,
    Replayer,
    key_of,
    read_replies,
    write_replies,
)
from tests.measuring.upstream import Upstream
from tests.openai_server.server import fails, says, serving

pytestmark = [pytest.mark.figures, pytest.mark.timeout(600)]

BASELINE = Path(__file__).parent / "baseline.json"


@dataclass
class Bench:
    """A recorded model over the sample archive, its answers of today, and its baseline."""

    desk: Desk
    model: Model
    replayer: Replayer
    cases: list[Case]
    today: Run
    baseline: Run


FILES = [pytest.param(path, id=path.stem) for path in recorded.files()]


@pytest.fixture(scope="module", params=FILES)
def bench(
    request: pytest.FixtureRequest, ingested: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    home = tmp_path_factory.mktemp("recorded") / "home"
    shutil.copytree(ingested, home)
    with recorded.replaying(request.param, home) as (desk, model, replayer):
        cases = recorded.subset()
        today = recorded.run(desk, model, cases)
        baseline = read_baseline(BASELINE, desk.engine)
        yield Bench(desk, model, replayer, cases, today, baseline)


class EverySentencePasses:
    """A support check that checks nothing: what a sentence cites, or else the first passage, will
    have said it."""

    def unjudged(self, sentence: str, sources: Sequence[Source], question: str) -> Verdict:
        marked = unmark(sentence)
        cited = [source for source in sources if source.number in marked.markers] or sources[:1]
        passages = ((source.match, source.match.passage) for source in cited)
        quotes = tuple(Quote(match, passage.start, passage.end) for match, passage in passages)
        return Verdict(Outcome.SUPPORTED, marked.text, quotes)


def test_the_gate_is_open(bench: Bench) -> None:
    comparison = compare(bench.today, bench.baseline)
    assert comparison.passes, "\n".join(gate_lines(bench.today, comparison))


def test_the_baseline_says_which_model_it_was(bench: Bench) -> None:
    assert bench.baseline.settings == bench.today.settings
    assert bench.baseline.versions.keys() == bench.today.versions.keys()
    assert bench.model.described().items() <= bench.baseline.settings.items()
    assert {case.id for case in bench.cases} == {record.id for record in bench.baseline.records}
    for metric, group in TOLERANCES:
        assert bench.baseline.figure(metric, group), f"{metric} of {group} is not in the baseline"


def test_the_model_is_what_answers(bench: Bench) -> None:
    """Quoting in its place would hide that it failed."""
    questions = {bench.replayer.replies[key].question for key in bench.replayer.used}
    assert len(questions) > len(bench.cases) / 2
    assert set(bench.replayer.used) == set(bench.replayer.replies), "replies that nobody asks for"


def test_support_check_off(bench: Bench) -> None:
    try:
        recorded.attend(bench.desk, bench.replayer, EverySentencePasses())  # type: ignore[arg-type]
        comparison = compare(recorded.run(bench.desk, bench.model, bench.cases), bench.baseline)
    finally:
        recorded.attend(bench.desk, bench.replayer)
    shut = {(change.metric, change.group) for change in comparison.failures}
    assert {("unsupported", ALL), ("citation_recall", ALL)} <= shut


def test_a_changed_prompt(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(name: str) -> Prompt:
        words = prompt(name)
        return replace(words, system=words.system.replace("four", "five"))

    monkeypatch.setattr("retrieval.models.messages.prompt", changed)
    with pytest.raises(NotRecorded, match="re-record with `make record`"):
        recorded.run(bench.desk, bench.model, bench.cases)
    bench.replayer.problem = ""


def test_a_file_has_no_host_no_key_and_no_time_of_day() -> None:
    for path in recorded.files():
        text = path.read_text(encoding="utf-8")
        for told in ("://", "127.0.0.1", "localhost", "Bearer", "chatcmpl", "sk-"):
            assert told not in text
        for line in text.splitlines()[1:]:
            assert json.loads(line).keys() == {"key", "question", "pieces", "finish", "usage"}


BODY = {
    "model": "m",
    "messages": [{"role": "user", "content": "When?"}],
    "temperature": 0,
    "stream": True,
}


def test_what_is_recorded_is_replayed_and_nothing_else_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "m.jsonl"
    with serving() as service:
        service.script = [says("On 29 March. [1]", size=3), fails(500)]
        replayer = Replayer({}, Upstream(service.url, "sk-secret", "dev-001").fetch)
        with replayer.listening() as url:
            first = stream(url)
        assert service.keys == ["sk-secret"]
    write_replies(path, Model("m", "M", "2026-01-01"), replayer.replies)
    text = path.read_text(encoding="utf-8")
    assert "sk-secret" not in text
    assert "127.0.0.1" not in text
    model, replies = read_replies(path)
    assert model.name == "m"
    assert replies.keys() == {key_of(BODY)}
    with Replayer(replies).listening() as url:
        assert stream(url) == first
    assert '"On "' in first


def test_a_server_that_fails_is_not_recorded() -> None:
    with serving() as service:
        service.script = [fails(500)]
        replayer = Replayer({}, Upstream(service.url).fetch)
        with replayer.listening() as url:
            assert httpx2.post(f"{url}/chat/completions", json=BODY).status_code == 400
    assert replayer.replies == {}
    assert replayer.problem == "The model's server answered HTTP 500."


def test_a_key_is_of_what_a_reply_depends_on() -> None:
    assert key_of(BODY) == key_of(BODY | {"stream": False})
    assert key_of(BODY) != key_of(BODY | {"temperature": 1})
    assert key_of(BODY) != key_of(BODY | {"model": "n"})


def stream(url: str) -> str:
    """The text of a streamed reply."""
    reply = httpx2.post(f"{url}/chat/completions", json=BODY)
    assert reply.status_code == 200
    return reply.text
