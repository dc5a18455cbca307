"""Print what the golden questions are made of, and how far keywords alone get with them.

.venv/bin/python -m scripts.golden
"""

from __future__ import annotations

from collections import Counter

from tests.measuring import golden


def main() -> None:
    """Print the composition of both splits."""
    texts = golden.bodies()
    keywords = golden.Keywords(texts)
    for split in golden.SPLITS:
        questions = golden.rows(split)
        answerable = [row for row in questions if row["answerable"]]
        worded = [(row, keywords.wording(row)) for row in answerable]
        print(f"{split}: {len(questions)} questions, {len(answerable)} answerable")
        for kind, number in Counter(row["kind"] for row in questions).items():
            print(f"  {kind}: {number}")
        counts = {
            "with history": sum("history" in row for row in questions),
            "answer spread over several articles": sum(
                golden.needs_several(row, texts) for row in answerable
            ),
            "in other words (marked and measured)": sum(
                row["paraphrase"] and wording.differs for row, wording in worded
            ),
            "gold sentence not first by BM25": sum(not wording.first for _, wording in worded),
        }
        for name, number in counts.items():
            print(f"  {name}: {number}")


if __name__ == "__main__":
    main()
