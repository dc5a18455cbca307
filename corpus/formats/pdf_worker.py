"""Takes the text out of a PDF on stdin, as a process of its own that may crash or be killed.

PDFium is C++ and reads what strangers made, so it never runs in the process of the archive. This
module is run by `corpus.formats.pdf_process`: `python -m corpus.formats.pdf_worker`. It writes one
JSON object to stdout: `error`, or `title` and `pages` (see `_page`).
"""

from __future__ import annotations

import ctypes
import json
import math
import resource
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from statistics import median
from typing import Any, NamedTuple

MOST_PAGES = 2_000
MOST_CHARACTERS = 1_200_000
MOST_PIECES = 10_000  # of a page: a newspaper has a few thousand, and each is seen beside each
MOST_SECONDS = 60
_MOST_MEMORY = 1 << 30
_MOST_OBJECTS = 2_000  # of a page, among which its pictures are looked for
_SMALLEST = 3.0  # points: smaller text is not there to be read
_MOST_TILT = 2.0  # degrees by which the lines of a scan may be askew

_INVISIBLE = 3  # the render mode of the text under a scanned page


_TEXT, _ALIKE = (0.6, 1.12), (0.8, 1.12)
"""How far the sizes of a scanned page's text, and of other lines of one size, may be apart."""

_Run = tuple[str, float, float, float, float, str]
"""A piece as `_page` returns it."""


class _Style(NamedTuple):
    size: float
    look: str  # "b" for bold, "i" for italic, "bi" for both
    invisible: bool
    angle: float  # degrees by which its lines are turned to the left


class _Glyph(NamedTuple):
    character: str  # empty for a hyphen at the end of a line
    x0: float
    x1: float
    y: float
    style: _Style


