"""Files that LibreOffice, pandoc, calibre and others made: see `made/README.md`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from corpus.article import Article
from corpus.reading import read_file

MADE = Path(__file__).with_name("made")

BRIDGE = "Harbour bridge at Velden reopens after eleven months"
LIBRARY = "Night readers fill Velden library"
FLOOD = "Third flood in nine years drives 212 from their homes on the Tarn"

OPENING = (
    "The Harbour Bridge carried its first cars in eleven months on Tuesday, after workers replaced"
    " all 46 of its cables."
)
REPAIRS = (
    "“We could have patched it,” said the city’s engineer, Oskar Lindqvist, “but a patch lasts five"
    " years and a cable fifty.” About 12 400 vehicles used the bridge each day before it was"
    " closed."
)
NOTE = "The count is of April 2022, by the city’s road office."
LIST = (
    "What was done",
    "All 46 cables were replaced.",
    "The deck was laid anew with light concrete.",
    "Two lifts for wheelchairs were added.",
    "The work cost 31 million crowns, four million more than planned, because the Nordmark foundry"
    " closed in August and the steel came by ship from Tarnow.",
)
TABLE = (
    "Part | Planned | Paid",
    "Cables | 14 million | 17 million",
    "Deck | 9 million | 9.5 million",
    "Lifts | 4 million | 4.5 million",
)
CYCLISTS = (
    "Cyclists have to wait: their lane opens in June, said Ada Brandt of the transport committee."
    " H2O seeped into its joints last winter."
)
CAPTION = "The bridge on Tuesday morning. Photo: Jon Aske"
QUOTE = "“Nobody will miss the detour by Kell,” she said."

OFFICE = ("By Mira Holt", f"VELDEN — {OPENING}", REPAIRS, NOTE, *LIST, *TABLE, CYCLISTS, CAPTION)


def read(name: str) -> list[Article]:
    found = list(read_file(MADE / name))
    articles = [item for item in found if isinstance(item, Article)]
    assert articles == found
    return articles


@pytest.mark.parametrize("name", ["bridge.odt", "bridge.docx"])
def test_a_document_of_libreoffice_reads_as_it_will_be_printed(name: str) -> None:
    """With its tracked changes accepted, and without comments, hidden text and running heads."""
    (article,) = read(name)
    assert (article.title, article.published) == (BRIDGE, date(2023, 3, 14))
    assert article.source == "The Quay Gazette"
    assert article.body.split("\n\n") == list(OFFICE)


@pytest.mark.parametrize("name", ["one.odt", "one.docx", "one.html"])
def test_a_document_of_pandoc(name: str) -> None:
    (article,) = read(name)
    assert (article.title, article.published) == (BRIDGE, date(2023, 3, 14))
    parts = [OPENING, REPAIRS, *LIST, "What the parts cost", *TABLE, CAPTION, CYCLISTS, QUOTE]
    parts.insert(len(parts) if name == "one.html" else 2, NOTE)
    assert article.body.split("\n\n") == ["Mira Holt", *parts]


def test_a_page_that_libreoffice_saved() -> None:
    """Its declared title is a file's name, its headings stand alone, and it shows its changes."""
    (article,) = read("bridge.html")
    assert (article.title, article.published) == (BRIDGE, date(2023, 3, 14))
    shown = [part.replace(" all 46", " roughly a dozen all 46") for part in OFFICE[:3]]
    last = "Source: The Quay Gazette"  # the picture with its caption is a file of its own
    assert article.body.split("\n\n") == [*shown, *LIST, *TABLE, CYCLISTS, last, NOTE]


@pytest.mark.parametrize("name", ["review-2.epub", "review-3.epub", "review-calibre.epub"])
def test_a_book_of_pandoc_and_calibre(name: str) -> None:
    """Each chapter is read whole: lists, tables, captions, headings and notes."""
    bridge, library, flood = read(name)
    days = [article.published for article in (bridge, library, flood)]
    assert [bridge.title, library.title, flood.title] == [BRIDGE, LIBRARY, FLOOD]
    assert days == [date(2023, 3, 14), date(2024, 2, 2), date(2023, 3, 14)]
    assert {article.source for article in (bridge, library, flood)} == {"The Quay Review, issue 12"}
    table = ("What the parts cost", *TABLE)
    whole = (OPENING, REPAIRS, *LIST, *table, CAPTION, CYCLISTS, QUOTE, NOTE)
    assert bridge.body.split("\n\n") == ["By Mira Holt, 14 March 2023", *whole]
    assert library.body.endswith("heating.\n\nThe council approved the sum on 9 January.")
    assert flood.body.count("\n\n") == 8


