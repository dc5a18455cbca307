"""Make the PDFs of the tests that a browser prints: `python -m scripts.make_pdfs`, with Chromium.

They are the pages of `tests/corpus/formats/printed`: news pages, columns and footnotes made of
articles of the sample archive. `tests/corpus/formats/samples.py` names those articles.
"""

from __future__ import annotations

import subprocess
import tempfile
from html import escape
from pathlib import Path

from tests.corpus.formats.samples import PRINTED, PRINTED_FOLDER, Sample

_STYLE = "@page {{ size: A4; margin: 20mm 18mm }} body {{ font: {font} }} {style}"


def main() -> None:
    """Print each page to its file."""
    PRINTED_FOLDER.mkdir(exist_ok=True)
    for sample in PRINTED:
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder, "page.html")
            page.write_text(_page(sample))
            plain = [] if sample.margins else ["--no-pdf-header-footer"]
            target = PRINTED_FOLDER / f"{sample.name}.pdf"
            subprocess.run(
                [
                    *("chromium", "--headless", "--no-sandbox", "--disable-gpu", *plain),
                    *(f"--print-to-pdf={target}", page.as_uri()),
                ],
                check=True,
                capture_output=True,
            )
        print(f"{target.name}: {target.stat().st_size:,} bytes")


def _page(sample: Sample) -> str:
    paragraphs = [f"<p>{escape(text)}</p>" for text in sample.paragraphs]
    for place, markup in sample.inserted.items():
        paragraphs[place] += markup
    font = "10pt/1.35 'DejaVu Serif'"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(sample.window)}'
        f"</title><style>{_STYLE.format(font=font, style=sample.style)}</style>"
        f"<h1>{escape(sample.title)}</h1><div class=date>{sample.dateline}</div>"
        f"<main>{''.join(paragraphs)}</main></html>"
    )


if __name__ == "__main__":
    main()