def main() -> None:
    """Read the PDF on stdin and write what is in it to stdout."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    json.dump(_document(sys.stdin.buffer.read()), sys.stdout)


def _document(data: bytes) -> dict[str, Any]:
    import pypdfium2 as pdfium
    from pypdfium2 import raw

    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        known = {raw.FPDF_ERR_PASSWORD: "encrypted", raw.FPDF_ERR_SECURITY: "encrypted"}
        return {"error": known.get(getattr(error, "err_code", None), "damaged")}
    if len(document) > MOST_PAGES:
        return {"error": "pages"}
    pages = []
    characters = 0
    for number in range(len(document)):
        try:
            page = document[number]
            found = _page(page, raw)
            page.close()
        except pdfium.PdfiumError:  # this page is damaged, and others may not be
            found = {"width": 0, "height": 0, "picture": 0.0, "pieces": []}
        if len(found["pieces"]) > MOST_PIECES:
            return {"error": "pieces"}
        pages.append(found)
        characters += sum(len(piece[0]) for piece in found["pieces"])
        if characters > MOST_CHARACTERS:
            return {"error": "characters"}
    pieces = [piece for page in pages for piece in page["pieces"]]
    if 2 * sum(len(piece[0]) for piece in pieces if "b" in piece[5]) > characters:
        for piece in pieces:  # bold tells nothing: Ghostscript says so of common fonts
            piece[5] = piece[5].replace("b", "")
    return {"title": document.get_metadata_value("Title"), "pages": pages}


def _page(page: Any, raw: Any) -> dict[str, Any]:
    """Return a page: its size in points, its pieces of text, and the share that pictures cover.

    A piece is a run of characters on one line: text, left, right, baseline from the top, size,
    and look ("b", "i"). A hyphen that ends a line is U+00AD.
    """
    left, bottom, right, top = page.get_bbox()
    width, height = right - left, top - bottom
    covered = _picture(page, raw, width * height)
    glyphs, angle = _glyphs(page, raw, hidden=covered > 0.5)
    turned = _level([_turn(glyph, angle, (left, bottom, right, top)) for glyph in glyphs])
    if angle % 180:
        width, height = height, width
    inside = [g for g in turned if -1 <= g.x0 <= width + 1 and -1 <= g.y <= height + 1]
    found = list(_pieces(inside))
    if 2 * sum(glyph.style.invisible for glyph in inside) > len(inside):
        found = _even(found)
    pieces = [
        [round(value, 1) if isinstance(value, float) else value for value in piece]
        for piece in found
    ]
    return {"width": width, "height": height, "picture": covered, "pieces": pieces}


def _picture(page: Any, raw: Any, area: float) -> float:
    """Return the share of a page that its largest picture covers."""
    largest = 0.0
    objects = page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=4)
    for image in islice(objects, _MOST_OBJECTS):
        left, bottom, right, top = image.get_bounds()
        largest = max(largest, (right - left) * (top - bottom))
    return min(largest / area, 1.0) if area else 0.0


def _glyphs(page: Any, raw: Any, *, hidden: bool) -> tuple[list[_Glyph], int]:
    """Return the characters that are seen, in the file's order, and how they are turned.

    Those that are turned otherwise than most (a stamp, a note along the edge) are left out.
    """
    text = page.get_textpage()
    found: dict[int, list[_Glyph]] = {}
    styles: dict[int, _Style] = {}
    x, y = ctypes.c_double(), ctypes.c_double()
    box = raw.FS_RECTF()
    angle = 0
    for index in range(text.count_chars()):
        character = chr(raw.FPDFText_GetUnicode(text, index))
        if raw.FPDFText_IsGenerated(text, index) == 1:
            last = found.get(angle)
            if last and character == " ":
                last.append(last[-1]._replace(character=" ", x0=last[-1].x1))
            continue
        raw.FPDFText_GetCharOrigin(text, index, x, y)
        raw.FPDFText_GetLooseCharBox(text, index, box)
        style = _style(text, index, styles, raw)
        if style.size < _SMALLEST or (style.invisible and not hidden):
            continue
        angle = round(style.angle / 90) * 90 % 360
        if abs(_tilt(style)) > _MOST_TILT:
            continue
        if raw.FPDFText_IsHyphen(text, index) == 1:
            character = "\xad"
        upright = angle % 180 == 0
        x0, x1 = (box.left, box.right) if upright else (box.bottom, box.top)
        found.setdefault(angle, []).append(
            _Glyph(character, x0, x1, y.value if upright else x.value, style)
        )
    text.close()
    most = max(found, key=lambda turn: len(found[turn]), default=0)
    return found.get(most, []), most


def _style(text: Any, index: int, known: dict[int, _Style], raw: Any) -> _Style:
    """Return the style of a character, looked up once for each text object."""
    item = raw.FPDFText_GetTextObject(text, index)
    key = ctypes.addressof(item.contents) if item else 0
    if key not in known:
        matrix = raw.FS_MATRIX()
        raw.FPDFText_GetMatrix(text, index, matrix)
        scale = math.hypot(matrix.c, matrix.d)
        name = ctypes.create_string_buffer(200)
        raw.FPDFText_GetFontInfo(text, index, name, 200, None)
        font = name.value.lower()
        bold = b"bold" in font or raw.FPDFText_GetFontWeight(text, index) >= 600
        italic = b"italic" in font or b"oblique" in font
        known[key] = _Style(
            raw.FPDFText_GetFontSize(text, index) * scale,
            "b" * bold + "i" * italic,
            raw.FPDFTextObj_GetTextRenderMode(item) == _INVISIBLE if item else False,
            # PDFium's own angle of a character is off where letters are narrowed or slanted.
            math.degrees(math.atan2(matrix.b, matrix.a)) % 360,
        )
    return known[key]


def _tilt(style: _Style) -> float:
    """Return the degrees by which a line is turned from the nearest right angle."""
    return (style.angle + 45) % 90 - 45


def _turn(glyph: _Glyph, angle: int, page: tuple[float, float, float, float]) -> _Glyph:
    """Return a character with its place from the upper left corner of the page, turned upright."""
    left, bottom, right, top = page
    if angle == 0:
        x0, x1, y = glyph.x0 - left, glyph.x1 - left, top - glyph.y
    elif angle == 180:
        x0, x1, y = right - glyph.x1, right - glyph.x0, glyph.y - bottom
    elif angle == 90:
        x0, x1, y = glyph.x0 - bottom, glyph.x1 - bottom, glyph.y - left
    else:
        x0, x1, y = top - glyph.x1, top - glyph.x0, right - glyph.y
    return glyph._replace(x0=x0, x1=x1, y=y)


def _level(glyphs: list[_Glyph]) -> list[_Glyph]:
    """Return the characters of a page that was scanned askew with its lines made level."""
    slope = math.tan(math.radians(median(_tilt(g.style) for g in glyphs))) if glyphs else 0.0
    return [g._replace(y=g.y + g.x0 * slope) for g in glyphs] if slope else glyphs


def _even(pieces: list[_Run]) -> list[_Run]:
    """Return the pieces of a scanned page with sizes that are about the same made the same.

    What reads scans measures each line for itself: one without tall letters comes out smaller.
    """
    count: Counter[float] = Counter()
    for text, *_, size, _ in pieces:
        count[size] += len(text)
    sizes: dict[float, float] = {}
    for size, _ in count.most_common():
        bounds = ((known, _ALIKE if place else _TEXT) for place, known in enumerate(sizes.values()))
        near = (known for known, (low, high) in bounds if low * known <= size <= high * known)
        sizes[size] = next(near, size)
    return [(*piece[:4], sizes[piece[4]], piece[5]) for piece in pieces]


def _pieces(glyphs: Iterable[_Glyph]) -> Iterator[_Run]:
    """Yield the runs of characters that follow one another on one line."""
    run: list[_Glyph] = []
    for glyph in glyphs:
        if glyph.character == " ":
            if run:
                run.append(glyph)
            continue
        if run and not _follows(run, glyph):
            yield from _piece(run)
            run = []
        run.append(glyph)
    yield from _piece(run)


def _follows(run: list[_Glyph], glyph: _Glyph) -> bool:
    last = next(g for g in reversed(run) if g.character != " ")
    if (glyph.x0, glyph.x1, glyph.y) == (last.x0, last.x1, last.y):
        return True  # a letter of a ligature
    size = max(last.style.size, glyph.style.size)
    smaller = min(last.style.size, glyph.style.size)
    lift = 0.2 if smaller > 0.8 * size else 0.5
    return (
        abs(glyph.y - last.y) < lift * size
        and -0.5 * size < glyph.x0 - last.x1 < size
        and smaller > 0.45 * size
    )


def _piece(run: list[_Glyph]) -> Iterator[_Run]:
    if not run:
        return
    sizes = sorted(glyph.style.size for glyph in run)
    size = sizes[len(sizes) // 2]
    baseline = next(g.y for g in run if g.style.size == size)
    text = "".join(_shown(run, place, size, baseline) for place in range(len(run))).strip()
    if text:
        look = Counter(glyph.style.look for glyph in run).most_common(1)[0][0]
        yield text, run[0].x0, run[-1].x1, baseline, size, look


def _shown(run: list[_Glyph], place: int, size: float, baseline: float) -> str:
    """Return a character, or nothing for the raised number of a footnote."""
    glyph = run[place]
    raised = glyph.style.size < 0.9 * size and glyph.y < baseline - 0.15 * size
    before = run[place - 1].character if place else " "
    if raised and (glyph.character.isdigit() or glyph.character in "*†‡") and before not in "mM":
        return ""
    return glyph.character


if __name__ == "__main__":
    main()
