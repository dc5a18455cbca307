"""Stop words and stems of the language that articles are in, in a search by words."""

from __future__ import annotations

import pytest

from corpus.article import Article
from retrieval.search.condense import Query
from retrieval.search.inflected import search_terms
from retrieval.text import languages
from retrieval.text.languages import language_of_words
from retrieval.text.words import content_words
from tests.retrieval.archive_kit import Archive, made

GERMAN = {
    "brücken": "Zwei Brücken über die Weser sind nach dem Hochwasser gesperrt worden, und Experten "
    "prüfen die Schäden an den Pfeilern. Eine Umleitung führt durch die Dörfer im Süden, in denen "
    "die Bauern über den Lärm der Lastwagen klagen.",
    "kliniken": "Drei Krankenhäuser der Region werden bis zum Sommer geschlossen, weil es an "
    "Ärzten und an Pflegerinnen fehlt. Die Bewohner der betroffenen Städte protestieren seit "
    "Wochen gegen die Pläne der Regierung, und der Landrat gibt ihnen recht.",
    "bahn": "Am Freitag sind bei Altenfeld zwei Züge zusammengestoßen, und vierzehn Reisende "
    "wurden dabei verletzt. Die Staatsanwaltschaft ermittelt gegen einen Mann, der ein Signal "
    "falsch gestellt haben soll, und die Strecke bleibt bis Montag unterbrochen.",
}
RUSSIAN = {
    "паводок": "Паводок разрушил два моста через реку Белую. Спасатели вывезли одиннадцать "
    "водителей. Жителям отрезанных деревень доставляют продукты вертолётами.",
    "порты": "Докеры начали забастовки во вторник в северных портах. Они требуют повышения "
    "зарплат и сокращения смен. Сорок кораблей ждут у берега, сообщили судовладельцы.",
}
SPANISH = {
    "comicios": "Las elecciones municipales de Villanueva las ganó el partido de los agricultores. "
    "Los concejales electos tomarán posesión el lunes, según dijo la alcaldesa saliente.",
}
FRENCH = {
    "scrutin": "Les élections municipales de Villeneuve ont été gagnées par le parti des "
    "agriculteurs. Les élus prendront leurs fonctions lundi, selon la maire sortante."
}


def fill(archive: Archive, *languages: dict[str, str]) -> Archive:
    """Ingest articles of some languages, and English ones beside them."""
    articles = [Article(uri, uri, text) for texts in languages for uri, text in texts.items()]
    archive.ingest(*articles, *map(made, range(6)))
    return archive


@pytest.mark.both_engines
def test_words_are_found_in_other_forms_of_the_articles_language(archive: Archive) -> None:
    fill(archive, GERMAN, RUSSIAN, SPANISH, FRENCH)
    for language, question, uri in (
        ("de", "Welche Brücke?", "brücken"),
        ("de", "Warum protestierte die Stadt?", "kliniken"),
        ("de", "das Krankenhaus", "kliniken"),
        ("de", "Was geschah mit dem Zug?", "bahn"),
        ("ru", "Какой мост разрушен?", "паводок"),
        ("ru", "Чего требует докер?", "порты"),
        ("es", "¿Quién ganó la elección?", "comicios"),
        ("fr", "Et l'élection ?", "scrutin"),
    ):
        terms = search_terms(question, language, archive.catalog.vocabulary)
        [(passage, _), *others] = archive.catalog.full_text(terms, 10)
        assert archive.catalog.articles([passage.article_id])[passage.article_id].uri == uri
        assert others == [], question


def test_stop_words_are_those_of_the_language(archive: Archive) -> None:
    vocabulary = archive.catalog.vocabulary  # of an empty archive, which has no other forms
    terms = search_terms("Warum hat die Stadt nicht mit dem Landrat geredet?", "de", vocabulary)
    assert terms == ["stadt", "landrat", "geredet"]
    assert search_terms("Wer ist das?", "de", vocabulary) == ["wer", "ist", "das"]
    assert search_terms("誰がモスクワで署名", "ja", vocabulary)


def test_an_english_article_is_asked_in_english_whatever_the_question(archive: Archive) -> None:
    fill(archive)
    for question in ("record of visitors", "Wer zählte die Besucher im Hafen?", "Кто считал?"):
        result = archive.searcher().search(Query(question))
        assert list(result.terms) == content_words(question)


def test_the_language_is_that_of_the_nearest_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    german, russian = [*GERMAN.values()], [*RUSSIAN.values()]
    english = [f"{made(n).body} {made(n).body}" for n in range(3)]
    assert language_of_words("Krankenhaus Region", german) == "de"
    assert language_of_words("Какой мост разрушен паводком?", [*english, *russian]) == "ru"
    assert language_of_words("Который мост?", [*german, *russian]) == "ru"
    assert language_of_words("Which bridge of the region is closed?", german) == "en"
    monkeypatch.setattr(languages, "_detector", None)  # half a second and 80 MB
    assert language_of_words("Welche Brücke wurde gesperrt?", english) == "en"
    assert language_of_words("Welche Brücke wurde gesperrt?", []) == "en"
