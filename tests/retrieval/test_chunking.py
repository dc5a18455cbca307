"""Any text becomes passages that lie where they say, fit, and leave nothing out."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sentencex import segment

from corpus.article import Article
from corpus.cleaning import clean_text
from corpus.reading import read_file
from retrieval.archive.chunking import Chunking, chunk
from retrieval.archive.passages import Passage, titled
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.text import sentences
from retrieval.text.sentences import Kind, Sentence, sentences_within, split_sentences
from retrieval.text.tokens import count_tokens

USERS_ARTICLE = Path(__file__).parents[3] / "shared/data/000_ac502a5d97e40cd6.txt"

PROSE = (
    "Mr. Smith said “no” at 7 a.m. in the U.S. on Monday. ",
    "A truce came into effect, but it is struggling to hold. ",
    "Really?! ",
    "停戦は月曜日に発効した。",
    "휴전이 월요일에 발효되었다. ",
    "الهدنة دخلت حيز التنفيذ. ",
    "Wait… what? ",
    "word " * 60,
    "x" * 700,
    "👩‍👩‍👧 ",
    "Soldiers at the front [Ann Example/AFP]",
    "The way ahead",
    "\n\n",
    "\r\n",
    "\u2028",
    "\x0b",
)
RAW = st.text(max_size=300) | st.lists(
    st.sampled_from(PROSE) | st.text(max_size=40), max_size=15
).map("".join)
BODIES = RAW | RAW.map(clean_text)
TITLES = st.text(max_size=200) | st.sampled_from(("", "힣" * 160, "a." * 80, "ệ" * 200))


@pytest.fixture(scope="session")
def cut(embedded: OnnxEncoder) -> Cut:
    return Cut(embedded)


class Cut:
    def __init__(self, embedded: OnnxEncoder) -> None:
        self.pieces = embedded.count_pieces

    def __call__(self, article: Article, chunking: Chunking | None = None) -> list[Passage]:
        return chunk(article, chunking or Chunking(), count_tokens, self.pieces)


@settings(max_examples=150, deadline=None)
@given(title=TITLES, body=BODIES)
@example(title="한국어 제목입니다 " * 20, body="They met again. " * 90)
@example(title="", body="word " * 4000)
@example(title="T", body="👩‍👩‍👧" * 500)
def test_passages_lie_in_the_body_fit_and_leave_no_sentence_out(
    cut: Cut, title: str, body: str
) -> None:
    article = Article("made/1.txt", title, body)
    passages = cut(article)
    assert [p.ordinal for p in passages] == list(range(len(passages)))
    assert len({p.id for p in passages}) == len(passages)
    for passage in passages:
        assert passage.article_id == article.id
        assert body[passage.start : passage.end] == passage.text
        assert passage.text.strip()
        assert count_tokens(passage.text) <= 200
        assert cut.pieces(titled(title, passage.text)) <= 256
    covered = {i for p in passages for i in range(p.start, p.end)}
    for sentence in split_sentences(body):
        assert covered.issuperset(range(sentence.start, sentence.end))


@settings(max_examples=150, deadline=None)
@given(body=BODIES)
def test_sentences_are_trimmed_ordered_and_cover_all_but_the_credits(body: str) -> None:
    sentences = split_sentences(body)
    end = 0
    captions = {body.count("\n", 0, s.start) for s in sentences if s.kind is Kind.CAPTION}
    covered: set[int] = set()
    for sentence in sentences:
        assert end <= sentence.start < sentence.end
        text = body[sentence.start : sentence.end]
        assert text == text.strip()
        end = sentence.end
        covered.update(range(sentence.start, sentence.end))
    at = 0
    for number, line in enumerate(body.split("\n")):
        if number not in captions:
            lost = [i for i, c in enumerate(line, at) if not c.isspace() and i not in covered]
            assert not lost
        at += len(line) + 1


@settings(max_examples=150, deadline=None)
@given(body=BODIES, data=st.data())
def test_a_part_of_a_body_has_the_sentences_that_the_whole_has_there(
    body: str, data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    whole = [s for s in split_sentences(body) if start <= s.start and s.end <= end]
    assert sentences_within(body, start, end) == whole


@pytest.fixture
def segmented(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The lengths of the texts that the segmenter is given."""
    lengths: list[int] = []

    def noted(language: str, text: str) -> list[str]:
        lengths.append(len(text))
        return segment(language, text)

    monkeypatch.setattr(sentences, "segment", noted)
    return lengths


