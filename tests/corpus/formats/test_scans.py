"""Scanned pages, read by the real `ocrmypdf` where it is installed, and how it is ended."""

from __future__ import annotations

import io
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from fpdf import FPDF
from PIL import Image

from corpus.article import Article, Rejection
from corpus.formats.pdf import read_pdf

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[3]
TWO_COLUMNS = Path(__file__).with_name("made") / "flood.pdf"

needs_ocr = pytest.mark.skipif(
    shutil.which("ocrmypdf") is None or shutil.which("tesseract") is None,
    reason="ocrmypdf is not installed",
)


def scanned(turns: dict[int, float], dots: int = 200) -> bytes:
    """The two pages of `TWO_COLUMNS`, those of `turns` as grey pictures turned by degrees."""
    source, target = pypdfium2.PdfDocument(TWO_COLUMNS), pypdfium2.PdfDocument.new()
    for number in range(len(source)):
        if number not in turns:
            target.import_pages(source, [number])
            continue
        page = source[number].render(scale=dots / 72).to_pil().convert("L")
        picture = page.rotate(turns[number], Image.Resampling.BICUBIC, expand=True, fillcolor=255)
        width, height = (side * 72 / dots for side in picture.size)
        pdf = FPDF(unit="pt")
        pdf.add_page(format=(width, height))
        pdf.image(picture, 0, 0, width, height)
        target.import_pages(pypdfium2.PdfDocument(bytes(pdf.output())))
    data = io.BytesIO()
    target.save(data)
    return data.getvalue()


def read(data: bytes) -> Article:
    (article,) = read_pdf("/a/flood.pdf", "flood", data)
    assert isinstance(article, Article)
    return article


def assert_reads_as_printed(article: Article) -> None:
    """Nearly all words, in their order; a word or two of a hundred may be read wrongly."""
    (printed,) = read_pdf("/a/flood.pdf", "flood", TWO_COLUMNS.read_bytes())
    assert isinstance(printed, Article)
    assert (article.title, article.published) == (printed.title, printed.published)
    wanted = printed.body.split("\n\n")
    found = [part for part in article.body.split("\n\n") if part in wanted]
    assert found == [part for part in wanted if part in found]
    assert sum(map(len, found)) > 0.5 * len(printed.body)
    words = article.body.split()
    assert abs(len(words) - len(printed.body.split())) <= 5
    assert sum(word in words for word in printed.body.split()) > 0.97 * len(words)
    assert article.page_at(article.body.index("The weather service")) == 1
    assert article.page_at(article.body.index("Greta Holm")) == 2


@needs_ocr
def test_a_scan_that_lies_askew_on_its_side_beside_a_page_of_text_that_stays_as_it_is() -> None:
    article = read(scanned({1: 90.7}))
    assert_reads_as_printed(article)
    (printed,) = read_pdf("/a/flood.pdf", "flood", TWO_COLUMNS.read_bytes())
    assert isinstance(printed, Article)
    assert article.body.startswith(printed.body[: printed.pages[1]].rstrip())


@needs_ocr
def test_a_picture_without_text_is_named_and_the_rest_is_read() -> None:
    pdf = FPDF(unit="pt", format=(300, 200))
    pdf.add_page()
    pdf.set_font("Times", size=11)
    pdf.multi_cell(240, 14, "It rained all day over the hills and the valley.")
    pdf.add_page()
    pdf.image(Image.effect_noise((30, 20), 50), 0, 0, 300, 200)
    article, rest = read_pdf("/a.pdf", "a", bytes(pdf.output()))
    assert isinstance(article, Article)
    assert isinstance(rest, Rejection)
    assert rest.reason == (
        "the rest is read, but page 2 is a picture in which ocrmypdf finds no text"
    )


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_ocrmypdf_ends_with_whoever_wants_its_text_and_leaves_no_file(
    sent: signal.Signals, tmp_path: Path
) -> None:
    program, temporary = tmp_path / "ocrmypdf", tmp_path / "temporary"
    temporary.mkdir()
    program.write_text(
        f'#!/bin/sh\ntouch "$TMPDIR/own"\nsleep 600 &\necho $! > {tmp_path}/id\nwait\n'
    )
    program.chmod(0o755)
    process = subprocess.Popen(
        [sys.executable, "-c", "from corpus.formats import ocr; ocr.with_text(b'%PDF', 1)"],
        env={
            "PATH": f"{tmp_path}:/usr/bin:/bin",
            "TMPDIR": str(temporary),
            "PYTHONPATH": str(ROOT),
        },
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: (tmp_path / "id").exists() and (tmp_path / "id").read_text().strip() != "")
    assert len(list(temporary.iterdir())) == 1
    process.send_signal(sent)
    process.wait()
    child = int((tmp_path / "id").read_text())
    wait_until(lambda: not is_running(child) and not list(temporary.iterdir()))


def is_running(process: int) -> bool:
    """Whether it runs: one that has ended may wait for somebody to ask how."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)
