"""`newsdesk follow` and its sisters, against a site on loopback."""

from __future__ import annotations

from tests.conftest import Newsdesk
from tests.following import news
from tests.following.conftest import HOST
from tests.web.site import Site


def test_a_feed_is_followed_and_questions_are_answered_from_it(site: Site, desk: Newsdesk) -> None:
    for number in (1, 2):
        site.page(f"/a/{number}", news.page(number))
    items = [news.item(site.at(f"/a/{n}", HOST), n, "In short.") for n in (1, 2)]
    site.page("/feed", news.rss(*items), content_type="application/rss+xml")
    done = desk("follow", site.at("/feed", HOST))
    assert (done.returncode, done.stderr) == (0, "")
    assert "The Bell (feed" in done.stdout
    assert "2 entries, 2 articles read" in done.stdout
    answer = desk("ask", "How many ships did the harbour of Port Dunmarrow count?")
    assert "202 ships" in answer.stdout
    assert site.at("/a/2", HOST) in answer.stdout
