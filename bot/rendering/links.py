"""Links to the quoted words of a web page: the reader's browser marks them and scrolls to them.

See "Text Fragments" of the WICG (https://wicg.github.io/scroll-to-text-fragment/): a browser that
does not know them opens the page as ever.
"""

from __future__ import annotations

import re
from urllib.parse import quote

_WHOLE = 12
"""The most words of a quote that is given whole, if it is one line. Of others the ends are: a term
reaches over no paragraph, and the page may write a character in another way than the archive."""
_AT_EACH_END = 5
_LONGEST = 1000
"""Characters of the encoded words; more, of a script without spaces, make too long an address."""

_DIRECTIVE = ":~:"


def marked(url: str, quoted: str) -> str:
    """Return a web address with the fragment that marks the quoted words on its page.

    Any other address, and one that has such a fragment, is returned as it is.
    """
    lines = [line.split() for line in quoted.splitlines() if line.strip()]
    if not lines or _DIRECTIVE in url or not re.match(r"(?i)https?://", url):
        return url
    if len(lines) == 1 and len(lines[0]) <= _WHOLE:
        terms = [" ".join(lines[0])]
    else:
        terms = [" ".join(lines[0][:_AT_EACH_END]), " ".join(lines[-1][-_AT_EACH_END:])]
    words = ",".join(map(_encoded, terms))
    if len(words) > _LONGEST:
        return url
    return f"{url}{'' if '#' in url else '#'}{_DIRECTIVE}text={words}"


def _encoded(term: str) -> str:
    """Return a term percent-encoded, the dash too, which would part a prefix from it."""
    return quote(term, safe="").replace("-", "%2D")
