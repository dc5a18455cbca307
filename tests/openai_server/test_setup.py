"""`newsdesk setup`: what is there is found, one choice is tried, and kept for its owner alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pexpect
import pytest

from tests.conftest import Newsdesk
from tests.openai_server.conftest import KEY
from tests.openai_server.server import Act, Service, fails, rules, says, says_whole
from tests.socks import Socks, proxying

TRUCE = "When did the third truce take effect?"
TRUE = "The third truce took effect at eight in the morning on Monday, 26 October."
MODELS = [{"id": name} for name in ("qwen3:8b", "nomic-embed-text", "llama3.2", "odd\x1b[31m name")]
URL = "OPENAI_BASE_URL"


def port(service: Service) -> int:
    return int(service.url.split(":")[2].removesuffix("/v1"))


@pytest.fixture
def local(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A server with some models where Ollama's is looked for; nobody listens at LM Studio's."""
    monkeypatch.setattr("bot.setting_up.PORTS", {"Ollama": port(service), "LM Studio": 9})
    service.models = MODELS
    service.script = [says(f"{TRUE} [1]")]
    return service


@pytest.fixture
def nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.setting_up.PORTS", {"Ollama": 9})


@pytest.fixture
def socks(no_proxies: None) -> Iterator[Socks]:
    """A proxy that notes where one would go, beyond this machine."""
    with proxying() as running:
        yield running


def kept(newsdesk: Newsdesk) -> str:
    path = newsdesk.home / ".env"
    return path.read_text() if path.exists() else ""


