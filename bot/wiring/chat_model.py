"""Builds the client of the chat model."""

from __future__ import annotations

from bot import proxies
from bot.settings import Settings
from bot.wiring.engine import engine_of
from retrieval.errors import SettingsError
from retrieval.models.breaker import Breaker
from retrieval.models.chat_service import ChatService, ModelConfig
from retrieval.models.ledger import Ledger
from retrieval.models.model_names import OPENAI, OPENAI_URL, is_openai, reasons, split_name
from retrieval.models.prices import Price, price_of
from retrieval.models.providers import build_model
from retrieval.models.reply_cache import ReplyCache
from retrieval.observing import Observer
from retrieval.text.tokens import counter


def build_chat(
    settings: Settings,
    url: str,
    *,
    keep_connections: bool,
    ledger: Ledger,
    replies: ReplyCache,
    breaker: Breaker,
    observer: Observer,
) -> ChatService:
    """Return the client of the chat model; `url` is that of OpenAI, or of the server instead.

    Raises:
        SettingsError: a daily budget needs a price that is not known.
    """
    provider, model = split_name(settings.model)
    price = price_of(model) if provider == OPENAI else None
    _require_price(settings, model, price)
    server = settings.openai_base_url if provider == OPENAI else None
    http = proxies.client_options(url if provider == OPENAI else OPENAI_URL)
    reasoning = provider == OPENAI and reasons(model)
    effort = settings.reasoning_effort or ("low" if reasoning else None)
    return ChatService(
        build_model(
            OPENAI if http else provider,  # all the same where no request gets out
            model,
            api_key=settings.openai_api_key,
            base_url=url,
            seconds=settings.timeout,
            responses=server is None or is_openai(server),
            effort=effort,
            keep_connections=keep_connections,
            http=http,
        ),
        ModelConfig(
            name=engine_of(settings),
            server=server or "",
            seconds=settings.timeout,
            reasoning_tokens=settings.reasoning_tokens,
            reasons=reasoning and effort != "none",
            effort=effort or "",
            price=price,
            daily_usd=settings.daily_budget_usd,
        ),
        counter(model),
        ledger=ledger,
        replies=replies,
        breaker=breaker,
        observer=observer,
    )


def _require_price(settings: Settings, model: str, price: Price | None) -> None:
    budgets = {"NEWSDESK_DAILY_BUDGET_USD": settings.daily_budget_usd}
    if settings.api_tokens:
        budgets["NEWSDESK_API_DAILY_USD"] = settings.api_daily_usd
    limits = [name for name, budget in budgets.items() if budget is not None]
    if limits and price is None:
        raise SettingsError(
            f"{limits[0]} cannot be kept: the price of {model} is not known. "
            "Unset it, or set NEWSDESK_MODEL to one of those in retrieval/models/prices.json."
        )
