"""Checks the bot's token for `newsdesk telegram --check`."""

from __future__ import annotations

import asyncio

from telegram.error import InvalidToken, NetworkError, TelegramError

from bot.settings import Settings
from bot.telegram.application import ApiTrouble, build_bot
from bot.telegram.transport.faults import TOKEN_REJECTED, TokenRejected
from bot.telegram.transport.webhook import try_webhook


def try_webhook_of(settings: Settings) -> str:
    """Return a line on how updates come.

    Raises:
        SettingsError: an address of the webhook cannot be used.
    """
    url, listen = settings.telegram_webhook_url, settings.telegram_webhook_listen
    if url is None:
        return "fetched (polling)"
    try_webhook(url, listen, settings.telegram_api_url)
    return f"delivered to {url}, received at {listen}"


def try_token(settings: Settings) -> str:
    """Ask Telegram for the bot's name (`getMe`). Return it as "@my_bot (My bot)".

    Raises:
        SettingsError: no token is set.
        TokenRejected: Telegram rejects the token.
        ApiTrouble: the Bot API cannot be reached.
    """
    bot, redact = build_bot(settings)

    async def ask() -> str:
        async with bot:
            return f"@{bot.username} ({bot.first_name})"

    try:
        return asyncio.run(ask())
    except InvalidToken:
        raise TokenRejected(TOKEN_REJECTED) from None
    except TelegramError as error:
        what = " Check the network, and a proxy if you use one."
        hint = what if isinstance(error, NetworkError) else ""
        raise ApiTrouble(
            redact(f"The Bot API at {settings.telegram_api_url} cannot be used: {error}.{hint}")
        ) from None
