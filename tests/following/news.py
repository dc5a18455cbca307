"""News of an invented paper: pages, and feeds that name them."""

from __future__ import annotations

from xml.sax.saxutils import escape

from tests.retrieval.archive_kit import nonce

PAPER = "The Bell"
DAY = "Mon, 02 Nov 2020 08:00:00 GMT"


def text_of(number: int, edition: str = "") -> str:
    """What an article says, of its own number alone; no two are copies of each other."""
    name, rare = _name(number), nonce(number)
    return (
        f"The harbour of Port {name} counted {number + 200} ships in October{edition}. "
        f"Its master {rare} said on Monday that {number + 3} of them came from {nonce(~number)}.\n"
        f"The council of Port {name} will vote on a second pier in the spring, and has asked "
        f"{rare} and {number + 7} other builders what it would cost."
    )


def page(number: int, edition: str = "", head: str = "") -> str:
    """The page of an article."""
    paragraphs = "".join(f"<p>{part}</p>" for part in text_of(number, edition).split("\n"))
    return (
        f"<html><head><title>{title(number)} | {PAPER}</title>{head}</head><body><article>"
        f"<h1>{title(number)}</h1><time datetime='2020-11-02'>2 November 2020</time>"
        f"{paragraphs}</article></body></html>"
    )


def title(number: int) -> str:
    return f"Ships crowd the harbour of Port {_name(number)}"


def item(address: str, number: int, text: str = "", date: str = DAY) -> str:
    """An item of an RSS feed; its text is markup."""
    return (
        f"<item><title>{title(number)}</title><link>{escape(address)}</link>"
        f"<pubDate>{date}</pubDate>"
        f"<description>{escape(text)}</description></item>"
    )


def rss(*items: str, title: str = PAPER) -> str:
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>'
        f"<link>http://news.test/</link>{''.join(items)}</channel></rss>"
    )


def _name(number: int) -> str:
    """A name that no other article has."""
    return " ".join(_NAMES[int(digit)] for digit in str(number))


_NAMES = "Ambleby Cortwick Dunmarrow Eskholm Farnvale Gostrey Helmsford Ivinghoe Jarrow Kel".split()
