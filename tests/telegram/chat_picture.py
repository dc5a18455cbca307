"""A chat with the bot drawn as SVG, for `docs/telegram-chat.svg`; `scripts.render_chat` writes it.

What is drawn is what the tests' Bot API server was told to show.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from tests.telegram.desk import finished

if TYPE_CHECKING:
    from tests.telegram.botapi import Person, Shown

ROOT = Path(__file__).resolve().parents[2]
SVG = ROOT / "docs" / "telegram-chat.svg"
QUESTIONS = (
    "How many Russian peacekeepers will be deployed?",
    "For how many years will they stay?",
    "Who won the World Cup in 2018?",
)

WIDTH, MARGIN, HEADER = 640, 16, 60
"""Of the picture; lengths are in pixels."""
WIDEST, PADDING, GAP = 500, 12, 12
"""Of a bubble's text; around it; between bubbles."""
SIZE, LINE = 15, 21
"""Of the letters, and from one line to the next."""
REPLY, BUTTON = 46, 34
"""The height of what a bubble replies to, and of a row of buttons."""

# Advance widths of Helvetica in thousandths of its size, from Adobe's font metrics.
_LETTERS = {
    191: "'", 222: "ijl‘’", 260: "|", 278: " !,./:;I[\\]ft", 333: "()-`r“”", 334: "{}", 350: "•",
    355: '"', 389: "*", 469: "^", 500: "Jckvsxyz", 584: "+<=>~", 611: "FTZ", 667: "&ABEKPSVXY",
    722: "CDHNRUw", 778: "GOQ", 833: "Mm", 889: "%", 944: "W", 1000: "—", 1015: "@",
}  # fmt: skip
_ADVANCE = {letter: width for width, letters in _LETTERS.items() for letter in letters}
_OTHERS, _BOLD = 556, 1.07

_STYLE = """\
text { font: 15px "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif; fill: #0b1620 }
.bold, .name { font-weight: 700 } .italic { font-style: italic }
.text_link { fill: #1c6fb8; text-decoration: underline }
.name { fill: #1c6fb8 } .small { font-size: 13px; fill: #5b6b79 }
.button { fill: #fff; font-weight: 600 }
.initial { fill: #fff; font-size: 20px; font-weight: 700 }"""


@dataclass(frozen=True, slots=True)
class Letter:
    """A character, and how it is shown (kinds of the Bot API's entities)."""

    text: str
    kinds: tuple[str, ...] = ()

    @property
    def width(self) -> float:
        """In pixels."""
        wide = _BOLD if "bold" in self.kinds else 1.0
        return _ADVANCE.get(self.text, _OTHERS) * wide * SIZE / 1000


Line = tuple[Letter, ...]


@dataclass(frozen=True, slots=True)
class Bubble:
    """A message as it is seen: `reply` is whose message it replies to, and its text."""

    by_bot: bool
    letters: Line
    reply: tuple[str, str] | None = None
    buttons: tuple[tuple[str, ...], ...] = ()


def converse(person: Person) -> list[Bubble]:
    """Ask the questions in private, one after another, and return what the chat shows then."""
    seen = []
    for question in QUESTIONS:
        asked = person.says(question)
        seen += [asked, person.private.reply(asked, finished, 60)]
    return [_bubble(shown) for shown in seen]


def draw(bubbles: Sequence[Bubble], name: str) -> str:
    """Draw a chat with a bot of this name."""
    parts: list[str] = []
    top = float(HEADER + GAP)
    for bubble in bubbles:
        drawn, height = _drawn(bubble, top)
        parts += drawn
        top += height + GAP
    height = round(top + 4)
    title = f"A chat with {name} in Telegram"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
            f' width="{WIDTH}" height="{height}" role="img" aria-label="{escape(title)}">',
            f"<title>{escape(title)}</title>",
            f"<style>\n{_STYLE}\n</style>",
            f'<rect x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="14" '
            'fill="#d5e3ee" stroke="#b4c7d6"/>',
            f'<path d="M1 {HEADER}V15a14 14 0 0 1 14-14h{WIDTH - 30}a14 14 0 0 1 14 14'
            f'v{HEADER - 15}z" fill="#fff"/>',
            f'<circle cx="38" cy="{HEADER / 2:g}" r="20" fill="#2a7fc4"/>',
            f'<text class="initial" x="38" y="{HEADER / 2 + 7:g}" text-anchor="middle">'
            f"{escape(name[:1])}</text>",
            f'<text class="bold" x="70" y="27">{escape(name)}</text>',
            '<text class="small" x="70" y="46">bot</text>',
            *parts,
            "</svg>\n",
        ]
    )


