"""Tells by which addresses of the web an article is known."""

from __future__ import annotations

from corpus.article import Article


def places_of(article: Article) -> list[str]:
    """Return the keys under which an article's addresses are those of its twins."""
    places = (article.url, article.uri if is_of_the_web(article.uri) else "")
    return list(dict.fromkeys(place_of(place) for place in places if place))


def place_of(address: str) -> str:
    """Return the key of an address, which its twins share; empty for none."""
    from corpus.web.addresses import same_article  # with a client of HTTP: a question has no need

    return address and same_article(address)


def is_of_the_web(uri: str) -> bool:
    """Return whether an article was read from the web, or says so, and not from a file alone."""
    return uri.startswith(("http://", "https://"))