@pytest.mark.parametrize("name", ["bridge-calibre-2.epub", "bridge-calibre-3.epub"])
def test_a_book_of_calibre_whose_contents_name_a_heading_in_its_middle(name: str) -> None:
    (article,) = read(name)
    assert (article.title, article.published) == (BRIDGE, date(2023, 3, 14))
    assert article.source == "The Quay Gazette"  # and not bridge_final_v3.odt
    hidden = f"{REPAIRS} Hidden words for nobody."  # calibre shows them
    rest = (hidden, *LIST, *TABLE, CYCLISTS, CAPTION, NOTE)
    assert article.body.split("\n\n") == ["By Mira Holt", f"VELDEN — {OPENING}", *rest]


def test_a_book_of_libreoffice() -> None:
    first, second = read("bridge-libreoffice.epub")
    assert (first.title, second.title) == (BRIDGE, "What was done")
    assert (first.published, first.source) == (date(2023, 3, 14), "")
    assert second.body.split("\n\n") == [*LIST[1:], *TABLE, CYCLISTS, CAPTION]


def test_a_letter_of_mutt_with_an_attachment() -> None:
    letter, report = read("letter-mutt.eml")
    assert (letter.title, letter.source) == (
        "Brücke in Velden – Harbour bridge reopens",
        "The Quay Gazette",
    )
    last = "From what the city says, cyclists have to wait: their lane opens in June."
    assert letter.body.split("\n\n") == [OPENING, REPAIRS, last]  # and no signature
    assert report.body.split("\n\n") == [f"Velden. {OPENING}", REPAIRS, last]


def test_a_letter_of_s_nail_in_html() -> None:
    (letter,) = read("letter-s-nail.eml")
    assert letter.title == "Night readers fill Velden library – 341 of them"
    table = ("What the parts cost", *TABLE)
    assert letter.body.split("\n\n") == [OPENING, REPAIRS, *LIST, *table, CYCLISTS, QUOTE, NOTE]


@pytest.mark.process
def test_a_page_of_libreoffice_with_ligatures_and_a_running_head_of_its_own() -> None:
    (article,) = read("library.pdf")
    assert (article.title, article.published, article.pages) == (LIBRARY, date(2024, 2, 2), (0,))
    assert article.body.split("\n\n") == [
        "By Noor Castell",
        "Velden’s city library let its readers stay until two in the morning for the first time on"
        " Thursday, and 341 of them did.",
        "“I had counted on thirty,” said the head librarian, Beata Quill. “We ran out of tea at"
        " eleven.”",
        "The trial lasts until the end of May and costs the city 86,000 crowns, most of it for"
        " guards and heating.",
    ]


@pytest.mark.process
def test_two_columns_of_libreoffice() -> None:
    (article,) = read("flood.pdf")
    assert (article.title, article.published) == (FLOOD, date(2022, 11, 6))
    parts = article.body.split("\n\n")
    assert len(parts) == 16
    assert parts[3].endswith(
        "through the back door and left by the front one, and it took the potatoes along.”"
    )
    assert parts[12] == "1 The court of Velden, case 17/2018, still open."
    assert parts[-1].endswith(
        "“The first of them was in fact a fish box,” she said, “but it floated.”"
    )
    assert "internal use" not in article.body
    (split,) = (part for part in parts if part.startswith("Insurers expect"))
    assert split.endswith("let as flats without a permit.")
    assert article.page_at(article.body.index("The weather service")) == 1
    assert article.page_at(article.body.index("too low. Its models")) == 2


@pytest.mark.process
def test_two_columns_of_a_page_that_was_scanned_askew_and_read_by_ocrmypdf() -> None:
    (article,) = read("scanned.pdf")
    assert (article.title, article.published) == (FLOOD, date(2022, 11, 6))
    for part in (
        "The river Tarn rose by two metres in the night to Sunday and stood in the streets of four"
        " villages by dawn, the county’s flood office said.",
        "“We heard the water before we saw it,” said Lena Marsh, who keeps the village shop in"
        " Lower Tarn. “It came through the back door and left by the front one, and it took the"
        " potatoes along.”",
        "His lawyer, Pavel Strand, said on Sunday that his client had “never stood in the way of"
        " anything that would have helped”. The dyke would have ended, he said, forty metres short"
        " of the place where the water came over.",
    ):
        assert part in article.body.split("\n\n")
