"""Decodes the bytes of a text file in any encoding that news files use."""

from __future__ import annotations

import codecs
import re

from corpus.errors import NotAnArticle

# Longest first: the UTF-32 mark begins with the UTF-16 one.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

# Charsets that a page may declare. Python also has codecs such as "rot13" that are no charsets.
_DECLARED = re.compile(
    rb"charset\s*=\s*[\"']?\s*((?:windows|iso|latin|koi8|gb|big5|euc|shift|cp|mac|tis)[\w-]*)",
    re.IGNORECASE,
)

# The superset that browsers use for each of these names (WHATWG Encoding Standard).
_SUPERSETS = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
}

# Encodings that are guessed for news files that are not Unicode. DOS and Macintosh code pages are
# left out: almost any bytes fit them, so they would win by accident.
_LIKELIEST = ("cp1252", "cp1251")
_LIKELY = (
    *("cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r"),
    *("gb18030", "big5", "cp932", "euc_jp", "euc_kr"),
)

_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def marked_encoding(data: bytes) -> str | None:
    """Return the encoding that a byte order mark at the start of `data` announces, if any."""
    return next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)


def decode(data: bytes, declared: str | None = None) -> str:
    """Return `data` as text, without its byte order mark.

    UTF-8 and marked UTF-16 or UTF-32 come first, then the encoding `declared` by the document
    itself, then a guess. Raises NotAnArticle for blank or binary data and unrecognisable encodings.
    """
    marked = marked_encoding(data)
    if marked:
        text = data.decode(marked, "replace")
    elif b"\x00" in data:
        raise NotAnArticle("a binary file, not text")
    else:
        text = _decode_unmarked(data, declared)
    if not text.strip():
        raise NotAnArticle("the file is empty")
    if len(_CONTROLS.findall(text)) * 3 > len(text):
        raise NotAnArticle("a binary file, not text: most of it is control characters")
    return text


def declared_encoding(page: bytes) -> str | None:
    """Return the encoding that an HTML page declares in its first 2048 bytes, if any."""
    match = _DECLARED.search(page[:2048])
    if match is None:
        return None
    name = match[1].decode("ascii").lower()
    return _SUPERSETS.get(name, name)


def _decode_unmarked(data: bytes, declared: str | None) -> str:
    # Plain ASCII bytes may still be ISO-2022, which only the declaration tells apart.
    candidates = (declared, "utf-8") if data.isascii() else ("utf-8", declared)
    for encoding in filter(None, candidates):
        try:
            return data.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    text = data.decode("utf-8", "replace")
    beyond_ascii = sum(character > "\x7f" for character in text)
    if text.count("\ufffd") * 10 <= beyond_ascii:  # UTF-8 with a few damaged bytes
        return text
    return _guess(data)


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    matches = from_bytes(data, cp_isolation=[*_LIKELIEST, *_LIKELY])
    best = matches.best()
    if best is None:
        raise NotAnArticle("its text encoding is not recognised; save it as UTF-8")
    # The code pages of one script differ in a few letters only, and a short text is little
    # evidence. So one of the two most common wins if it reads nearly as well as the best.
    for match in matches:
        names = [name for name in _LIKELIEST if name in match.could_be_from_charset]
        if names and match.chaos <= best.chaos and match.coherence >= best.coherence - 0.2:
            return data.decode(names[0], "replace")
    return data.decode(best.encoding, "replace")
