import pytest

from corpus.decoding import declared_encoding, decode
from corpus.errors import NotAnArticle

FRENCH = (
    "Le président a déclaré mardi que la réforme était « nécessaire » et qu’elle viendra l’été."
)
GERMAN = (
    "Die Regierung hat am Dienstag beschlossen, die Grenzen zu öffnen – so Müller in Österreich."
)
ENGLISH = "The café’s owner said “it’s over” on Tuesday – a £20 rise was too much, officials said."
SPANISH = "El presidente español anunció el miércoles que la economía creció más de lo previsto."
RUSSIAN = "Президент заявил во вторник, что переговоры в Москве завершились без результата."
GREEK = "Ο πρόεδρος ανακοίνωσε την Τρίτη ότι η κυβέρνηση ενέκρινε τον νέο νόμο για τους φόρους."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_is_read_with_or_without_its_mark(encoding: str) -> None:
    assert decode(RUSSIAN.encode(encoding)) == RUSSIAN


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (FRENCH, "cp1252"),
        (GERMAN, "cp1252"),
        (ENGLISH, "cp1252"),
        (SPANISH, "latin-1"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (GREEK, "cp1253"),
    ],
)
@pytest.mark.parametrize("times", [1, 10])
def test_older_encodings_are_guessed(text: str, encoding: str, times: int) -> None:
    text = "\n\n".join([text] * times)
    assert decode(text.encode(encoding)) == text


def test_one_damaged_byte_does_not_spoil_a_utf8_text() -> None:
    damaged = RUSSIAN.encode().replace("в".encode(), b"\xff", 1)
    assert decode(damaged).replace("\ufffd", "в") == RUSSIAN


def test_a_declared_encoding_is_used_where_utf8_does_not_fit() -> None:
    czech = "Žádný z ministrů se k věci nevyjádřil."
    assert decode(czech.encode("cp1250"), "windows-1250") == czech
    assert decode(czech.encode(), "windows-1250") == czech
    assert decode("日本".encode("iso-2022-jp"), "iso-2022-jp") == "日本"


@pytest.mark.parametrize(
    ("page", "declared"),
    [
        (b'<meta charset="windows-1251">', "windows-1251"),
        (b"<meta http-equiv=Content-Type content='text/html; charset=KOI8-R'>", "koi8-r"),
        (b"<meta charset=iso-8859-1>", "cp1252"),
        (b'<meta charset="rot13">', None),
        (b"<p>no word about it</p>", None),
    ],
)
def test_declared_encoding(page: bytes, declared: str | None) -> None:
    assert declared_encoding(page) == declared


@pytest.mark.parametrize(
    "data", [b"text\x00text", b"\x89PNG\r\n\x1a\n\x00\x00", b"\x01\x02\x03\x04abc"]
)
def test_binary_data_is_refused(data: bytes) -> None:
    with pytest.raises(NotAnArticle, match="binary"):
        decode(data)
