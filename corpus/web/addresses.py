"""Tells which addresses are one: the form to keep, and the key by which twins are found."""

from __future__ import annotations

import re
from urllib.parse import unquote

import httpx2
from lxml import html
from lxml.etree import LxmlError

from corpus.cleaning import clean_url
from corpus.errors import NotAnArticle
from corpus.limits import bounded_markup

_LONGEST = 4_000
_BEGINNING = 1 << 19
"""Bytes of a page in which its head is looked for."""

_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")

_TRACKING = frozenset(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid ysclid twclid ttclid igshid igsh mc_cid "
    "mc_eid mkt_tok _hsenc _hsmi _ga _gl cmpid icid ocid smid s_cid xtor ref_src ref_url soc_src "
    "soc_trk guccounter guce_referrer guce_referrer_sig __twitter_impression fb_action_ids "
    "fb_action_types fb_source fb_ref wt.mc_id vero_id oly_anon_id oly_enc_id".split()
)
_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "hsa_", "at_link_", "at_campaign", "at_medium", "ns_")
"""Parameters that say where a reader came from.

Lists made for advertising, such as courlan's, take off any name with "ref", "source" or "cid" in
it, by which some papers name the article; two articles must not become one.
"""

_AMP_COPY = re.compile(
    r"https?://(?:[^/]+\.cdn\.ampproject\.org/(?:[a-z]/)?|(?:www\.)?google\.[a-z.]+/amp/)"
    r"(?P<secure>s/)?(?P<rest>[^/?]+\.[^/?]+.*)"
)
"""An address of the AMP cache or viewer: the article's own follows (https://amp.dev)."""

_AMP_PARAMETER = re.compile(r"amp(=.*)?|outputtype=amp|output=amp", re.IGNORECASE)
_AMP_SEGMENT = re.compile(r"/amp(?=/|$)", re.IGNORECASE)
_AMP_ENDING = re.compile(r"\.amp(?=\.html?$|$)", re.IGNORECASE)
_AMP_HOST = re.compile(r"^(?:(?:www|amp)\.)+(?=[^.]+\.)")
_CANONICAL = (
    "//link[contains(concat(' ', normalize-space(translate(@rel, 'CANOIL', 'canoil')), ' '),"
    " ' canonical ')]/@href"
)
_NAMED_USER = re.compile(r"(?<=://)(?:[^\s/?#@:]*:(?!\d{1,5}(?:[/?#]|$))\S*|[^\s/?#@]+)@")
"""What stands before the host: a name, or a name and a password, with whatever it is made of."""

_SITE_HOST = re.compile(r"^(?:(?:www|amp|m|mobile)\.)+(?=[^.]+\.)")


def canonical(address: str) -> str:
    """Return the form of an address to keep and to fetch; what is no web address, as it is.

    Scheme and host are in lower case, the host in ASCII and without a dot at its end; default
    ports, fragments and parameters of trackers are off; percent-encoding is as RFC 3986, 6.2.2
    has it. Parameters stay in their order, since the address is fetched, and the order can count.
    """
    url = _parsed(address)
    return str(url) if url else address


def web_address(text: object) -> str:
    """Return the canonical form of a text that is a web address, else an empty text."""
    url = _parsed(clean_url(text))
    return str(url) if url else ""


def typed(address: str) -> str:
    """Return an address as a person types it, with https:// before it where that is left out."""
    return address if "://" in address else f"https://{address}"


def without_password(text: str) -> str:
    """Return a text that may have addresses, to be shown: without the names and passwords in them.

    "https://ann:secret@example.org/feed" becomes "https://…@example.org/feed".
    """
    return _NAMED_USER.sub("…@", text)


def same_article(address: str) -> str:
    """Return the key under which an article's addresses are one. It is not to be fetched.

    One are those with http and https, with and without "www.", a slash at the end, in any order
    of parameters, and AMP twins: /amp, ?amp=1, amp. hosts, .amp.html, and copies in AMP's cache.
    """
    copy = _AMP_COPY.fullmatch(canonical(address))
    url = _parsed(f"https://{copy['rest']}" if copy else address)
    if url is None:
        return address
    host = _AMP_HOST.sub("", url.netloc.decode("ascii"))
    path = _AMP_ENDING.sub("", _AMP_SEGMENT.sub("", url.raw_path.decode("ascii").partition("?")[0]))
    parts = url.query.decode("ascii").split("&")
    query = "&".join(sorted(part for part in parts if not _AMP_PARAMETER.fullmatch(part)))
    return f"{host}{path.rstrip('/')}" + (f"?{query}" if query else "")


def page_address(page: bytes, base: str) -> str:
    """Return the address that a page gives as its own, else the one that it was found at.

    What `<link rel="canonical">` says is taken only if it is of the same site (the same host, but
    for "www.", "m.", "mobile." and "amp."): a page could otherwise take the place of another
    paper's article, and one that gives the front page for its address, as some do by mistake,
    that of every other of its site.

    Args:
        page: the page, of which the beginning is looked at.
        base: where the page was found, after redirects.
    """
    found = canonical(base)
    here = _parsed(base)
    try:
        beginning = page[:_BEGINNING]
        bounded_markup(beginning.decode("latin-1"))
        tree = html.document_fromstring(beginning)
        said = next(iter(tree.xpath(_CANONICAL)), "")
        root = next(iter(tree.xpath("//base/@href")), "")
        there = here and _parsed(str(here.join(root.strip()).join(said.strip())))
    except (NotAnArticle, LxmlError, httpx2.InvalidURL, ValueError):
        return found
    if not (said and here and there) or _site(here) != _site(there):
        return found
    if there.path == "/" != here.path:
        return found
    is_downgrade = here.scheme == "https" and there.scheme == "http"
    return str(there.copy_with(scheme="https") if is_downgrade else there)


def same_site(one: str, other: str) -> bool:
    """Return whether two addresses are of one site; "www." and the like make no difference."""
    here, there = _parsed(one), _parsed(other)
    return here is not None and there is not None and _site(here) == _site(there)


def _site(url: httpx2.URL) -> str:
    return _SITE_HOST.sub("", url.netloc.decode("ascii"))


def _parsed(address: str) -> httpx2.URL | None:
    """Return the canonical form of an address in parts, or None for what is none of the web."""
    if len(address) > _LONGEST:
        return None
    try:
        text = _ESCAPE.sub(_normal, _STRAY_PERCENT.sub("%25", address.strip()))
        url = httpx2.URL(text)
        host = url.raw_host.decode("ascii").rstrip(".")
        if url.scheme not in ("http", "https") or not host:
            return None
        path, _, query = url.raw_path.decode("ascii").partition("?")
        kept = "&".join(part for part in query.split("&") if part and not _tracks(part))
        whole = path + (f"?{kept}" if kept else "")
        return url.copy_with(host=host, raw_path=whole.encode("ascii"), fragment=None)
    except (httpx2.InvalidURL, ValueError):
        return None


def _normal(escape: re.Match[str]) -> str:
    """Return a percent-encoded byte as the character if it needs none, else in capitals."""
    character = chr(int(escape[0][1:], 16))
    return character if _UNRESERVED.fullmatch(character) else escape[0].upper()


def _tracks(parameter: str) -> bool:
    name = unquote(parameter.partition("=")[0]).lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)
