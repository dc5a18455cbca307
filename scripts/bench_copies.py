"""Measures what it takes to find the copies among 100,000 articles as they come.

    .venv/bin/python -m scripts.bench copies

The articles are made of words of the sample archive, in an order of their own. One in seven is a
copy of an earlier one: as it was, shortened to a third, edited in each sentence, or with as much
again added.
"""

from __future__ import annotations

import random
import re
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.article import Article
from retrieval.archive.batches import batched
from retrieval.archive.chunking import Chunking, chunk
from retrieval.archive.copies import Copies
from retrieval.archive.homes import catalog_in
from retrieval.archive.passages import titled
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.text.tokens import count_tokens
from tests.measuring import development

_BATCH = 64
_SENTENCES = 18
_SAMPLE = 150
"""Articles that are embedded, to know what it takes to embed all."""

_COPIED = 2_000
"""The last articles, of which copies are made."""


@dataclass(frozen=True, slots=True)
class Made:
    """An article, and the id of the one that it was made a copy of."""

    article: Article
    original: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured: seconds of the processor, which other programs do not slow down.

    Memory is in MB, after a fifth of the articles and at the end.
    """

    articles: int
    seconds: float
    memory: tuple[float, float]
    disk_mb: float
    copies: int
    found: int
    wrong: int


def measure(count: int) -> Measured:
    """Place articles as they come, a batch at a time, in a catalog that stores them."""
    with tempfile.TemporaryDirectory() as folder:
        catalog = catalog_in(Path(folder) / "catalog.db")
        copies, seconds, early = Copies(catalog), 0.0, 0.0
        planted = found = wrong = done = 0
        families: dict[str, str] = {}
        for batch in batched(made(count), _BATCH):
            articles = [each.article for each in batch]
            families |= {each.article.id: each.original for each in batch if each.original}
            begun = time.process_time()
            placement = copies.place(articles)
            seconds += time.process_time() - begun
            with catalog.transaction():
                for article in articles:
                    catalog.replace_article(article, [])
                begun = time.process_time()
                copies.write(placement)
                seconds += time.process_time() - begun
            for each in batch:
                own = each.original or each.article.id
                kin = [families.get(i, i) == own for i in placement.links[each.article.id]]
                planted += bool(each.original)
                found += bool(each.original) and any(kin)
                wrong += kin.count(False)
            done += len(batch)
            early = early or (_memory() if done >= count // 5 else 0.0)
        catalog.close()
        disk = (Path(folder) / "catalog.db").stat().st_size / 2**20
        return Measured(count, seconds, (early, _memory()), disk, planted, found, wrong)


def embedding(encoder: OnnxEncoder) -> float:
    """Return the processor's seconds that it takes to cut and embed one of the articles."""
    articles = [each.article for each in made(_SAMPLE + 20)]
    warm, timed = articles[:20], articles[20:]
    for some in (warm, timed):
        begun = time.process_time()
        encoder.embed_documents([text for article in some for text in _texts(article, encoder)])
    return (time.process_time() - begun) / len(timed)


def made(count: int) -> Iterator[Made]:
    """Yield articles of about 350 words."""
    order = random.Random(20201026)
    archive = development.golden("dev").articles
    words = re.findall(r"[\w'-]+", " ".join(article.body for article in archive))
    last: list[Article] = []
    for number in range(count):
        if last and order.random() < 1 / 7:
            original = order.choice(last)
            body = _copied(original.body.split("\n\n"), order, words)
            yield Made(Article(f"made-{number}", f"Copy {number}", body), original.id)
            continue
        body = "\n\n".join(_sentence(order, words) for _ in range(_SENTENCES))
        last = [*last[1 - _COPIED :], Article(f"made-{number}", f"Made {number}", body)]
        yield Made(last[-1])


def _sentence(order: random.Random, words: Sequence[str]) -> str:
    return " ".join(["It", *order.choices(words, k=order.randint(12, 25))]) + "."


def _copied(paragraphs: list[str], order: random.Random, words: Sequence[str]) -> str:
    """Return a copy of some paragraphs, of a kind drawn by lot."""
    match order.randrange(4):
        case 0:
            first = order.randrange(len(paragraphs) * 2 // 3)
            paragraphs = paragraphs[first : first + len(paragraphs) // 3]
        case 1:
            paragraphs = [paragraph[:-1] + " indeed." for paragraph in paragraphs]
        case 2:
            paragraphs = [*paragraphs, *(_sentence(order, words) for _ in paragraphs)]
    return "\n\n".join(paragraphs)


def _texts(article: Article, encoder: OnnxEncoder) -> list[str]:
    passages = chunk(article, Chunking(), count_tokens, encoder.count_pieces)
    return [titled(article.title, passage.text) for passage in passages]


def _memory() -> float:
    """Return the memory (MB) that this process holds now."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
