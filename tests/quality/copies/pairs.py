"""Reads the pairs of articles: makes each variant from its base by the edits written beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import yaml

from corpus.article import Article
from corpus.reading import read_file
from retrieval.text.sentences import split_sentences

HERE = Path(__file__).parent
SAMPLE_ARCHIVE = HERE.parents[2] / "corpus" / "articles"

COPIES = frozenset("identical typography shortened re-headed corrected edited local updated merged"
                   .split())  # fmt: skip
"""The kinds of pairs that are copies; the others are not."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two articles, of what kind the second is, and of which story."""

    one: Article
    other: Article
    kind: str
    story: str

    @property
    def is_copy(self) -> bool:
        """Return whether they are copies of one text."""
        return self.kind in COPIES


def load(half: str) -> list[Pair]:
    """Return the pairs of "dev" or "test"."""
    stories = yaml.safe_load((HERE / f"{half}.yaml").read_text(encoding="utf-8"))
    pairs: list[Pair] = []
    bases: list[tuple[str, Article]] = []
    for story in stories:
        if "template" in story:
            pairs += _of_template(story)
            continue
        base = _base(story)
        bases.append((story["story"], base))
        pairs += _of_base(story, base)
    pairs += [Pair(one, other, "unrelated", name) for (name, one), (_, other) in pairwise(bases)]
    return pairs


def _base(story: dict[str, Any]) -> Article:
    if "article" in story:
        read = next(iter(read_file(SAMPLE_ARCHIVE / story["article"])))
        assert isinstance(read, Article)
        return read
    return Article(f"{story['story']}.md", story["title"], story["base"].strip())


def _of_base(story: dict[str, Any], base: Article) -> Iterator[Pair]:
    name = story["story"]
    independent: Article | None = None
    for number, variant in enumerate(story["variants"]):
        kind = variant["kind"]
        uri = f"{name}-{number}-{kind}.md"
        if kind == "merged":
            assert independent
            body = "\n\n".join(_by_turns(base.body, independent.body))
            merged = Article(uri, base.title, body)
            yield Pair(base, merged, kind, name)
            yield Pair(independent, merged, kind, name)
            continue
        title = variant.get("title", base.title)
        made = Article(uri, title, _made(kind, variant, base.body))
        if kind == "independent":
            independent = made
        yield Pair(base, made, kind, name)


def _made(kind: str, variant: dict[str, Any], body: str) -> str:
    """Return the body of a variant of a base's body."""
    paragraphs = body.split("\n\n")
    match kind:
        case "typography":
            body = _retyped(body)
        case "shortened":
            body = _kept(body, variant["keep"])
        case "corrected" | "edited":
            for old, new in variant["edits"].items():
                assert str(old) in body, (old, body)
                body = body.replace(str(old), str(new), 1)
        case "local":
            for after, text in variant["insert"].items():
                paragraphs.insert(after + 1, text)
            body = "\n\n".join(paragraphs)
        case "updated":
            body = f"{variant['add'].strip()}\n\n{_kept(body, variant['keep'])}"
        case "independent":
            body = variant["text"].strip()
        case "quoting":
            quoted = [paragraphs[number] for number in variant["quote"]]
            body = "\n\n".join([variant["before"].strip(), *quoted, variant["after"].strip()])
    return body


def _of_template(story: dict[str, Any]) -> Iterator[Pair]:
    name = story["story"]
    made = [
        Article(f"{name}-{n}.md", f"{name} {n}", story["template"].format(**fill).strip())
        for n, fill in enumerate(story["fills"])
    ]
    for one, other in combinations(made, 2):
        yield Pair(one, other, "template", name)


def _kept(body: str, numbers: list[int]) -> str:
    """Return some of a body's sentences, two to a paragraph, as an agency's short version has."""
    found = split_sentences(body)
    texts = [body[found[n].start : found[n].end] for n in numbers]
    return "\n\n".join(" ".join(texts[at : at + 2]) for at in range(0, len(texts), 2))


def _by_turns(one: str, other: str) -> list[str]:
    """Return the paragraphs of two bodies in turns."""
    ours, theirs = one.split("\n\n"), other.split("\n\n")
    rest = ours[len(theirs) :] or theirs[len(ours) :]
    return [p for pair in zip(ours, theirs, strict=False) for p in pair] + rest


def _retyped(body: str) -> str:
    """Return a body with other quotes, spaces and line breaks."""
    curled = body.replace(' "', " “").replace('"', "”").replace("'", "’").replace("\n\n", "\n")
    return curled.replace(". ", ".  ").replace("percent", "per cent").replace(" - ", " – ")
