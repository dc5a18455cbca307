"""What the reader makes of a question and a passage, in each form that it may come in."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.article import Article
from retrieval.archive.passages import Match, Passage
from retrieval.checking.check import SupportCheck
from retrieval.checking.verdicts import Outcome, Source
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.errors import ModelFileError
from retrieval.reading.pieces import kinds
from retrieval.reading.reader import (
    EMBEDDED,
    Asked,
    PassageReading,
    Reader,
    SentenceReading,
    Told,
    best_span,
)
from retrieval.text.sentences import split_sentences
from tests.in_process import shared_reader
from tests.reading.forms import reduced, with_classes

SHIP = (
    "The Ever Given was refloated on Monday after six days aground in the Suez Canal. "
    "Tugs pulled it free at high tide. "
    "The vessel is owned by the Japanese company Shoei Kisen. "
    "Traffic resumed in the evening."
)
ELSEWHERE = (
    "Egypt's parliament voted on the budget on Monday. "
    "Spending on schools is to rise by a tenth. "
    "The finance minister called the plan prudent."
)
OWNER = "Who owns the Ever Given?"


def told(text: str, title: str = "") -> Told:
    return Told(title, text, tuple((s.start, s.end) for s in split_sentences(text)))


def read(reader: Reader, question: str, *texts: str) -> list[PassageReading]:
    return reader.read(Asked(question), [told(text, "Ship freed") for text in texts])


def seen(reading: PassageReading) -> list[SentenceReading]:
    return [sentence for sentence in reading.sentences if sentence]


def best(reading: PassageReading) -> int:
    return max(range(len(reading.sentences)), key=lambda at: seen(reading)[at].evidence)


def test_it_finds_the_sentence_and_the_words_that_answer() -> None:
    [reading] = read(shared_reader(), OWNER, SHIP)
    assert best(reading) == 2
    start, end = seen(reading)[2].answer or (0, 0)
    assert "Shoei Kisen" in SHIP[start:end]
    assert len(SHIP[start:end].split()) <= 5


def test_a_passage_that_answers_is_above_one_that_does_not() -> None:
    without = SHIP.replace("The vessel is owned by the Japanese company Shoei Kisen. ", "")
    answering, lacking, other = read(shared_reader(), OWNER, SHIP, without, ELSEWHERE)
    assert answering.answers > lacking.answers > other.answers


def test_the_words_that_answer_are_within_their_sentence() -> None:
    passage = told(SHIP)
    [reading] = shared_reader().read(Asked("When was it refloated?"), [passage])
    for (start, end), sentence in zip(passage.sentences, seen(reading), strict=True):
        assert sentence.answer is not None
        assert start <= sentence.answer[0] < sentence.answer[1] <= end


def test_the_conversation_tells_what_a_question_is_about() -> None:
    text = "Anna Berg leads the bank; she is 51. Karl Holm leads the mill; he is 64."
    before = "Who is Karl Holm? "
    asked = Asked(before + "How old is he?", len(before))
    [reading] = shared_reader().read(asked, [told(text)])
    assert best(reading) == 1


def test_what_is_beyond_the_readers_length_is_not_read() -> None:
    long = "The council met again on Tuesday and spoke of roads. " * 60 + "Anna Berg owns the mill."
    [reading] = read(shared_reader(), "Who owns the mill?", long)
    assert reading.sentences[-1] is None
    assert reading.sentences[0] is not None


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("", "A ferry sailed."),
        ("🗞️🗞️", "A ferry sailed."),
        ("Who sailed?", ""),
        ("Who sailed?", "🗞️ 🗞️"),
        ("من أبحر؟", "أبحرت العبارة ظهرا. لم يصب أحد."),
        ("and " * 300 + "who sailed?", "A ferry sailed. Anna Berg sailed too."),
    ],
)
def test_anything_can_be_read(question: str, text: str) -> None:
    passage = told(text)
    [reading] = shared_reader().read(Asked(question, len(question) // 2), [passage])
    assert len(reading.sentences) == len(passage.sentences)
    for (start, end), sentence in zip(passage.sentences, reading.sentences, strict=True):
        if sentence and sentence.answer:
            assert start <= sentence.answer[0] < sentence.answer[1] <= end


def test_an_answers_words_are_no_more_than_thirty_pieces() -> None:
    start, end = np.zeros(50, dtype=np.float32), np.zeros(50, dtype=np.float32)
    start[3], end[40], end[10], start[20] = 5.0, 5.0, 1.0, 4.0
    assert best_span(start, end) == (9.0, (20, 40))


def test_pieces_that_both_texts_have_are_marked() -> None:
    made = kinds([7, 8, 9], 1, [8, 5, 6], 2)
    assert made == [0, 4, 2, 0, 0, 3, 5, 1, 1]


def test_a_closed_reader_reads_on() -> None:
    reader = Reader(threads=2)
    before = read(reader, OWNER, SHIP, ELSEWHERE)
    reader.close()
    assert read(reader, OWNER, SHIP, ELSEWHERE) == before


def test_an_extractive_reader_needs_a_start_and_an_end_alone(tmp_path: Path) -> None:
    folder = reduced(tmp_path, ["start", "end"], kind="extractive", start="start", end="end",
                     marked=True)  # fmt: skip
    reader = Reader(folder)
    answering, other = read(reader, OWNER, SHIP, ELSEWHERE)
    assert answering.answers > other.answers
    start, end = seen(answering)[best(answering)].answer or (0, 0)
    assert "Shoei Kisen" in SHIP[start:end]


def test_a_reranker_scores_passages_and_their_sentences(tmp_path: Path) -> None:
    folder = reduced(tmp_path, ["answers"], kind="reranker", score="answers", marked=True)
    reader = Reader(folder)
    answering, other = read(reader, OWNER, SHIP, ELSEWHERE)
    assert answering.answers > other.answers
    assert best(answering) == 2
    assert seen(answering)[2].answer is None
    [shipped] = read(shared_reader(), OWNER, SHIP)
    assert answering.answers == pytest.approx(shipped.answers, abs=1e-3)


def test_a_rerankers_scale_can_be_declared(tmp_path: Path) -> None:
    plain = Reader(reduced(tmp_path / "a", ["answers"], kind="reranker", score="answers"))
    scaled = Reader(
        reduced(
            tmp_path / "b", ["answers"], kind="reranker", score="answers", slope=0.5, intercept=-1
        )
    )
    [one], [other] = read(plain, OWNER, SHIP), read(scaled, OWNER, SHIP)
    assert other.answers == pytest.approx(0.5 * one.answers - 1, abs=1e-4)


@pytest.mark.parametrize("first", [True, False])
def test_an_entailment_model_says_which_class_is_which(tmp_path: Path, first: bool) -> None:
    classes = ["entailment", "not_entailment"] if first else ["not_entailment", "entailment"]
    folder = with_classes(
        tmp_path, first=first, kind="entailment", score="logits", classes=classes, marked=True
    )
    [found], [shipped] = read(Reader(folder), OWNER, SHIP), read(shared_reader(), OWNER, SHIP)
    assert found.answers == pytest.approx(2 * shipped.answers, abs=1e-3)


def copied(folder: Path, **declared: Any) -> Path:
    shutil.copytree(EMBEDDED, folder, dirs_exist_ok=True)
    fields = json.loads((folder / "reader.json").read_text()) | declared
    (folder / "reader.json").write_text(json.dumps(fields))
    return folder


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"kind": "oracle"}, "kind"),
        ({"maximum": 5}, "maximum"),
        ({"name": ""}, "name"),
        ({"max_tokens": 2}, "max_tokens"),
        ({"max_tokens": 10**24}, "max_tokens"),
        ({"slope": float("nan")}, "slope"),
        ({"classes": "entailment"}, "classes"),
        ({"start": "answers"}, "answers .* has the shape"),
        ({"kind": "reranker", "score": "start"}, "start .* has the shape"),
        ({"start": ""}, '"start" must name an output'),
        ({"score": "logits"}, "names the output logits"),
        ({"kind": "reranker", "score": ""}, '"score" must name an output'),
        ({"kind": "entailment", "classes": ["yes", "no"]}, "entailment"),
        ({"kind": "entailment", "classes": ["entailment"]}, "entailment"),
        ({"kind": "entailment", "classes": ["entailment", "other"]}, "answers .* has the shape"),
    ],
)
def test_a_declaration_that_does_not_fit_is_told(
    tmp_path: Path, declared: dict[str, Any], said: str
) -> None:
    with pytest.raises(ModelFileError, match=said):
        Reader(copied(tmp_path / "own", **declared))


@pytest.mark.parametrize("name", ["reader.json", "model.onnx", "tokenizer.json"])
def test_a_missing_file_is_told(tmp_path: Path, name: str) -> None:
    folder = copied(tmp_path / "own")
    (folder / name).unlink()
    with pytest.raises(ModelFileError, match="own"):
        Reader(folder)


@pytest.mark.parametrize("name", ["reader.json", "model.onnx", "tokenizer.json"])
def test_a_damaged_file_is_told(tmp_path: Path, name: str) -> None:
    folder = copied(tmp_path / "own")
    (folder / name).write_bytes(b"\x00\xff not what it was")
    with pytest.raises(ModelFileError, match="own"):
        Reader(folder)


def test_an_entailment_model_decides_where_no_judge_does(
    tmp_path: Path, embedded: OnnxEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = with_classes(
        tmp_path, first=True, kind="entailment", score="logits",
        classes=["entailment", "not_entailment"],
    )  # fmt: skip
    entailment = Reader(folder)
    check = SupportCheck(embedded, entailment)
    article = Article("ship.md", "Ship freed", SHIP)
    passage = Passage("p", article.id, 0, 0, len(SHIP), SHIP)
    sources = [Source(1, Match(passage, article, 1.0))]
    asked: list[tuple[str, str]] = []

    def told(odds: float) -> Outcome:
        def bears_out(text: str, sentence: str) -> float:
            asked.append((text, sentence))
            return odds

        monkeypatch.setattr(entailment, "bears_out", bears_out)
        return check.unjudged("A Japanese firm is the vessel's owner. [1]", sources, OWNER).outcome

    assert (told(1.0), told(-1.0)) == (Outcome.SUPPORTED, Outcome.REMOVED)
    assert "Shoei Kisen" in asked[0][0]
    assert asked[0][1] == "A Japanese firm is the vessel's owner."
    nowhere = check.unjudged(
        "The Ever Given was aground for 700 days in the Suez Canal. [1]", sources, OWNER
    )
    assert (nowhere.outcome, nowhere.reason) == (Outcome.REMOVED, "number")
    assert len(asked) == 2  # what is surely wrong is not asked of it