def test_the_rest_of_a_long_article_is_not_read_for_a_part_of_it(segmented: list[int]) -> None:
    line = "The ferry sailed at noon. Nobody was hurt."
    body = "\n\n".join([line] * 20_000)
    start = len(body) // 2
    assert len(sentences_within(body, start, start + 2 * len(line))) == 3
    assert sum(segmented) <= 4 * len(line)


@pytest.mark.parametrize("hostile", ["“ a. ", "“", "The cat sat. ", "word ", "x"])
def test_the_segmenter_never_sees_a_line_of_any_length(segmented: list[int], hostile: str) -> None:
    line = hostile * (100_000 // len(hostile))
    found = split_sentences(line)
    assert max(segmented) <= 5_000
    covered = "".join(line[s.start : s.end] for s in found)
    assert covered.replace(" ", "") == line.replace(" ", "")


def test_a_body_is_summed_once_however_many_passages_it_makes(
    cut: Cut, monkeypatch: pytest.MonkeyPatch
) -> None:
    fingerprint: Any = vars(Article)["fingerprint"]
    sums: list[str] = []

    def noted(article: Article) -> str:
        sums.append(article.uri)
        return str(fingerprint.fget(article))

    monkeypatch.setattr(Article, "fingerprint", property(noted))
    assert len(cut(Article("made/1.txt", "", "The ferry sailed at noon. " * 500))) > 9
    assert len(sums) == 1


@settings(max_examples=50, deadline=None)
@given(body=BODIES, other=BODIES)
@example(body="One sentence here. " * 30, other="One sentence here. " * 30 + "And more.")
def test_another_body_shares_no_passage_id(cut: Cut, body: str, other: str) -> None:
    article = Article("made/1.txt", "Title", body)
    ids = {p.id for p in cut(article)}
    assert ids == {p.id for p in cut(article)}
    if body != other:
        assert not ids & {p.id for p in cut(replace(article, body=other))}
    assert not ids & {p.id for p in cut(replace(article, uri="made/2.txt"))}
    assert not ids & {p.id for p in cut(article, Chunking(tokens=100))}


def test_one_sentence_stands_in_both_of_two_passages_that_meet(cut: Cut) -> None:
    body = " ".join(f"The delegation number {n} left for the capital at noon." for n in range(60))
    article = Article("made/1.txt", "Delegations", body)
    passages = cut(article)
    assert len(passages) > 2
    for before, after in pairwise(passages):
        shared = body[after.start : before.end]
        assert [shared[s.start : s.end] for s in split_sentences(shared)] == [shared]
        assert shared.endswith("left for the capital at noon.")
    packed = cut(article, Chunking(overlap=0))
    assert all(a.end <= b.start for a, b in pairwise(packed))


def test_sentences_that_leave_no_room_for_each_other_do_not_overlap(cut: Cut) -> None:
    long = "The committee " + "and the very long list of its many members " * 12 + "met."
    body = " ".join([long] * 4)
    passages = cut(Article("made/1.txt", "", body))
    assert [p.text for p in passages] == [long] * 4


def test_words_that_fit_nowhere_are_cut_until_nothing_is_left_to_cut(cut: Cut) -> None:
    body = "a b c 👩‍👩‍👧 d e extraordinary x y " * 4
    covered: set[int] = set()
    for passage in cut(Article("made/1.txt", "", body), Chunking(tokens=1, pieces=3)):
        assert body[passage.start : passage.end] == passage.text
        covered.update(range(passage.start, passage.end))
    assert covered.issuperset(range(len(body.rstrip())))


def test_a_passage_knows_the_sentences_that_lie_whole_within_it(cut: Cut) -> None:
    body = " ".join(f"The delegation number {n} left for the capital at noon." for n in range(60))
    first, second, *_ = cut(Article("made/1.txt", "", body))
    shared = [sentences_within(body, p.start, p.end) for p in (first, second)]
    assert shared[0][-1] == shared[1][0]


AL_JAZEERA_STYLE = """\
A truce brokered abroad came into effect on Monday, but it is struggling to hold.

Dozens have left their homes after three weeks of shelling in the valley [Ann Example/AFP]

“We will not leave,” said Mr. A. Example, a baker. He has lived there since 1990.

The neighbours step in

So, many in the capital were convinced that a round of talks would bring a solution.

No breakthrough in sight?

Both ministers had rushed to the neighbouring capital earlier in the week to meet diplomats.

Source: Made-up Times"""


def test_headings_and_captions_are_told_from_sentences() -> None:
    kinds: dict[Kind, list[str]] = {kind: [] for kind in Kind}
    for s in split_sentences(AL_JAZEERA_STYLE):
        kinds[s.kind].append(AL_JAZEERA_STYLE[s.start : s.end])
    assert kinds[Kind.HEADING] == ["The neighbours step in", "No breakthrough in sight?"]
    assert kinds[Kind.CAPTION] == [
        "Dozens have left their homes after three weeks of shelling in the valley"
    ]
    assert "He has lived there since 1990." in kinds[Kind.SENTENCE]
    assert "“We will not leave,” said Mr. A. Example, a baker." in kinds[Kind.SENTENCE]
    assert not any("AFP" in text for texts in kinds.values() for text in texts)


def test_a_paragraph_that_ends_in_an_agencys_name_has_sentences_of_its_own() -> None:
    body = "The ferry sailed at noon. Nobody was hurt, the port office said. (Reuters)"
    sentences = [body[s.start : s.end] for s in split_sentences(body)]
    assert sentences == ["The ferry sailed at noon.", "Nobody was hurt, the port office said."]


@pytest.mark.parametrize(
    "sentences",
    [
        [
            "Am 8. Februar 2007 wurde die neue Brücke über den Fluss für alle geöffnet.",
            "Sie kostete 162 Mio. Euro, und nicht alle Bürger waren damit zufrieden.",
            "Der Bürgermeister sagte, dass er am 3. Mai noch einmal kommen werde.",
        ],
        [
            "M. Macron est arrivé le 8 mai à Paris pour rencontrer les ministres de la région.",
            "Il a dit que la paix était possible et que tout le monde devait y croire.",
        ],
        [
            "El presidente de EE. UU. llegó el martes a la capital para hablar con los ministros.",
            "Dijo que la tregua era posible y que nadie debía perder la esperanza de lograrla.",
        ],
        [
            "Мост открыли в 1999 г. в Москве на ул. Ленина, и он стоит до сих пор.",
            "Его длина составляет 240 метров.",
        ],
        ["The bridge opened on the 8th of February.", "It cost the city a third of its budget."],
        ["He said on Tues. that it opens on Fri. 6 May.", "It opened on Sat.", "The mayor came."],
        [
            "It began at 2.51 p.m. Turkish time.",
            "By 3 p.m. Monday it was over.",
            "They left at 5 p.m.",
        ],
        ["So wrote the Sun.", "12 people were hurt."],
        ["Am 26. Oktober kam er, vom 3. bis 9. November nicht.", "Er ist 26.", "Sie auch."],
        ["Il vint le 4 janv. 2021 et le 5 févr. aussi.", "Puis il partit."],
    ],
    ids=[
        "German",
        "French",
        "Spanish",
        "Russian",
        "English",
        "days",
        "times of the day",
        "The Sun",
        "few words of German",
        "few words of French",
    ],
)
def test_sentences_end_by_the_rules_of_the_language(sentences: list[str]) -> None:
    body = " ".join(sentences)
    assert [body[s.start : s.end] for s in split_sentences(body)] == sentences


@pytest.mark.parametrize(
    "line",
    [
        "中央银行周四将利率上调了四分之一个百分点。",
        "केंद्रीय बैंक ने गुरुवार को दर बढ़ाई।",
        "هل رفع البنك المركزي سعر الفائدة؟",
        "中央银行表示：“利率将上调。”",
    ],
)
def test_a_line_that_ends_in_another_scripts_full_stop_is_no_heading(line: str) -> None:
    body = f"{line}\n\n{line * 4}"
    assert split_sentences(body)[0] == Sentence(0, len(line), Kind.SENTENCE)


@pytest.mark.skipif(not USERS_ARTICLE.exists(), reason=f"{USERS_ARTICLE.name} is not here")
def test_the_users_article_is_cut_as_a_reader_would(cut: Cut) -> None:
    (article,) = read_file(USERS_ARTICLE)
    assert isinstance(article, Article)
    text = {
        kind: [
            article.body[s.start : s.end] for s in split_sentences(article.body) if s.kind is kind
        ]
        for kind in Kind
    }
    assert "Washington steps in" in text[Kind.HEADING]
    assert "No breakthrough for Trump?" in text[Kind.HEADING]
    assert text[Kind.CAPTION] == [
        "Hundreds have lost their lives on both sides after more than three weeks of hostilities"
    ]
    assert not any("/AFP" in sentence for sentence in text[Kind.SENTENCE])
    assert "Pompeo added in a tweet" not in text[Kind.HEADING]
    for passage in cut(article):
        assert article.body[passage.start : passage.end] == passage.text
        assert count_tokens(passage.text) <= 200
        assert cut.pieces(titled(article.title, passage.text)) <= 256
