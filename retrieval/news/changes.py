"""What changed in an article, sentence by sentence, and whether a quote still stands in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher

from corpus.article import Article
from retrieval.archive.catalog import Catalog
from retrieval.archive.history import Version, versions_since
from retrieval.text.sentences import split_sentences

_ALIKE = 0.5
"""Share of words in common (difflib's ratio) from which two sentences are one that was edited."""

_REACH = 6
"""How many sentences further on the edited form of a sentence is looked for."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A sentence as it stood and as it stands now; one that was added or removed lacks one side."""

    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Change:
    """What changed in an article over a time: `title` is None unless its headline did.

    `at` is when its text last changed, in UTC, and `times` how often it did.
    """

    article: Article
    at: datetime
    times: int
    title: Difference | None
    sentences: tuple[Difference, ...]


def changes_since(catalog: Catalog, since: float) -> list[Change]:
    """Return the articles whose text changed since a time (seconds since 1970), newest first.

    What stood before that time is compared with what stands now: what was changed and changed
    back is left out, as are spaces and sentences that only moved.

    Raises:
        ArchiveUnreadable: the catalog cannot be read.
    """
    before: dict[str, list[Version]] = {}
    for version in versions_since(catalog, since):
        before.setdefault(version.article_id, []).append(version)
    changes = (
        _change(article, versions)
        for article_id, versions in before.items()
        for article in catalog.articles([article_id]).values()
    )
    changed = [change for change in changes if change.title or change.sentences]
    return sorted(changed, key=lambda change: change.at, reverse=True)


def _change(article: Article, versions: Sequence[Version]) -> Change:
    first = versions[0]
    renamed = Difference(first.title, article.title) if first.title != article.title else None
    at = datetime.fromtimestamp(versions[-1].replaced, UTC)
    return Change(article, at, len(versions), renamed, differences(first.body, article.body))


def differences(was: str, now: str) -> tuple[Difference, ...]:
    """Return the sentences of two bodies that differ, in reading order."""
    old, new = _sentences(was), _sentences(now)
    stood, stands = set(old), set(new)
    found: list[Difference] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if tag != "equal":
            gone = [text for text in old[a:b] if text not in stands]
            come = [text for text in new[c:d] if text not in stood]
            found += _paired(gone, come)
    return tuple(found)


def _paired(gone: Sequence[str], come: Sequence[str]) -> list[Difference]:
    """Pair the sentences of a changed stretch with their edited forms, in order."""
    found: list[Difference] = []
    at = 0
    for text in gone:
        likely = nearest(text, come[at : at + _REACH])
        if likely is None:
            found.append(Difference(text, ""))
            continue
        found += [Difference("", other) for other in come[at : at + likely]]
        found.append(Difference(text, come[at + likely]))
        at += likely + 1
    return found + [Difference("", other) for other in come[at:]]


def nearest(text: str, others: Iterable[str]) -> int | None:
    """Return which of some sentences is most like one, or None if none is an edited form of it."""
    words = SequenceMatcher(None, b=text.split(), autojunk=False)
    best, found = _ALIKE, None
    for at, other in enumerate(others):
        words.set_seq1(other.split())
        if words.real_quick_ratio() >= best and words.quick_ratio() >= best:
            ratio = words.ratio()
            if ratio >= best and (found is None or ratio > best):
                best, found = ratio, at
    return found


def changed_words(was: str, now: str) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    """Return the words of two sentences in runs, each with whether it stands only there."""
    old, new = was.split(), now.split()
    left: list[tuple[str, bool]] = []
    right: list[tuple[str, bool]] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        for runs, words in ((left, old[a:b]), (right, new[c:d])):
            if words:
                runs.append((" ".join(words), tag != "equal"))
    return left, right


def stands(quote: str, body: str) -> bool:
    """Return whether a quote is still in a body, wherever that is, whatever its white space."""
    return _plain(quote) in _plain(body)


def lost(quote: str, body: str) -> list[Difference]:
    """Return the sentences of a quote that no longer stand in a body, with what stands instead.

    A sentence without a like in the body has nothing instead.
    """
    whole, now = _plain(body), _sentences(body)
    gone = [text for text in _sentences(quote) if text not in whole]
    likes = [nearest(text, now) for text in gone]
    return [
        Difference(text, "" if like is None else now[like])
        for text, like in zip(gone, likes, strict=True)
    ]


def _sentences(body: str) -> list[str]:
    return [_plain(body[s.start : s.end]) for s in split_sentences(body)]


def _plain(text: str) -> str:
    return " ".join(text.split())
