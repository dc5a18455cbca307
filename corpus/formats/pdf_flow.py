"""Lines of pages in reading order -> paragraphs, whole across columns and pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.formats.pdf_order import Line

_END = re.compile(r"[.!?…:;][^\w\s]{0,3}\Z|[。！？]\Z")
_CONTINUED = re.compile(
    r"\W*(?:continued|continues|cont[’']?d|see) (?:on |from )?page \w+\W*", re.IGNORECASE
)
_SAME_SIZE = 0.06
_MOST_BETWEEN = 12  # captions, notes and rows of tables between the halves of a sentence
_MOST_LINES = 200  # of a paragraph that may go on elsewhere
_INDENT = 0.8  # in sizes of the text, as the rest


@dataclass(frozen=True, slots=True)
class Block:
    """The lines of a paragraph, or of a part of it that stands together."""

    lines: tuple[Line, ...]

    @property
    def page(self) -> int:
        """The page, from 0, that it begins on."""
        return self.lines[0].page

    @property
    def size(self) -> float:
        """The size of most of its text, in points."""
        return common_size(self.lines)

    @property
    def look(self) -> str:
        """The look of most of its text: "b" for bold, "i" for italic."""
        return Counter(line.look for line in self.lines).most_common(1)[0][0]

    @property
    def text(self) -> str:
        """Its text on one line, for a look at it."""
        return " ".join(line.text for line in self.lines).replace("\xad ", "")


def common_size(lines: Iterable[Line]) -> float:
    """Return the size that most of the text in lines has, in points; 0 for none."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    return max(sizes, key=sizes.__getitem__, default=0.0)


def blocks(lines: Sequence[Line]) -> list[Block]:
    """Return lines grouped into blocks, without those that say where a text goes on."""
    lines = [line for line in lines if not _CONTINUED.fullmatch(line.text)]
    leading = _leading(lines)
    found: list[list[Line]] = []
    for line in lines:
        if found and not _begins(found[-1], line, leading):
            found[-1].append(line)
        else:
            found.append([line])
    return [Block(tuple(block)) for block in found]


def whole(found: Sequence[Block]) -> list[Block]:
    """Return blocks with each that breaks off joined to the one where its sentence goes on.

    What stands between the two, such as a caption or the notes below a page, goes before them
    if it is on the page that they begin on, else after.
    """
    waiting = list(found)
    done: list[Block] = []
    while waiting:
        block = waiting.pop(0)
        place = _continuation(block, waiting)
        if place is None:
            done.append(block)
            continue
        between = waiting[:place]
        joined = Block(block.lines + waiting[place].lines)
        done.extend(other for other in between if other.page <= block.page)
        waiting[: place + 1] = [joined, *(other for other in between if other.page > block.page)]
    return done


def _leading(lines: Sequence[Line]) -> dict[float, float]:
    """Return the commonest distance between lines for each size of text."""
    steps: dict[float, Counter[float]] = {}
    for above, line in pairwise(lines):
        if above.size == line.size and 0 < line.y - above.y < 2.5 * line.size:
            steps.setdefault(line.size, Counter())[round(line.y - above.y)] += 1
    return {size: count.most_common(1)[0][0] for size, count in steps.items()}


def _begins(block: Sequence[Line], line: Line, leading: dict[float, float]) -> bool:
    """Say whether a line begins a block of its own after the lines of a block."""
    above = block[-1]
    step = line.y - above.y
    apart = line.x0 >= above.x1 or above.x0 >= line.x1
    if line.page != above.page or step <= 0 or apart or not _same(above.size, line.size):
        return True
    if line.starts or line.is_row or above.is_row:
        return True
    usual = leading.get(line.size, 1.2 * line.size)
    if step > max(1.35 * usual, usual + 0.25 * line.size):
        return True
    ended = bool(_END.search(above.text))
    if ended:
        return _is_indented(line, above) or _would_have_fitted(above, line, 1.0)
    if ("b" in above.look) != ("b" in line.look) and not line.text[0].islower():
        return True
    return not line.text[0].islower() and _would_have_fitted(above, line, 3.0) and len(block) < 3


def _is_indented(line: Line, above: Line) -> bool:
    return _INDENT * line.size < line.x0 - above.x0 < 5 * line.size


def _would_have_fitted(above: Line, line: Line, spare: float) -> bool:
    """Say whether the first word of a line had room at the end of the line above."""
    word = len(line.text.split()[0]) * 0.55 * line.size
    return above.x1 + word + spare * line.size < above.right


def _continuation(block: Block, following: Sequence[Block]) -> int | None:
    """Return the place of the block where the sentence goes on that a block breaks off in."""
    last = block.lines[-1]
    if len(block.lines) > _MOST_LINES or last.is_row:
        return None
    if _END.search(last.text) or "b" in block.look:
        return None
    headed = False
    for place, other in enumerate(following[:_MOST_BETWEEN]):
        first = other.lines[0]
        if first.page > last.page + 1:
            return None
        listed = first.starts or first.is_row
        if _same(other.size, block.size) and other.look == block.look and not listed:
            goes_on = first.text[0].islower() or last.text.endswith(("\xad", "-", ","))
            moved = first.page != last.page or first.y < last.y or first.x0 >= last.x1
            full = not _would_have_fitted(last, first, 3.0)
            return place if goes_on or (moved and full and not headed) else None
        headed = headed or other.size > 1.1 * block.size
    return None


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME_SIZE * max(one, other)
