"""DOCX, ODT and EPUB files, and the ZIP files below them."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import docx
import pytest

from corpus.article import Article, Rejection
from corpus.errors import NotAnArticle
from corpus.formats.docx import read_docx
from corpus.formats.epub import read_epub
from corpus.formats.odt import read_odt

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_ODF = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'
    ' xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"'
    ' xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
)
_LONG = "The river rose by two metres in one night. " * 10


def packed(**parts: str) -> bytes:
    """A ZIP file; `__` in a name stands for a slash and `_` for a dot."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), text)
    return data.getvalue()


def word(body: str, **others: str) -> bytes:
    document = f"<w:document {_W}><w:body>{body}</w:body></w:document>"
    return packed(word__document_xml=document, **others)


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_a_document_of_word() -> None:
    document = docx.Document()
    document.core_properties.title = "template_v2.docx"
    document.core_properties.author = "Somebody"
    document.sections[0].header.paragraphs[0].text = "Internal"
    document.add_heading("Budget passes after a long night", 0)
    document.add_paragraph("Published: 3 May 2021")
    document.add_paragraph("The parliament passed the budget. ").add_run("It took nine hours.")
    document.add_heading("What is in it", 1)
    document.add_paragraph("More for schools", style="List Bullet")
    table = document.add_table(2, 2)
    for place, text in enumerate(("Item", "Sum", "Schools", "12 million")):
        table.cell(place // 2, place % 2).text = text
    document.add_paragraph("Source: The Hill Courier")
    data = io.BytesIO()
    document.save(data)
    article = read_docx("/a.docx", "a", data.getvalue())
    assert article.title == "Budget passes after a long night"
    assert (article.source, article.published) == ("The Hill Courier", date(2021, 5, 3))
    assert article.body.split("\n\n") == [
        "The parliament passed the budget. It took nine hours.",
        *("What is in it", "More for schools", "Item | Sum", "Schools | 12 million"),
    ]


def test_boxes_in_boxes_are_read_once() -> None:
    nested = paragraph("The innermost box.")
    for _ in range(40):
        nested = f"<w:p><w:r><w:txbxContent>{nested}</w:txbxContent></w:r></w:p>"
    assert read_docx("/a.docx", "a", word(nested)).body == "The innermost box."


def test_changes_are_taken_as_accepted_and_what_is_hidden_is_left_out() -> None:
    body = (
        "<w:p><w:r><w:t>It rained </w:t></w:r>"
        "<w:del><w:r><w:delText>a little </w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>all day</w:t></w:r></w:ins>"
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t> (secret)</w:t></w:r>"
        '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>.</w:t></w:r>'
        "<w:r><w:instrText>PAGE</w:instrText></w:r></w:p>"
        "<w:moveFrom><w:r><w:t>Moved away.</w:t></w:r></w:moveFrom>"
        "<w:p><w:r><w:txbxContent><w:p><w:r><w:t>A quotation in a box.</w:t></w:r></w:p>"
        "</w:txbxContent></w:r></w:p>" + paragraph("The end.")
    )
    notes = (
        f'<w:footnotes {_W}><w:footnote w:type="separator" w:id="0">{paragraph("-")}</w:footnote>'
        f'<w:footnote w:id="2">{paragraph("Says the office.")}</w:footnote></w:footnotes>'
    )
    article = read_docx("/a.docx", "the-storm", word(body, word__footnotes_xml=notes))
    assert article.title == "the storm"
    assert article.body.split("\n\n") == [
        *("It rained all day.", "Says the office.", "A quotation in a box.", "The end.")
    ]


def test_tables_of_contents_are_no_text_of_a_document() -> None:
    styles = (
        f'<w:styles {_W}><w:style w:styleId="Verzeichnis1"><w:name w:val="toc 1"/></w:style>'
        '<w:style w:styleId="Titel"><w:name w:val="Title"/></w:style></w:styles>'
    )
    kept = (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/>'
        f"</w:docPartObj></w:sdtPr><w:sdtContent>{paragraph('Contents')}</w:sdtContent></w:sdt>"
    )
    entry = paragraph("The storm 3").replace("<w:p>", f"<w:p>{style('Verzeichnis1')}")
    title = paragraph("Storm over the hills").replace("<w:p>", f"<w:p>{style('Titel')}")
    body = f"{kept}{entry}{title}{paragraph('It rained all day.')}"
    article = read_docx("/a.docx", "a", word(body, word__styles_xml=styles))
    assert (article.title, article.body) == ("Storm over the hills", "It rained all day.")


def style(name: str) -> str:
    return f'<w:pPr><w:pStyle w:val="{name}"/></w:pPr>'


def test_a_document_of_libreoffice() -> None:
    content = (
        f"<office:document-content {_ODF}><office:automatic-styles>"
        '<style:style style:name="P1" style:parent-style-name="Title"/>'
        "<number:date-style><number:text>/</number:text></number:date-style>"
        "</office:automatic-styles>"
        "<office:body><office:text><text:tracked-changes><text:changed-region><text:deletion>"
        "<text:p>Deleted.</text:p></text:deletion></text:changed-region></text:tracked-changes>"
        '<text:p text:style-name="P1">Storm over<text:s text:c="999999999"/>the hills</text:p>'
        "<text:p>3 May 2021</text:p>"
        "<text:p>It <text:span>rained</text:span> all day<text:note><text:note-citation>1"
        "</text:note-citation><text:note-body><text:p>Says the office.</text:p></text:note-body>"
        "</text:note>.<office:annotation><text:p>Check this!</text:p></office:annotation></text:p>"
        '<text:h text:outline-level="1">Damage</text:h>'
        "<text:list><text:list-item><text:p>Two roofs</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>Roofs</text:p></table:table-cell>"
        "<table:table-cell><text:p>2</text:p></table:table-cell></table:table-row></table:table>"
        "<text:p><draw:frame><draw:text-box><text:p>In a box.</text:p></draw:text-box></draw:frame>"
        "</text:p></office:text></office:body></office:document-content>"
    )
    article = read_odt("/a.odt", "a", packed(content_xml=content))
    assert (article.title, article.published) == ("Storm over the hills", date(2021, 5, 3))
    assert article.body.split("\n\n") == [
        *("It rained all day.", "Says the office.", "Damage", "Two roofs", "Roofs | 2", "In a box.")
    ]


def book(chapters: dict[str, str], nav: str = "", **others: str) -> bytes:
    items = "".join(f'<item id="{name}" href="t/{name}.xhtml"/>' for name in chapters)
    spine = "".join(f'<itemref idref="{name}"/>' for name in chapters)
    pages = {
        f"OPS__t__{name}_xhtml": f"<html><title>Issue 7</title><body>{text}</body></html>"
        for name, text in chapters.items()
    }
    return packed(
        **{
            "META-INF__container_xml": '<container><rootfiles><rootfile full-path="OPS/book.opf"/>'
            "</rootfiles></container>",
            "OPS__book_opf": "<package><metadata><title>The Hill Review, issue 7</title>"
            f'<date>2021-05-03</date></metadata><manifest>{items}<item id="n" properties="nav" '
            f'href="nav.xhtml"/></manifest><spine>{spine}</spine></package>',
            "OPS__nav_xhtml": f"<html><body><nav>{nav}</nav></body></html>",
            **pages,
            **others,
        }
    )


def test_each_chapter_of_a_book_is_an_article() -> None:
    chapters = {
        "cover": "<p>The Hill Review</p>",
        "one": f"<h1>I</h1><p>{_LONG}</p>",
        "more": f"<p>Then it fell. {_LONG}</p>",
        "two": f"<h1>After the flood</h1><p>{_LONG.replace('rose', 'sank')}</p>",
    }
    nav = '<a href="t/one.xhtml#x">The flood</a><a href="t/two.xhtml">After the flood</a>'
    one, two = read_epub("/b.epub", "b", book(chapters, nav))
    assert isinstance(one, Article)
    assert isinstance(two, Article)
    assert (one.uri, one.title) == ("/b.epub#OPS/t/one.xhtml", "The flood")
    assert (one.source, one.published) == ("The Hill Review, issue 7", date(2021, 5, 3))
    assert "Then it fell." in one.body
    assert (two.title, two.body.count("sank")) == ("After the flood", 10)


def test_a_book_that_is_locked_by_its_seller() -> None:
    lock = '<encryption><CipherReference URI="OPS/t/one.xhtml"/></encryption>'
    with pytest.raises(NotAnArticle, match="locked by its seller"):
        list(
            read_epub(
                "/b.epub",
                "b",
                book({"one": f"<p>{_LONG}</p>"}, **{"META-INF__encryption_xml": lock}),
            )
        )


def test_entities_stand_for_nothing() -> None:
    bomb = "".join(f'<!ENTITY x{n} "{f"&x{n - 1};" * 10}">' for n in range(1, 9))
    inside = '<!ENTITY file SYSTEM "file:///etc/hostname"><!ENTITY x0 "aaaaaaaaaa">' + bomb

    def document(text: str) -> bytes:
        root = f"<w:document {_W}><w:body>{paragraph(text)}</w:body></w:document>"
        return packed(word__document_xml=f"<!DOCTYPE d [{inside}]>{root}")

    assert read_docx("/a.docx", "a", document("It rained. &file;")).body == "It rained."
    with pytest.raises(NotAnArticle, match="no XML"):
        read_docx("/a.docx", "a", document("It rained. &x8;"))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK\x03\x04 and no more", "a damaged file: its parts cannot be listed"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "locked with a password, or of an old kind (.doc)"),
        (packed(other_xml="<a/>"), "not a DOCX file, or a damaged one"),
        (packed(word__document_xml="<a>"), "a damaged file: its part word/document.xml is no XML"),
        (word(paragraph("<w:br/>")), "no article text in this file"),
        (word(paragraph(" " * 40_000_000)), "it unpacks to more than 200 times its size"),
        (packed(word__document_xml="<a/>") + b"PK\x01\x02" * 20_000, "more than 20,000 parts"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_document_is_refused_with_a_reason(data: bytes, reason: str) -> None:
    with pytest.raises(NotAnArticle) as caught:
        read_docx("/a.docx", "a", data)
    assert str(caught.value).startswith(reason)


def test_a_damaged_chapter_costs_that_chapter_alone() -> None:
    deep = "<div>" * 300 + f"<p>{_LONG}</p>"
    nav = '<a href="t/one.xhtml">One</a><a href="t/two.xhtml">Two</a>'
    rejected, article = read_epub(
        "/b.epub", "b", book({"one": deep, "two": f"<p>{_LONG}</p>"}, nav)
    )
    assert isinstance(rejected, Rejection)
    assert rejected.uri == "/b.epub#OPS/t/one.xhtml"
    assert isinstance(article, Article)
