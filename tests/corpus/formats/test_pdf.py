"""PDFs of many layouts, scans, and files that are locked, damaged or meant to do harm."""

from __future__ import annotations

import io
import json
import sys
import zlib
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image

from corpus.article import Article, Rejection
from corpus.cleaning import clean_text
from corpus.errors import NotAnArticle
from corpus.formats import ocr
from corpus.formats.pdf import read_pdf
from scripts.measure_pdfs import measure
from tests.conftest import Newsdesk
from tests.corpus.formats.samples import SAMPLES, Sample
from tests.corpus.formats.typesetting import Layout, typeset

pytestmark = pytest.mark.process

_TEXT = "It rained all day over the hills and the valley. Nobody was hurt in the town."


def read(data: bytes | bytearray) -> Article:
    (article,) = read_pdf("/a/the-storm.pdf", "the-storm", bytes(data))
    assert isinstance(article, Article)
    return article


def refusal(data: bytes | bytearray) -> str:
    with pytest.raises(NotAnArticle) as caught:
        list(read_pdf("/a/x.pdf", "x", bytes(data)))
    return str(caught.value)


def document(*pages: str, scans: tuple[int, ...] = (), title: str = "") -> FPDF:
    """A file whose pages have a text each, those of `scans` a picture."""
    pdf = FPDF(unit="pt", format="A4")
    pdf.set_title(title)
    picture = Image.effect_noise((60, 80), 50)
    for number, text in enumerate(pages, 1):
        pdf.add_page()
        pdf.set_font("Times", size=11)
        if number in scans:
            pdf.image(picture, 0, 0, 595, 842)
        else:
            pdf.set_xy(60, 200)
            pdf.multi_cell(460, 14, text)
    return pdf


@pytest.mark.parametrize("sample", SAMPLES[3::2], ids=lambda sample: sample.name)
def test_sentences_of_many_layouts_come_out_whole_and_in_order(sample: Sample) -> None:
    found = measure(sample)
    assert found.share >= 0.98, found.missed
    assert (found.has_title, found.has_date) == (True, True)
    assert found.body == clean_text(found.body)
    for margin in ("Hill Courier, Tuesday", "Page 2", "page.html", "\n\n2\n\n", "- 2 -"):
        assert margin not in found.body


def test_each_page_begins_where_its_first_words_stand() -> None:
    sample = next(s for s in SAMPLES if s.name.startswith("footnotes"))
    article = read(sample.pdf())
    file = pypdfium2.PdfDocument(sample.pdf())
    assert len(article.pages) == len(file) == 4
    for number in range(1, 4):
        text = file[number].get_textpage().get_text_range().replace("\r", "").split("\n")
        body = next(line for line in text if not line.startswith(f"{number + 1} "))
        assert article.body[article.pages[number] :].startswith(body[:30])
        assert article.page_at(article.pages[number]) == number + 1
        assert article.page_at(article.pages[number] - 3) == number
    note = article.body.index("2 The names")
    assert article.page_at(note) == 2


def test_words_parted_at_the_end_of_a_line_are_joined_where_they_are_one() -> None:
    lines = (
        "The agree-\nment on Nagorno-\nKarabakh is a long-\nterm one, in 2020-\n21 and after-\n"
        "wards too."
    )
    assert read(document(lines, title="A long agreement").output()).body == (
        "The agreement on Nagorno-Karabakh is a long-term one, in 2020-21 and afterwards too."
    )


@pytest.mark.parametrize(
    ("declared", "title"),
    [("storm_final2.indd", "the storm"), ("Microsoft Word - x.doc", "the storm")],
)
def test_a_file_name_is_no_title(declared: str, title: str) -> None:
    assert read(document(_TEXT, title=declared).output()).title == title


def test_a_declared_title_that_page_1_does_not_show_is_not_that_of_the_article() -> None:
    layout = Layout(headline="Storm over the hills", title="Template of the weekly report")
    text = " ".join([_TEXT] * 2)
    article = read(typeset([text, text], layout))
    assert (article.title, article.body) == ("Storm over the hills", f"{text}\n\n{text}")
    assert article.published is None  # though the file says when it was made


def test_a_date_that_reads_as_two_days_is_said_to() -> None:
    article = read(typeset([_TEXT], Layout(headline="Storm over the hills", dateline="03/04/2024")))
    assert (article.published, article.ambiguous_date, article.body) == (None, True, _TEXT)


def test_a_file_that_is_turned_or_printed_over_reads_the_same() -> None:
    pdf = document(_TEXT, title="x")
    with pdf.rotation(45, 300, 400):
        pdf.text(200, 400, "CONFIDENTIAL DRAFT")
    file = pypdfium2.PdfDocument(bytes(pdf.output()))
    for turn in (0, 90, 180, 270):
        file[0].set_rotation(turn)
        data = io.BytesIO()
        file.save(data)
        assert read(data.getvalue()).body == _TEXT


@pytest.mark.parametrize("turn", [1.5, 90, 181, 270])
def test_text_that_is_turned_on_its_page_reads_the_same(turn: float) -> None:
    pdf = FPDF(unit="pt", format=(800, 800))
    pdf.add_page()
    pdf.set_font("Times", size=11)
    pdf.set_stretching(50)  # as the text below a scan is narrowed
    pdf.set_xy(200, 300)
    with pdf.rotation(turn, 400, 400):
        pdf.multi_cell(220, 14, _TEXT)
    assert read(pdf.output()).body == _TEXT


