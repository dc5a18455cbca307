from __future__ import annotations

from tests.web.site import Site, tagged


def test_a_page_and_what_the_server_says_of_it() -> None:
    with Site() as site:
        address = site.page("/a", "<p>words</p>", etag='"7"', last_modified="yesterday")
        fetched = site.fetcher().fetch(f"{address}#part")
    assert (fetched.address, fetched.data) == (address, b"<p>words</p>")
    assert (fetched.media_type, fetched.charset) == ("text/html", "utf-8")
    assert (fetched.etag, fetched.modified) == ('"7"', "yesterday")
    assert (fetched.permanent, fetched.unchanged) == ("", False)


def test_what_has_not_changed_is_not_sent_again() -> None:
    with Site() as site:
        fetcher = site.fetcher()
        address = site.act("/a", tagged("words"))
        first = fetcher.fetch(address)
        again = fetcher.fetch(address, etag=first.etag)
    assert first.data
    assert (again.unchanged, again.data, again.etag) == (True, b"", first.etag)
