"""The files in docs/ to run the bot by: systemd's unit, and nginx in front of the webhook."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiohttp import ClientSession, TCPConnector

from tests.ports import free_port
from tests.telegram.botapi import BotApi, deliveries
from tests.telegram.bots import START, BotThread
from tests.telegram.desk import PEACEKEEPERS, TRUCE, finished, one_answer

DOCS = Path(__file__).parents[2] / "docs"
UNIT = DOCS / "newsdesk-telegram.service"
SITE = DOCS / "nginx.conf"
SECRET = "only-Telegram_and-we-know"
WITHIN = 30


def program(name: str) -> str:
    """Where a program of the system is; skips the test if it is not."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@pytest.mark.process
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    verify = program("systemd-analyze")
    unit = UNIT.read_text(encoding="utf-8")
    command = f"{Path(sys.executable).with_name('newsdesk')} telegram"
    here = tmp_path / UNIT.name
    here.write_text(changed(unit, {"/opt/newsdesk/.venv/bin/newsdesk telegram": command}))
    done = subprocess.run(
        [verify, "verify", str(here)], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_unit_leaves_the_bot_time_to_stop() -> None:
    from bot.telegram.transport.pace import Pace

    (limit,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT.read_text(encoding="utf-8"), re.M)
    assert int(limit) > Pace().grace + 5


@dataclass(frozen=True)
class Proxied:
    """The bot in webhook mode, and nginx before it."""

    bot: BotThread
    inside: str

    @property
    def api(self) -> BotApi:
        return self.bot.api

    def statuses(self, update_id: int) -> list[int]:
        """What the deliveries of an update were answered with."""
        return [sent.status for sent in self.api.deliveries if sent.update_id == update_id]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int, int]]:
    """nginx as docs/nginx.conf has it, but for its ports and certificate: folder and ports."""
    nginx, openssl = program("nginx"), program("openssl")
    folder = tmp_path_factory.mktemp("nginx")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-out", certificate, "-keyout", key],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    outside, inside = free_port(), free_port()
    written = changed(
        SITE.read_text(encoding="utf-8"),
        {
            "server 127.0.0.1:8081;": f"server 127.0.0.1:{inside};",
            "listen 443 ssl": f"listen 127.0.0.1:{outside} ssl",
            "# server 10.0.0.2:8081;": f"server 127.0.0.1:{free_port()};",  # one that has ended
            "server_name bot.example.org;": "server_name localhost;",
            "/etc/letsencrypt/live/bot.example.org/fullchain.pem": str(certificate),
            "/etc/letsencrypt/live/bot.example.org/privkey.pem": str(key),
        },
    )
    (folder / "site.conf").write_text(written)
    user = "user root;" if os.getuid() == 0 else ""
    bodies = "\n".join(
        f"{kind}_temp_path {folder}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/errors;\n"
        f"events {{}} http {{ access_log {folder}/accesses; {bodies} include site.conf; }}"
    )
    command = [nginx, "-p", str(folder), "-c", "nginx.conf", "-e", str(folder / "errors")]
    with (folder / "said").open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        wait_open(process, outside, folder)
        yield folder, outside, inside
    finally:
        process.terminate()
        process.wait(WITHIN)


@pytest.fixture
def trusted(site: tuple[Path, int, int], monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """What the Bot API server trusts that starts after this: nginx's certificate."""
    context = ssl.create_default_context(cafile=str(site[0] / "certificate.pem"))

    def session(**options: Any) -> ClientSession:
        return ClientSession(connector=TCPConnector(ssl=context), **options)

    monkeypatch.setattr(deliveries, "ClientSession", session)
    return context


@pytest.fixture
def proxied(site: tuple[Path, int, int], trusted: ssl.SSLContext, own_bot: BotThread) -> Proxied:
    """The real bot behind that nginx, known to the Bot API server by its outer address."""
    _, outside, inside = site
    own_bot.told(
        TELEGRAM_WEBHOOK_URL=f"https://localhost:{outside}/newsdesk",
        TELEGRAM_WEBHOOK_SECRET=SECRET,
        TELEGRAM_WEBHOOK_LISTEN=f"127.0.0.1:{inside}",
    ).start(polling=False)
    api = own_bot.api
    api.wait(lambda: api.webhook or not own_bot.running, START, lambda: own_bot.log)
    assert own_bot.running, own_bot.log
    return Proxied(own_bot, f"http://127.0.0.1:{inside}")


@pytest.mark.process
def test_deliveries_come_through_nginx_with_the_right_secret_only(proxied: Proxied) -> None:
    api = proxied.api
    assert api.webhook is not None
    ann = api.person("Ann")
    asked = ann.says(PEACEKEEPERS)
    answer = ann.private.reply(asked, finished, WITHIN)
    assert one_answer(ann.private, asked) is answer
    assert "1,960" in answer.text
    assert proxied.statuses(asked.update_id) == [200]

    api.webhook["secret_token"] = "somebody-else"
    forged = ann.says(TRUCE)
    api.wait(lambda: proxied.statuses(forged.update_id), WITHIN, "a delivery with a wrong secret")
    assert set(proxied.statuses(forged.update_id)) == {403}
    assert not ann.private.after(forged)

    api.webhook["secret_token"] = SECRET
    late = ann.private.reply(forged, finished, WITHIN)
    assert one_answer(ann.private, forged) is late
    *refused, taken = proxied.statuses(forged.update_id)
    assert (set(refused), taken) == ({403}, 200)

    inside = httpx.get(f"{proxied.inside}/healthz", trust_env=False)
    assert (inside.status_code, inside.json()["status"]) == (200, "ok")


@pytest.mark.process
def test_nginx_lets_nothing_through_but_deliveries(
    site: tuple[Path, int, int], trusted: ssl.SSLContext
) -> None:
    _, outside, _ = site
    secret = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
    address = f"https://localhost:{outside}"
    with httpx.Client(base_url=address, verify=trusted, trust_env=False) as client:
        assert client.get("/newsdesk").status_code == 403
        assert client.put("/newsdesk", headers=secret).status_code == 403
        large = b"{" * (1 << 20 | 1)
        assert client.post("/newsdesk", content=large, headers=secret).status_code == 413
        for path in ("/", "/healthz", "/newsdesk/", "/newsdesk/healthz"):
            assert client.get(path).status_code == 404
            assert client.post(path, headers=secret).status_code == 404


def changed(text: str, changes: dict[str, str]) -> str:
    """A text with each of the changes made at its one place."""
    for before, after in changes.items():
        assert text.count(before) == 1, f"{before!r} stands there {text.count(before)} times"
        text = text.replace(before, after)
    return text


def wait_open(process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
    """Waits until nginx listens at its port."""
    deadline = time.monotonic() + WITHIN
    while True:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        files = [folder / "said", folder / "errors"]
        told = "".join(file.read_text() for file in files if file.exists())
        assert process.poll() is None, told
        assert time.monotonic() < deadline, told
        time.sleep(0.05)
