"""The bot fetches what is followed, and goes on answering whatever comes of that."""

from __future__ import annotations

from contextlib import closing

import pytest

from retrieval.archive.homes import catalog_in
from tests.following import news
from tests.telegram.bots import BotThread
from tests.telegram.desk import asks
from tests.web.site import Site


def make_due(bot: BotThread) -> None:
    with closing(catalog_in(bot.newsdesk.home / "catalog.db")) as catalog:
        catalog.database.write("UPDATE followed SET due = 0")


@pytest.mark.process
def test_the_bot_refreshes_and_survives_a_site_that_fails(
    own_bot: BotThread, no_proxies: None
) -> None:
    with Site() as site:
        host = f"127.0.0.1:{site.port}"
        bot = own_bot.told(
            NEWSDESK_FETCH_HOSTS=host, NEWSDESK_ROBOTS_OFF=host, NEWSDESK_REFRESH="1m"
        )
        site.page("/feed", news.rss())
        assert bot.newsdesk("follow", f"http://{host}/feed").returncode == 0
        site.page("/feed", status=500)
        make_due(bot)
        bot.start()
        bot.api.wait(lambda: "a refresh failed" in bot.log, 60)
        page = site.page("/a/1", news.page(1)).replace("news.test", "127.0.0.1")
        site.page("/feed", news.rss(news.item(page, 1)))
        make_due(bot)
        bot.api.wait(lambda: "1 new article" in bot.log, 60)
        answer = asks(bot.api.person("Ann"), "How many ships did Port Cortwick count in October?")
        assert "201 ships" in answer.text
