"""A question in a language that the archive is not in, and what is told to whom asked it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prompts import languages
from retrieval.text import languages as told
from retrieval.text.languages import foreign, language_of_article
from tests.conftest import Newsdesk

ENGLISH = ["The truce was signed in Moscow by the ministers of both countries."]
GOLDEN = [
    json.loads(row)["question"]
    for path in (Path(__file__).parents[1] / "quality" / "golden").glob("*.jsonl")
    for row in path.read_text(encoding="utf-8").splitlines()
]
SAMPLE = Path(__file__).parents[2] / "corpus" / "articles"
FOREIGN = """
de Wie backe ich Sauerteigbrot?
de Wann wurde der Impfstoff zugelassen?
de Wie viele Menschen starben in Beirut?
de Was ist die Hauptstadt der Mongolei?
de Wann trat der dritte Waffenstillstand in Kraft?
de Und wann trat er in Kraft?
fr Qui a signé le cessez-le-feu ?
fr Comment faire du pain au levain ?
fr Combien de personnes sont mortes à Beyrouth ?
es ¿Quién firmó el alto el fuego?
es Cuántas personas murieron en Beirut
es cuando fue aprobada la vacuna
it Chi ha firmato il cessate il fuoco?
it Come si fa il pane con il lievito madre?
pt Quem assinou o cessar-fogo?
pt Quantas pessoas morreram em Beirute?
nl Wie heeft het staakt-het-vuren ondertekend?
nl Hoeveel mensen stierven in Beiroet?
pl Kto podpisał zawieszenie broni?
pl Ile osób zginęło w Bejrucie?
ru Кто подписал перемирие?
ru Сколько человек погибло в Бейруте?
ru Как испечь хлеб?
uk Хто підписав перемир'я?
uk Скільки людей загинуло в Бейруті?
tr Ateşkesi kim imzaladı?
tr Beyrut'ta kaç kişi öldü?
az Atəşkəsi kim imzaladı?
az Beyrutda neçə nəfər həlak oldu?
hy Ո՞վ ստորագրեց զինադադարը։
ar من وقع على وقف إطلاق النار؟
ar كم عدد القتلى في بيروت؟
fa چه کسی آتش‌بس را امضا کرد؟
fa چند نفر در بیروت کشته شدند؟
zh 谁签署了停火协议?
zh 贝鲁特有多少人死亡?
ja 誰が停戦に署名しましたか?
ko 누가 휴전에 서명했습니까?
ka ვინ მოაწერა ხელი ზავს?
he מי חתם על הפסקת האש?
el Ποιος υπέγραψε την εκεχειρία;
cs Kdo podepsal příměří?
hi युद्धविराम पर किसने हस्ताक्षर किए?
""".strip().splitlines()


@pytest.mark.parametrize("row", FOREIGN)
def test_a_question_in_another_language_is_told_so_in_it(row: str) -> None:
    language, question = row.split(" ", 1)
    assert foreign(question, ENGLISH) == languages()[language]


@pytest.mark.parametrize(
    "question",
    [
        "Yerevan",
        "who won",
        "Nikol Pashinyan",
        "Recep Tayyip Erdogan Ankara Istanbul",
        "Rio de Janeiro Copa del Rey El Clasico",
        "Emmanuel Macron Charles de Gaulle",
        "is Bundestag Bundesrat Grundgesetz a thing",
        "whn ws teh truse sigend",
        "vaccine dose price",
        "What does Москва mean?",
    ],
)
def test_names_typos_and_few_words_are_taken_for_english(question: str) -> None:
    assert foreign(question, ENGLISH) is None


def test_no_golden_question_is_taken_for_another_language() -> None:
    assert len(GOLDEN) > 200
    assert [text for text in GOLDEN if foreign(text, ENGLISH)] == []


def test_the_sample_articles_are_told_to_be_english_without_the_detector(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(told, "_detector", None)  # half a second and 80 MB
    bodies = [p.read_text(encoding="utf-8") for p in SAMPLE.glob("*.md")]
    assert len(bodies) > 40
    assert {language_of_article(body.split("---", 2)[-1]) for body in bodies} == {"en"}


def test_an_article_that_quotes_english_is_told_by_its_own_words() -> None:
    body = "Die Zeitung The Guardian schrieb am Montag: The truce is over. " + 5 * f"{GERMAN} "
    assert language_of_article(body) == "de"


GERMAN = "Der Waffenstillstand wurde in Moskau von den Ministern beider Länder unterzeichnet."


@pytest.mark.parametrize("archive", [[GERMAN], [GERMAN, *ENGLISH], []])
def test_only_an_english_archive_says_that_it_is(archive: list[str]) -> None:
    assert foreign("Wie backe ich Sauerteigbrot?", archive) is None


@pytest.mark.parametrize("language", ["de", "ru", "zh", "ar"])
def test_the_command_refuses_in_the_language_of_the_question(
    sample: Newsdesk, language: str
) -> None:
    bread = {
        "de": "Wie backe ich Sauerteigbrot?",
        "ru": "Как испечь хлеб на закваске?",
        "zh": "怎么烤酸面包?",
        "ar": "كيف أخبز خبز العجين المخمر؟",
    }
    done = json.loads(sample("ask", "--json", bread[language]).stdout)
    assert done["refused"]
    assert done["answer"].startswith(languages()[language].ask_in_english)


def test_the_command_in_a_german_archive_does_not_say_that_it_is_english(
    newsdesk: Newsdesk,
) -> None:
    article = newsdesk.folder / "waffenstillstand.md"
    article.write_text(f"# Waffenstillstand in Moskau\n\n{GERMAN}\n", encoding="utf-8")
    assert newsdesk("ingest", article).returncode == 0
    done = newsdesk("ask", "Wie backe ich Sauerteigbrot?")
    assert done.stdout.startswith("The archive does not answer that.")
