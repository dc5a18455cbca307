"""What is not of the public web is refused, at every hop and however it is spelt."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from corpus.errors import NotFetched
from corpus.web.fetching import Fetcher
from corpus.web.guard import is_public
from tests.web.site import Site

PRIVATE = [
    *("127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "100.100.100.200", "0.0.0.0", "224.0.0.1", "239.1.1.1", "240.0.0.1"),
    *("255.255.255.255", "192.0.0.170", "192.88.99.1", "198.18.0.1", "203.0.113.9"),
    *("::", "::1", "fe80::1", "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "100::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::169.254.169.254"),
    *("64:ff9b:1::10.0.0.1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::", "3fff::1"),
    *("2001:db8::1", "fe80::1%eth0", "2606:4700::1111%eth0", "words"),
]
PUBLIC = [
    *("93.184.216.34", "1.1.1.1", "100.63.255.255", "172.32.0.1", "2606:4700::1111"),
    *("64:ff9b::5db8:d822", "::ffff:93.184.216.34"),
]
SPELT = [
    *("127.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.01", "0", "0x"),
    *("127。0。0。1", "①②⑦.0.0.1", "127.0.0.1.", "[::1]", "[::ffff:7f00:1]", "[fe80::1%25eth0]"),
    *("localhost", "LOCALHOST.", "intranet", "printer.local", "metadata.google.internal"),
    *("evil.test", "news.test%00.evil.test", "127%2e0%2e0%2e1", "a b", "a\\", "", ".", "a..b"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_that_are(address: str) -> None:
    assert is_public(address)


@pytest.fixture
def refused() -> Callable[..., str]:
    """Says why an address is refused, and that nobody was asked for it."""

    def why(address: str, **options: Any) -> str:
        with Site() as site, pytest.raises(NotFetched) as error:
            site.fetcher(**options).fetch(address)
        assert error.value.kind == "refused"
        assert site.requests == []
        return str(error.value)

    return why


@pytest.mark.parametrize("host", SPELT)
def test_every_spelling_is_refused(host: str, refused: Callable[..., str]) -> None:
    assert refused(f"http://{host}/latest/meta-data/")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ftp://news.test/a", "only addresses with http"),
        ("file:///etc/passwd", "only addresses with http"),
        ("gopher://127.0.0.1:6379/_x", "only addresses with http"),
        ("javascript:alert(1)", "only addresses with http"),
        ("nonsense", "only addresses with http"),
        ("http://desk:secret@news.test/", "name or password"),
        ("http://news.test@evil.test/", "name or password"),
        ("http://public.test:6379/", "port 6379"),
        ("http://public.test:0/", "port 0"),
        ("http://evil.test/", "has the address 169.254.169.254"),
        ("http://evil.test/", "add evil.test to NEWSDESK_FETCH_HOSTS"),
        (f"http://news.test/{'a' * 5000}", "more than 4,000 characters"),
        ("http://[::1", "no address of the web"),
    ],
)
def test_it_is_said_why(address: str, reason: str, refused: Callable[..., str]) -> None:
    assert reason in refused(address)


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://evil.test/",
        "//127.0.0.1:22/",
        "http://[::ffff:a9fe:a9fe]/",
        "file:///etc/passwd",
        "http://desk:secret@news.test/",
        "http://[",
    ],
)
@pytest.mark.parametrize("status", [301, 302, 307])
def test_no_redirect_leads_there(target: str, status: int) -> None:
    with Site() as site, pytest.raises(NotFetched) as error:
        site.fetcher().fetch(site.redirect("/a", target, status), robots=False)
    assert error.value.kind == "refused"
    assert site.paths == ["/a"]


def test_nor_does_one_of_robots_txt() -> None:
    with Site() as site:
        site.redirect("/robots.txt", "http://evil.test/robots.txt")
        address = site.page("/a", "words")
        with pytest.raises(NotFetched, match=r"robots\.txt cannot be had.*169") as error:
            site.fetcher().fetch(address)
    assert error.value.kind == "refused"
    assert site.paths == []


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that connections were asked for; none is made."""
    asked: list[str] = []

    def refuse(address: tuple[str, int], *_: Any, **__: Any) -> socket.socket:
        asked.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    return asked


def test_what_was_checked_is_connected_to_though_the_next_answer_is_another(
    site: Site, connected: list[str]
) -> None:
    site.names["evil.test"] = [["93.184.216.34"], ["127.0.0.1"]]
    with pytest.raises(NotFetched, match="cannot be reached"):
        site.fetcher().fetch("http://evil.test/", robots=False)
    assert (connected, site.looked_up) == (["93.184.216.34"], ["evil.test"])


def test_each_request_is_checked_anew(site: Site, connected: list[str]) -> None:
    site.names["evil.test"] = [["93.184.216.34"], ["127.0.0.1"]]
    fetcher = site.fetcher()
    for reason in ("cannot be reached", "has the address 127.0.0.1"):
        with pytest.raises(NotFetched, match=reason):
            fetcher.fetch("http://evil.test/", robots=False)
    assert connected == ["93.184.216.34"]


def test_a_host_of_which_one_address_is_private_is_refused(
    site: Site, connected: list[str]
) -> None:
    site.names["evil.test"] = ["93.184.216.34", "2606:4700::1111", "192.168.0.1"]
    with pytest.raises(NotFetched, match=r"192\.168\.0\.1"):
        site.fetcher().fetch("http://evil.test/")
    assert connected == []


def test_the_next_address_is_tried_where_one_does_not_answer(
    site: Site, connected: list[str]
) -> None:
    site.names["public.test"] = [f"93.184.216.{last}" for last in range(9)]
    with pytest.raises(NotFetched, match="cannot be reached"):
        site.fetcher().fetch("http://public.test/", robots=False)
    assert connected == ["93.184.216.0", "93.184.216.1", "93.184.216.2"]


def test_a_name_that_has_no_address(site: Site, connected: list[str]) -> None:
    with pytest.raises(NotFetched, match=r"nowhere\.test is not known") as error:
        site.fetcher().fetch("http://nowhere.test/")
    assert error.value.kind == "failed"


@pytest.mark.parametrize(
    "named", ["news.test", "news.test:{port}", "127.0.0.1", "127.0.0.1:{port}"]
)
def test_a_host_that_was_named_is_fetched_from(named: str) -> None:
    with Site() as site:
        site.names["127.0.0.1"] = ["127.0.0.1"]
        site.page("/a", "words")
        host = named.partition(":")[0]
        fetcher = Fetcher(hosts=[named.format(port=site.port)], resolve=site.resolve, delay=0)
        assert fetcher.fetch(site.at("/a", host)).data == b"words"


def test_a_dot_after_a_name_makes_no_other_host(site: Site) -> None:
    site.page("/a", "words")
    assert site.fetcher().fetch(site.at("/a", "news.test.")).address == site.at("/a")


def test_another_port_of_it_is_not() -> None:
    with Site() as site, pytest.raises(NotFetched, match="port"):
        Fetcher(hosts=["news.test:1"], resolve=site.resolve).fetch(site.page("/a"))
    assert site.requests == []
