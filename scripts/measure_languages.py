"""Measure archives and questions in other languages than English, with an encoder of one's own.

    python -m scripts.measure_languages FOLDER es de [--encoder ENCODER]

The folder has XQuAD's files, `xquad.en.json` and one for each language (google-deepmind/xquad, CC
BY-SA 4.0), or parts of them. For each language three archives are made and thrown away:

* its own articles, and the English ones that are not among them: questions in the language;
* the English articles: the same questions, whose answers are in English;
* the first one without every second article of the language: the questions that these answered.

A passage is right where it is of the question's paragraph and has the answer. No model is used.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.article import Article
from newsdesk import Match, Newsdesk

FIRST = 5
"""Passages that are looked through for the right one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the article and paragraph that answer it, and the words that do."""

    id: str
    text: str
    title: str
    paragraph: str
    answers: Sequence[str]

    def is_right(self, match: Match) -> bool:
        """Return whether a passage is of the question's paragraph and has the answer."""
        start = match.article.body.find(self.paragraph)
        inside = match.passage.start < start + len(self.paragraph) and start < match.passage.end
        return match.article.uri == self.title and inside and self.is_in(match.passage.text)

    def is_in(self, text: str) -> bool:
        """Return whether a text has the answer."""
        return any(answer in text for answer in self.answers)


def main() -> None:
    """Print the figures of each language that the command line names."""
    parser = argparse.ArgumentParser(description="Measure archives in other languages.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("languages", nargs="+")
    parser.add_argument(
        "--encoder", default="local", help="a folder, as NEWSDESK_EMBEDDINGS has it"
    )
    given = parser.parse_args()
    english, in_english = read(given.folder / "xquad.en.json")
    answered_by = {asked.id: asked for asked in in_english}
    for language in given.languages:
        articles, questions = read(given.folder / f"xquad.{language}.json")
        titles = [article.uri for article in articles]
        rest = [article for article in english if article.uri not in titles]
        there = {*titles[::2]}
        halved = [article for article in articles if article.uri in there]
        across = [
            Asked(asked.id, asked.text, gold.title, gold.paragraph, gold.answers)
            for asked in questions
            if (gold := answered_by.get(asked.id))
        ]
        absent = [asked for asked in questions if asked.title not in there]
        for what, archive, some in (
            ("of its own language", articles + rest, questions),
            ("of the English articles", english, across),
            ("of articles left out", halved + rest, absent),
        ):
            print(f"{language}, {len(some)} questions {what}: {measured(archive, some, given)}")


def measured(articles: list[Article], questions: list[Asked], given: argparse.Namespace) -> str:
    """Ask an archive of some articles, and return the figures as a line."""
    with (
        tempfile.TemporaryDirectory() as home,
        Newsdesk(home, engine="extractive", embeddings=given.encoder) as desk,
    ):
        with desk._desk.indexer() as indexer:
            indexer.ingest(articles)
        first = within = answered = held = 0
        for asked in questions:
            right = [asked.is_right(match) for match in desk.search(asked.text, FIRST)]
            first += right[:1] == [True]
            within += any(right)
            answer = desk.ask(asked.text)
            answered += not answer.refused
            held += not answer.refused and asked.is_in(answer.text)
    counts = {"first": first, f"in {FIRST}": within, "answered": answered, "with the answer": held}
    return ", ".join(f"{what} {n / len(questions):.3f}" for what, n in counts.items())


def read(path: Path) -> tuple[list[Article], list[Asked]]:
    """Return the articles of a file of SQuAD's form, and the questions on them."""
    articles: list[Article] = []
    questions: list[Asked] = []
    for row in json.loads(path.read_text(encoding="utf-8"))["data"]:
        title: str = row["title"]
        texts = [" ".join(paragraph["context"].split()) for paragraph in row["paragraphs"]]
        articles.append(Article(title, title.replace("_", " "), "\n\n".join(texts)))
        for text, paragraph in zip(texts, row["paragraphs"], strict=True):
            questions += [_asked(asked, title, text) for asked in paragraph["qas"]]
    return articles, questions


def _asked(row: dict[str, Any], title: str, text: str) -> Asked:
    answers = [" ".join(answer["text"].split()) for answer in row["answers"]]
    return Asked(row["id"], row["question"], title, text, answers)


if __name__ == "__main__":
    main()