def _bubble(shown: Shown) -> Bubble:
    kinds: dict[int, tuple[str, ...]] = {}
    for entity in shown.entities:
        for at in range(entity["offset"], entity["offset"] + entity["length"]):
            kinds[at] = (*kinds.get(at, ()), entity["type"])
    letters, unit = [], 0
    for character in shown.text:
        letters.append(Letter(character, kinds.get(unit, ())))
        unit += 2 if character > "\uffff" else 1  # entities count in UTF-16 code units
    replied: dict[str, Any] | None = shown.raw.get("reply_to_message")
    reply = (replied["from"]["first_name"], replied["text"]) if replied else None
    rows = shown.raw.get("reply_markup", {}).get("inline_keyboard", ())
    buttons = tuple(tuple(button["text"] for button in row) for row in rows)
    return Bubble(shown.by_bot, tuple(letters), reply, buttons)


def _drawn(bubble: Bubble, top: float) -> tuple[list[str], float]:
    """A bubble's elements, and its height with its buttons."""
    lines = list(_wrapped(bubble.letters))
    wide = max(_width(line) for line in lines)
    if bubble.reply:
        wide = max(wide, _width(_plain(bubble.reply[1])) + 14)
    width = round(min(wide, WIDEST)) + 2 * PADDING
    left = MARGIN if bubble.by_bot else WIDTH - MARGIN - width
    above = REPLY if bubble.reply else 0
    height = above + len(lines) * LINE + 2 * PADDING - 4
    fill, edge = ("#fff", "#c3d3df") if bubble.by_bot else ("#e2f8d3", "#b5d9a0")
    parts = [
        f'<rect x="{left}" y="{top:g}" width="{width}" height="{height}" rx="13" fill="{fill}" '
        f'stroke="{edge}"/>'
    ]
    inner, baseline = left + PADDING, top + PADDING + SIZE - 1
    if bubble.reply:
        who, what = bubble.reply
        parts += [
            f'<rect x="{inner}" y="{top + PADDING:g}" width="3" height="{REPLY - 8}" rx="1.5" '
            'fill="#1c6fb8"/>',
            f'<text class="name" x="{inner + 11}" y="{baseline:g}">{escape(who)}</text>',
            f'<text x="{inner + 11}" y="{baseline + 20:g}">{escape(what)}</text>',
        ]
    for number, line in enumerate(lines):
        parts += _line(line, inner, baseline + above + number * LINE)
    for number, row in enumerate(bubble.buttons):
        parts += _buttons(row, left, top + height + 6 + number * (BUTTON + 6), width)
    return parts, height + len(bubble.buttons) * (BUTTON + 6)


def _line(line: Line, left: float, baseline: float) -> Iterator[str]:
    """A line as wide as it was reckoned to be, whatever font is there to show it."""
    if not line:
        return
    spans = []
    for kinds, letters in groupby(line, key=lambda letter: letter.kinds):
        text = escape("".join(letter.text for letter in letters))
        spans.append(f'<tspan class="{" ".join(kinds)}">{text}</tspan>' if kinds else text)
    yield (
        f'<text x="{left:g}" y="{baseline:g}" textLength="{_width(line):.0f}" '
        f'lengthAdjust="spacingAndGlyphs" xml:space="preserve">{"".join(spans)}</text>'
    )


def _buttons(row: Sequence[str], left: float, top: float, width: float) -> Iterator[str]:
    each = (width - 6 * (len(row) - 1)) / len(row)
    for number, text in enumerate(row):
        x = left + number * (each + 6)
        yield (
            f'<rect x="{x:g}" y="{top:g}" width="{each:g}" height="{BUTTON}" rx="8" '
            'fill="#6f8fa8"/>'
        )
        yield (
            f'<text class="button" x="{x + each / 2:g}" y="{top + 22:g}" text-anchor="middle">'
            f"{escape(text)}</text>"
        )


def _wrapped(letters: Line) -> Iterator[Line]:
    """Lines that are not too wide, broken at spaces."""
    for newline, group in groupby(letters, key=lambda letter: letter.text == "\n"):
        paragraph = tuple(group)
        if newline:
            yield from [()] * (len(paragraph) - 1)
            continue
        line: Line = ()
        for word in _words(paragraph):
            if line and _width((*line, *word)) > WIDEST:
                yield line
                line = word[1:]
            else:
                line += word
        yield line


def _words(letters: Line) -> Iterator[Line]:
    """Words, each with the space before it."""
    starts = [at for at, letter in enumerate(letters) if letter.text == " " and at]
    for start, end in zip([0, *starts], [*starts, len(letters)], strict=True):
        yield letters[start:end]


def _width(letters: Iterable[Letter]) -> float:
    return sum(letter.width for letter in letters)


def _plain(text: str) -> Line:
    return tuple(map(Letter, text))