def test_a_sentence_goes_on_over_the_page_where_the_whole_text_is_bold() -> None:
    pdf = FPDF(unit="pt", format=(300, 200))
    for text in (
        "The council meets again on Tuesday, and it will then hear",
        "what the mayor says.",
    ):
        pdf.add_page()
        pdf.set_font("Times", "B", size=11)
        pdf.set_xy(20, 60)
        pdf.multi_cell(270, 14, text)
    body = read(pdf.output()).body
    assert body == "The council meets again on Tuesday, and it will then hear what the mayor says."


def test_pages_of_scans_are_named_and_the_rest_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    pages = [_TEXT] * 5
    found = list(read_pdf("/a.pdf", "a", bytes(document(*pages, scans=(2, 3, 5)).output())))
    article, rest = found
    assert isinstance(article, Article)
    assert isinstance(rest, Rejection)
    assert article.body.count(_TEXT) == 2
    assert article.page_at(article.body.rindex("It rained")) == 4
    assert rest.uri == "/a.pdf#pages"
    assert rest.reason.startswith("the rest is read, but pages 2–3 and 5 are pictures: install ocr")
    only = refusal(document("", "", scans=(1, 2)).output())
    assert only.startswith("pages 1–2 are pictures: install ocrmypdf")


def stand_in(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    program = folder / "ocrmypdf"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_scans_are_read_where_ocrmypdf_is_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "read.pdf").write_bytes(document(_TEXT, _TEXT).output())
    copy = f'for last; do :; done; echo "$@" > {tmp_path}/asked; cp {tmp_path}/read.pdf "$last"'
    stand_in(tmp_path, monkeypatch, copy)
    article = read(document(_TEXT, "", scans=(2,)).output())
    assert article.body == f"{_TEXT}\n\n{_TEXT}"
    *options, before, after = (tmp_path / "asked").read_text().split()
    assert "--skip-text" in options
    assert not Path(before).exists()
    assert not Path(after).exists()


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 4", "could not read its pictures (exit status 4)"),
        ("exit 3", "is tesseract installed?"),
        ("sleep 99 & wait", "longer than"),
    ],
)
def test_an_ocrmypdf_that_fails_or_hangs_costs_the_scans_alone(
    script: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(tmp_path, monkeypatch, script)
    if "sleep" in script:
        monkeypatch.setattr(ocr, "_MOST_SECONDS", 0.2)
    article, rest = read_pdf("/a.pdf", "a", bytes(document(_TEXT, "", scans=(2,)).output()))
    assert isinstance(article, Article)
    assert isinstance(rest, Rejection)
    assert rest.reason.startswith("the rest is read, but page 2 is a picture, and ocrmypdf ")
    assert reason in rest.reason


def test_locked_damaged_and_endless_files_are_refused_with_a_reason() -> None:
    locked = document(_TEXT)
    locked.set_encryption(owner_password="x", user_password="y")
    assert refusal(locked.output()) == "it is locked with a password: save it without one"
    whole = bytes(document(_TEXT).output())
    for data in (b"", b"%PDF-1.7\n", b"\x00" * 5000, whole[:200]):
        assert refusal(data) == "not a PDF file, or a damaged one"
    many = pypdfium2.PdfDocument.new()
    for _ in range(2001):
        many.new_page(100, 100)
    saved = io.BytesIO()
    many.save(saved)
    assert refusal(saved.getvalue()) == "more than 2,000 pages: split it into parts"
    crowded = document("")
    for number in range(10_050):
        crowded.text(20 + number % 30 * 18, 10 + number // 30 * 2.4, "x")
    assert refusal(crowded.output()).startswith("a page with more than 10,000 pieces of text")
    assert refusal(document("").output()) == "no article text in this file"


def test_a_file_that_unpacks_to_gigabytes_ends_its_reader_and_nothing_else() -> None:
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(b" " * (1 << 24)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = b"\x78\x9c" + block * 96 + packer.flush()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%b\nendstream" % (len(packed), packed),
    ]
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % pair for pair in enumerate(objects, 1))
    reason = refusal(b"%PDF-1.5\n" + body + b"trailer<</Root 1 0 R/Size 5>>\n%%EOF")
    assert reason == "the reader of PDFs failed on it: a damaged or hostile PDF"


def test_a_reader_that_crashes_gives_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nkill -SEGV $$\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    assert refusal(document(_TEXT).output()).startswith("the reader of PDFs failed on it")


def test_the_printed_page_of_a_site_has_its_title_its_outlet_and_no_date_of_printing() -> None:
    article = read(next(s for s in SAMPLES if s.name == "news-page").pdf())
    assert article.source == "The Hill Courier"
    assert article.published == date(2020, 10, 27)


def test_a_citation_names_the_page(newsdesk: Newsdesk, tmp_path: Path) -> None:
    sample = next(s for s in SAMPLES if s.name == "footnotes and a sentence over the page")
    (tmp_path / "war.pdf").write_bytes(sample.pdf())
    newsdesk("ingest", tmp_path)
    shown = newsdesk("ask", "How many crew does the Ever Given have?").stdout
    assert "27 October 2020, p. 4" in shown
    answer = json.loads(newsdesk("ask", "How many crew does the Ever Given have?", "--json").stdout)
    assert {citation["page"] for citation in answer["citations"]} == {4}
    (article,) = json.loads(newsdesk("sources", "--json").stdout)
    assert " [p. 2] " in newsdesk("sources", "show", article["id"]).stdout
    (tmp_path / "draft.txt").write_text("Its crew of 25 is from India.")
    assert "p. 4" in newsdesk("check", tmp_path / "draft.txt").stdout
