"""A `.env` in the folder where the bot is started does not get hold of its token or its users."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Newsdesk
from tests.openai_server.server import serving
from tests.telegram.botapi import BotApi
from tests.telegram.bots import BotThread


def test_its_address_never_sees_the_token(newsdesk: Newsdesk, own_api: BotApi) -> None:
    (newsdesk.folder / ".env").write_text(f"TELEGRAM_API_URL={own_api.url}\n")
    with serving() as proxy:  # which lets nothing through to Telegram
        victim = newsdesk.told(
            TELEGRAM_BOT_TOKEN=own_api.token, HTTPS_PROXY=proxy.url, NO_PROXY="127.0.0.1"
        )
        done = victim("telegram", "--check")
    assert own_api.requests == []
    notice, error = done.stderr.splitlines()
    assert "TELEGRAM_API_URL, since TELEGRAM_BOT_TOKEN comes from the environment" in notice
    assert "https://api.telegram.org cannot be used" in error


def test_it_makes_nobody_an_admin_and_diverts_no_updates(own_bot: BotThread) -> None:
    api = own_bot.api
    eve = api.person("Eve")
    (own_bot.newsdesk.folder / ".env").write_text(
        f"TELEGRAM_ADMINS={eve.id}\nTELEGRAM_WEBHOOK_URL=https://evil.example/hook\n"
    )
    own_bot.start()
    assert "articles" not in eve.private.next(eve.says("/stats")).text
    assert api.requested("setWebhook") == []


def test_a_file_that_brings_the_token_settles_the_rest(
    own_api: BotApi, newsdesk: Newsdesk, tmp_path: Path
) -> None:
    (newsdesk.folder / ".env").write_text(
        f"TELEGRAM_BOT_TOKEN={own_api.token}\nTELEGRAM_API_URL={own_api.url}\n"
    )
    done = newsdesk("telegram", "--check")
    assert done.stdout.startswith("Token    ok: @newsdesk_test_bot")
    assert "TELEGRAM_API_URL, TELEGRAM_BOT_TOKEN" in done.stderr