def test_a_local_model_is_found_tried_and_kept(own_sample: Newsdesk, local: Service) -> None:
    path = own_sample.home / ".env"
    path.write_text("# mine\nNEWSDESK_LOG=json\nOPENAI_BASE_URL=http://127.0.0.1:9/v1\n")
    path.chmod(0o644)
    done = own_sample("setup", input=f"7\n2\n{TRUCE}\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1. qwen3:8b, of Ollama on this machine\n  2. llama3.2, of" in done.stdout
    assert "embed" not in done.stdout
    assert "odd" not in done.stdout
    assert TRUE in done.stdout
    assert local.requests[0]["model"] == "llama3.2"
    assert path.stat().st_mode & 0o777 == 0o600
    assert kept(own_sample).startswith("# mine\nNEWSDESK_LOG=json\nOPENAI_BASE_URL=")
    asked = len(local.requests)
    assert TRUE in own_sample("ask", "When did the truce take effect?").stdout
    assert len(local.requests) > asked


def test_without_an_archive_the_model_alone_is_tried(newsdesk: Newsdesk, local: Service) -> None:
    local.script = [says("Hello there!")]
    done = newsdesk("setup", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert "It says: Hello there!" in done.stdout
    assert "NEWSDESK_MODEL='qwen3:8b'" in kept(newsdesk)
    assert not (newsdesk.home / "catalog.db").exists()


def test_what_fails_is_kept_only_if_one_wants_it(own_sample: Newsdesk, local: Service) -> None:
    local.script = [fails(400)]
    done = own_sample("setup", "--yes")
    assert done.returncode == 1
    assert "did not accept the request" in done.stderr
    assert done.stderr.endswith("newsdesk: Nothing was changed.\n")
    assert own_sample("setup", input="1\n\nn\n").returncode == 1
    assert kept(own_sample) == ""
    assert own_sample("setup", input="1\n\ny\n").returncode == 0
    assert "qwen3:8b" in kept(own_sample)


def test_quoting_may_be_chosen(own_sample: Newsdesk, nothing: None) -> None:
    done = own_sample("setup", input=f"1\n{TRUCE}\n")
    assert "1. no model" in done.stdout
    assert "[1]" in done.stdout
    assert kept(own_sample) == "NEWSDESK_ENGINE='extractive'\n"


def test_a_key_that_is_typed_is_kept_and_not_shown(
    newsdesk: Newsdesk, nothing: None, socks: Socks, waits: list[float]
) -> None:
    told = newsdesk.told(ALL_PROXY=socks.url)
    wrong = told("setup", input="2\nsk “quoted”\ny\n")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)
    refused = told("setup", input=f"2\n{KEY}\nno\n")
    assert refused.returncode == 1
    assert "go to OpenAI" in refused.stdout
    assert refused.stderr == "newsdesk: Nothing was sent, and nothing was changed.\n"
    assert (socks.asked, kept(newsdesk)) == ([], "")
    agreed = told("setup", input=f"2\n{KEY}\ny\ny\n")
    assert agreed.returncode == 0
    assert set(socks.asked) == {"api.openai.com"}
    assert f"OPENAI_API_KEY='{KEY}'" in kept(newsdesk)
    assert KEY not in "".join((refused.stdout, agreed.stdout, agreed.stderr))


def test_a_key_that_is_set_is_offered_and_not_written(
    newsdesk: Newsdesk, nothing: None, socks: Socks, waits: list[float]
) -> None:
    told = newsdesk.told(ALL_PROXY=socks.url, OPENAI_API_KEY=KEY)
    done = told("setup", input="1\ny\ny\n")
    assert "1. gpt-5.4-mini-2026-03-17, of OpenAI, with the key that is set" in done.stdout
    assert set(socks.asked) == {"api.openai.com"}
    assert "NEWSDESK_MODEL" in kept(newsdesk)
    assert KEY not in kept(newsdesk) + done.stdout
    other = told.told(OPENAI_BASE_URL="http://model.example/v1")("setup", input="")
    assert "with the key that is set" not in other.stdout


def test_what_wins_over_the_choice_is_pointed_out(own_sample: Newsdesk, local: Service) -> None:
    told = own_sample.told(NEWSDESK_MODEL="mine", OPENAI_API_KEY=KEY)
    done = told("setup", "--yes")
    assert done.returncode == 0
    assert "NEWSDESK_MODEL is set elsewhere too, and that wins" in done.stderr
    assert "OPENAI_API_KEY is set, and is sent to that server" in done.stderr
    assert KEY not in local.keys


@pytest.mark.parametrize(
    ("arguments", "given", "status", "says"),
    [
        ([], "", 2, "setup asks questions, and there is no more input"),
        ([], "x\n99\n0\n", 2, "Nothing was changed"),
        (["--yes"], "", 1, "No model was found on this machine, and OPENAI_API_KEY is not set"),
    ],
)
def test_it_ends_with_a_line_where_nobody_answers(
    newsdesk: Newsdesk, nothing: None, arguments: list[str], given: str, status: int, says: str
) -> None:
    done = newsdesk("setup", *arguments, input=given)
    assert done.returncode == status
    [line] = done.stderr.splitlines()
    assert says in line
    assert not newsdesk.home.exists()


def test_another_kind_of_server_is_no_model(
    newsdesk: Newsdesk, local: Service, no_proxies: None
) -> None:
    local.listing = lambda exchange: exchange.send(200, b"<html>", content_type="text/html")
    assert newsdesk("setup", "--yes").returncode == 1
    local.listing = None
    proxied = newsdesk.told(ALL_PROXY="http://127.0.0.1:9")("setup", input="")
    assert "qwen3:8b" in proxied.stdout


def test_a_home_that_cannot_be_written_is_one_line(newsdesk: Newsdesk, local: Service) -> None:
    newsdesk.home.mkdir()
    (newsdesk.home / ".env").mkdir()
    done = newsdesk("setup", "--yes")
    assert done.returncode == 1
    assert ".env cannot be written" in done.stderr.splitlines()[-1]


@pytest.mark.process
def test_the_terminal_does_not_echo_the_key(newsdesk: Newsdesk) -> None:
    program, *arguments = newsdesk.command
    child = pexpect.spawn(
        program, [*arguments, "setup"], env=newsdesk.environment, cwd=str(newsdesk.folder),
        encoding="utf-8", timeout=60,
    )  # fmt: skip
    child.expect(r"(\d+)\. gpt-5.4-mini-2026-03-17, of OpenAI, with a key")
    number = child.match.group(1) if isinstance(child.match, re.Match) else ""
    child.expect(re.escape("Number [1]: "))
    child.sendline(number)
    child.expect("not shown")
    child.waitnoecho()
    child.sendline(KEY)
    child.expect("Go on")
    assert KEY not in (child.before or "")
    child.sendcontrol("c")
    child.expect("Interrupted")
    child.expect(pexpect.EOF)


def judge(*, able: bool) -> Act:
    """One that rules rightly on the sentences it is tried with, or calls them all supported."""
    true = ("On 3 March", "According to", "Serco", "The captain")
    return rules(lambda text: "supported" if not able or text.startswith(true) else "not stated")


@pytest.mark.parametrize("able", [True, False])
def test_a_model_is_tried_as_a_judge(own_sample: Newsdesk, local: Service, able: bool) -> None:
    local.script = [says(f"{TRUE} [1]"), judge(able=able)]
    done = own_sample.told(NEWSDESK_VERIFY="")("setup", "--yes")
    assert (done.returncode, done.stderr) == (0, "")
    assert sum("response_format" in request for request in local.requests) == 1
    assert f"NEWSDESK_VERIFY='{'model' if able else 'off'}'" in kept(own_sample)
    assert ("too weak" in done.stdout) is not able


CHOSEN = f"1\ny\n{TRUCE}\n"
"""What is answered to setup: the first choice, that it may be tried, and a question."""


@pytest.fixture
def elsewhere(
    own_sample: Newsdesk, service: Service, nothing: None, socks: Socks, waits: list[float]
) -> Newsdesk:
    """The command, with a model set that a server of another machine has."""
    service.models = [{"id": name} for name in ("newsroom-large", "qwen2.5:0.5b", "gpt-4.1")]
    return own_sample.told(
        ALL_PROXY=socks.url,
        OPENAI_API_KEY=KEY,
        OPENAI_BASE_URL=service.url.replace("127.0.0.1", "model.example"),
        NEWSDESK_MODEL="newsroom-large",
        NEWSDESK_VERIFY="",
    )


@pytest.mark.parametrize("able", [True, False])
def test_one_of_another_machine_is_tried_as_a_judge_too(
    elsewhere: Newsdesk, service: Service, socks: Socks, able: bool
) -> None:
    service.script = [says(f"{TRUE} [1]"), judge(able=able)]
    done = elsewhere("setup", input=CHOSEN)
    assert (done.returncode, done.stderr) == (0, "")
    assert "1. newsroom-large, of model.example, as it is set" in done.stdout
    assert "eight to try it with go to model.example" in done.stdout
    assert ["response_format" in request for request in service.requests] == [False, True]
    assert set(socks.asked) == {"model.example"}
    assert f"NEWSDESK_VERIFY='{'model' if able else 'off'}'" in kept(elsewhere)
    assert "NEWSDESK_MODEL='newsroom-large'" in kept(elsewhere)
    assert KEY not in kept(elsewhere) + done.stdout


@pytest.mark.parametrize("model", ["gpt-4.1", "qwen2.5:0.5b"])
def test_one_whose_name_tells_is_not_tried(
    elsewhere: Newsdesk, service: Service, model: str
) -> None:
    service.script = [says(f"{TRUE} [1]")]
    done = elsewhere.told(NEWSDESK_MODEL=model)("setup", input=CHOSEN)
    assert (done.returncode, done.stderr, len(service.requests)) == (0, "", 1)
    assert f"NEWSDESK_MODEL='{model}'" in kept(elsewhere)
    assert "NEWSDESK_VERIFY" not in kept(elsewhere)


def test_a_reply_that_rules_on_nothing_is_no_judges(elsewhere: Newsdesk, service: Service) -> None:
    service.script = [says(f"{TRUE} [1]"), says_whole("It is all true.")]
    done = elsewhere("setup", input=CHOSEN)
    assert (done.returncode, done.stderr) == (0, "")
    assert "NEWSDESK_VERIFY='off'" in kept(elsewhere)


@pytest.mark.parametrize("fault", [fails(400), fails(500), lambda exchange: exchange.hang_up()])
def test_a_try_that_fails_is_one_line_and_leaves_the_choice(
    elsewhere: Newsdesk, service: Service, fault: Act
) -> None:
    elsewhere.home.joinpath(".env").write_text("NEWSDESK_VERIFY='off'\n")
    service.script = [says(f"{TRUE} [1]"), fault]
    done = elsewhere("setup", input=CHOSEN)
    assert (done.returncode, done.stderr) == (0, "")
    said = "could not be tried as a judge of its own sentences, so NEWSDESK_VERIFY=auto: The model"
    assert sum(said in line for line in done.stdout.splitlines()) == 1
    assert "NEWSDESK_MODEL='newsroom-large'" in kept(elsewhere)
    assert "NEWSDESK_VERIFY" not in kept(elsewhere), "it is left to auto"


def test_a_model_of_this_machine_that_fails_is_no_judge(
    own_sample: Newsdesk, local: Service
) -> None:
    local.script = [says(f"{TRUE} [1]"), fails(400)]
    done = own_sample.told(NEWSDESK_VERIFY="")("setup", input=f"1\n{TRUCE}\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert "a judge of its own sentences, so NEWSDESK_VERIFY=off: The model" in done.stdout
    assert "NEWSDESK_VERIFY='off'" in kept(own_sample)
