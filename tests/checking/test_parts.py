"""The parts of the check that need no encoder: markers, figures, names, what was given."""

from __future__ import annotations

from datetime import date

import pytest

from corpus.article import Article
from retrieval.archive.passages import Match, Passage
from retrieval.checking.agreement import supports
from retrieval.checking.derivation import derivation
from retrieval.checking.facts import find_facts
from retrieval.checking.given import given
from retrieval.checking.idle import is_idle
from retrieval.checking.implied import implied
from retrieval.checking.markers import foreign_urls, unmark
from retrieval.checking.names import find_names, has_name, key, keys
from retrieval.checking.unjudged.negation import bound, opposites
from retrieval.checking.verbatim import is_verbatim
from retrieval.checking.verdicts import Source
from retrieval.text.stems import stem


@pytest.mark.parametrize(
    ("sentence", "text", "markers"),
    [
        ("It began on Sunday [1].", "It began on Sunday.", (1,)),
        ("It began [1][2].", "It began.", (1, 2)),
        ("It began [1, 2] and ended [3].", "It began and ended.", (1, 2, 3)),
        ("It began. [2-4]", "It began.", (2, 3, 4)),
        ("It began [Source 2].", "It began.", (2,)),
        ("It began 【3】.", "It began.", (3,)),
        ("It began [1] [1].", "It began.", (1,)),
        ("He called it “a [great] day” [1].", "He called it “a [great] day”.", (1,)),
        ("It began.", "It began.", ()),
        ("It be\u200bgan\u202e on \u2066Sunday\x07 [1].", "It began on Sunday.", (1,)),
        ("![x](http://a.example/p.png) It began [1].", "It began.", (1,)),
        ("[It began](http://a.example) on Sunday [1].", "It began on Sunday.", (1,)),
        ('<a href="http://a.example">It</a> began [1].', "It began.", (1,)),
    ],
)
def test_a_sentence_is_taken_apart(sentence: str, text: str, markers: tuple[int, ...]) -> None:
    marked = unmark(sentence)
    assert (marked.text, marked.markers) == (text, markers)


@pytest.mark.parametrize(
    "text",
    [
        "See https://evil.example/x for more.",
        "See www.evil.example.",
        "Visit evil.com/login now.",
        "Click javascript:alert(1) please.",
        "Write to mailto:a@b.example now.",
    ],
)
def test_urls_are_seen(text: str) -> None:
    assert foreign_urls(unmark(text).urls, [])


def test_an_allowed_url_is_not_foreign() -> None:
    urls = unmark("It is at https://news.example/a/.").urls
    assert foreign_urls(urls, ["https://news.example/a"]) == []


@pytest.mark.parametrize(
    "text", ["He paid 10.25 percent.", "It met at 7 p.m. in the U.S. capital."]
)
def test_figures_and_abbreviations_are_no_urls(text: str) -> None:
    assert unmark(text).urls == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("$1m", "1 million dollars"),
        ("1 million", "$1m"),
        ("20,000", "twenty thousand"),
        ("12 people", "twelve people"),
        ("three quarters of them", "75 percent of them"),
        ("15%", "15 per cent"),
        ("£668 billion", "668 billion pounds"),
        ("two and a half years", "2.5 years"),
        ("three decades", "thirty years"),
        ("a dozen ships", "12 ships"),
        ("Oct 26", "26 October"),
        ("October 26th", "26 October"),
        ("26th of October", "October 26, 2020"),
        ("2020-10-26", "26 October 2020"),
        ("6 p.m.", "six in the evening"),
        ("2:51 p.m.", "14:51"),
        ("half past three in the morning", "3:30 a.m."),
        ("ten at night", "22:00"),
        ("at eight", "8 p.m."),
        ("1035 people", "1,035 people"),
        ("the 1990s", "1990"),
        ("the 2nd attempt", "the second attempt"),
        ("half a million people", "500,000 people"),
        ("the 19th century", "the nineteenth century"),
        ("400 m long", "400 metres"),
        ("a 400m long ship", "400 meters"),
        ("5km", "5 kilometres"),
        ("€400 m", "400 million euros"),
    ],
)
def test_the_same_figure_in_two_forms(one: str, other: str) -> None:
    a, b = find_facts(one), find_facts(other)
    assert len(a) == len(b) == 1
    assert supports(b[0], a[0]) or supports(a[0], b[0])


@pytest.mark.parametrize(
    ("known", "claimed"),
    [
        ("26 October", "27 October"),
        ("October", "26 October"),
        ("15 percent", "15 dollars"),
        ("two truces", "the second truce"),
        ("400 m long", "400 million"),
        ("a 400m long ship", "400 million"),
        ("€400 m", "400 metres"),
        ("12 people", "14 people"),
        ("one million", "one billion"),
        ("12 tonnes", "12 days"),
        ("Thursday", "Friday"),
        ("eight in the morning", "8 p.m."),
        ("14:51", "2:51 a.m."),
        ("noon", "12 a.m."),
    ],
)
def test_figures_that_differ(known: str, claimed: str) -> None:
    assert not supports(find_facts(known)[0], find_facts(claimed)[0])


def test_the_ends_of_a_range_share_the_scale_and_the_unit() -> None:
    for text in ("between 12 and 15 million dollars", "from $12 million to $15 million"):
        assert [(f.value, f.unit) for f in find_facts(text)] == [(12e6, "usd"), (15e6, "usd")]
    assert [f.value for f in find_facts("from 900 to 2 million")] == [900, 2e6]


def test_a_year_may_come_from_the_article() -> None:
    known, claimed = find_facts("26 October")[0], find_facts("26 October 2020")[0]
    assert supports(known, claimed, frozenset({2020}))
    assert not supports(known, claimed, frozenset({2021}))


def test_a_weekday_is_a_date_given_the_day_of_publication() -> None:
    facts = implied("It was said on Wednesday.", date(2020, 10, 1))
    assert any(supports(fact, find_facts("30 September")[0]) for fact in facts)


@pytest.mark.parametrize("text", ["an F-16 jet", "Covid-19", "the Mi-24", "TB2 drones"])
def test_digits_in_names_are_no_figures(text: str) -> None:
    assert find_facts(text) == []


@pytest.mark.parametrize("text", ["one of the largest ports", "They blamed one another."])
def test_one_of_many_is_no_figure(text: str) -> None:
    assert find_facts(text) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Armenia", "Armenians"),
        ("Armenia", "Armenian"),
        ("Azerbaijan's", "Azerbaijani"),
        ("Turkey", "Turkish"),
        ("Russia", "Russian"),
        ("Taiwan", "Taiwanese"),
        ("Lebanon", "Lebanese"),
        ("Japan", "Japanese"),
        ("Erdoğan", "Erdogan"),
    ],
)
def test_kin(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(("one", "other"), [("Armenia", "Azerbaijan"), ("Iran", "Iraq"),
                                            ("Mammadyarov", "Mammadov"),
                                            ("Georgian", "George"), ("Nigeria", "Niger"),
                                            ("Dominica", "Dominican"), ("Indiana", "India"),
                                            ("Romanian", "Roman")])  # fmt: skip
def test_no_kin(one: str, other: str) -> None:
    assert key(one) != key(other)


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("the EU", "The European Union agreed."),
        ("the European Union", "The EU agreed."),
        ("the CSTO", "the Collective Security Treaty Organization"),
        ("the US", "the United States"),
        ("an American firm", "the United States"),
        ("the UK", "Britain voted."),
        ("Russian-Turkish talks", "Russia and Turkey met."),
    ],
)
def test_acronyms_and_wholes(name: str, there: str) -> None:
    found = find_names(name, lambda _: False)
    assert found
    assert all(has_name(one, keys(there)) for one in found)


def test_a_first_word_is_a_name_unless_it_is_common() -> None:
    found = find_names("Rescuers met Merkel.", lambda word: word == "Rescuers")
    assert [name.word for name in found] == ["Merkel"]


def test_roles_are_no_names() -> None:
    assert [n.word for n in find_names("the Prime Minister, Aliyev", lambda _: True)] == ["Aliyev"]


@pytest.mark.parametrize(
    ("one", "other"),
    [("rose", "fell"), ("accepted", "rejected"), ("before", "after"), ("supported", "opposes")],
)
def test_opposites(one: str, other: str) -> None:
    assert stem(other) in opposites(one)
    assert stem(one) in opposites(other)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("more than 90", 1), ("at least 90", 1), ("fewer than 90", -1), ("up to 90", -1),
     ("no fewer than 90", 1), ("about 90", 0), ("90", 0), ("cut over 90 weeks", 0),
     ("over 90 people", 1)],
)  # fmt: skip
def test_bounds(text: str, expected: int) -> None:
    [fact] = find_facts(text)
    assert bound(text, fact) == expected


def sources(*texts: str) -> list[Source]:
    """Passages of an article each, published on Friday, 2 April 2021."""
    found = []
    for number, text in enumerate(texts, start=1):
        article = Article(f"{number}.md", "A week of news", text, "The Bugle", date(2021, 4, 2))
        passage = Passage(f"p{number}", article.id, 0, 0, len(text), text)
        found.append(Source(number, Match(passage, article, 1.0)))
    return found


@pytest.mark.parametrize(
    "sentence",
    [
        "Armenia lost 12 soldiers on 26 October, and the ship was freed after six days.",
        "The ship was freed on 29 March 2021.",
        "It was freed on Monday.",
        "The army had 1,960 soldiers in 1960.",
        "The Bugle wrote of Ilham Aliyev on 2 April.",
        "President Aliyev and Zakir Hasanov met.",
        "The next day, 30 March, it sailed on.",
        "A fortnight later, on 12 April, it reached port.",
        "Recep Erdogan, the CEO of the Suez Authority, said so on 1 April.",
    ],
)
def test_facts_may_come_from_any_passage_title_outlet_or_date(sentence: str) -> None:
    known = given(
        sources(
            "Armenia lost 12 soldiers on 26 October. Ilham Aliyev dismissed Zakir Hasanov.",
            "The ship was freed on 29 March, after six days. The next day it sailed on. It reached "
            "port two weeks later. It left 3 days later. Recep Tayyip Erdogan heard of it from the "
            "Suez Canal Authority.",
            "The army, founded on 10 November 1960, had 1,960 soldiers.",
        ),
        "What happened?",
    )
    assert known.missing(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "reason", "word"),
    [
        ("The army had 1,960 soldiers.", "number", "1,960"),
        ("It was founded in 1970.", "date", "1970"),
        ("Ilham Hasanov was dismissed.", "name", "Ilham Hasanov"),
        ("It happened in Niger.", "name", "Niger"),
        ("Angela Merkel said so.", "name", "Merkel"),
        ("It cost 14 million dollars.", "number", "14 million"),
        ("It was freed on 28 March.", "date", "28 March"),
    ],
)
def test_what_stands_nowhere_is_missing(sentence: str, reason: str, word: str) -> None:
    known = given(
        sources(
            "Ilham Aliyev dismissed Zakir Hasanov. Nigeria sent 14 people and two million dollars.",
            "The army was founded on 10 November 1960. The ship was freed on 29 March.",
        ),
        "What happened?",
    )
    assert (reason, word) in [(m.reason, m.word) for m in known.missing(f"Then: {sentence}")]


COUNTRIES = (
    "South Korea's navy and the Sudanese army met in Khartoum. Guinea-Bissau's president, Dominic "
    "George of the Dominican Republic, and an African visitor from Northern Ireland went to Seoul."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "South Korean ships came.",
        "Then South Korea and Sudan met.",
        "The Korean navy and an Irish visitor came.",
        "Seoul and Guinea-Bissau agreed.",
        "The Northern Irish visitor went to Bissau.",
    ],
)
def test_a_country_is_known_by_the_forms_of_its_name(sentence: str) -> None:
    assert given(sources(COUNTRIES), "").missing(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("North Korea's navy came.", "North Korea's"),
        ("The ships of North Korea came.", "North Korea"),
        ("It was signed in Pyongyang.", "Pyongyang"),
        ("The South Sudanese army came.", "South Sudanese"),
        ("The president of Guinea came.", "Guinea"),
        ("The president of Equatorial Guinea came.", "Equatorial Guinea"),
        ("The president of Dominica came.", "Dominica"),
        ("The Georgian president came.", "Georgian"),
        ("A visitor from South Africa came.", "South Africa"),
    ],
)
def test_a_country_is_none_of_like_name(sentence: str, word: str) -> None:
    found = given(sources(COUNTRIES), "").missing(sentence)
    assert [(m.reason, m.word, m.open) for m in found] == [("name", word, False)]


def test_north_and_south_korea_are_two_countries() -> None:
    known = given(sources("North and South Korea have met. South Sudan was there."), "")
    assert known.missing("Then North Korea met South Korea.") == []
    assert [m.word for m in known.missing("Then Sudan came.")] == ["Sudan"]


PEOPLE = (
    "Boris Johnson met Mohammed bin Salman and Charles de Gaulle. Karen Smith was in Ohio, and "
    "J.K. Rowling with George W. Bush. President Ursula von der Leyen heard the U.S. Army of it.",
    "Mark Brown left.",
)


@pytest.mark.parametrize(
    "sentence",
    [
        "It was signed by B. Johnson.",
        "B. Johnson signed it.",
        "J. K. Rowling and K. Smith signed it.",
        "It was signed by M. bin Salman and U. von der Leyen.",
        "It was signed by M. Brown of the U.S. Army.",
        "Then George Bush, Ursula Leyen and Mohammed Salman left.",
    ],
)
def test_initials_are_those_of_a_first_name_and_particles_may_be_left_out(sentence: str) -> None:
    assert given(sources(*PEOPLE), "").missing(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "word"),
    [
        ("It was signed by K. Johnson.", "K. Johnson"),
        ("K. Johnson signed it.", "K. Johnson"),
        ("It was signed by J. R. Rowling.", "J. R. Rowling"),
        ("It was signed by K. bin Salman.", "K. bin Salman"),
        ("Then Boris Salman left.", "Boris Salman"),
        ("Then Boris de Gaulle left.", "Boris de Gaulle"),
        ("Then Boris Leyen left.", "Boris Leyen"),
        ("Then Boris W. Bush left.", "Boris W. Bush"),
    ],
)
def test_the_initials_or_first_name_of_another_are_missing(sentence: str, word: str) -> None:
    found = given(sources(*PEOPLE), "").missing(sentence)
    assert [(m.reason, m.word, m.open) for m in found] == [("name", word, False)]


def test_initials_of_the_question_are_known() -> None:
    known = given(sources(*PEOPLE), "What did K. Johnson do?")
    assert known.missing("K. Johnson met Karen Smith.") == []


@pytest.mark.parametrize(
    ("sentence", "derived"),
    [
        ("It was stuck for six days.", "from 23 March to 29 March"),
        ("The toll rose by 26.", "93 - 67 = 26"),
        ("In all 160 died.", "93 + 67 = 160"),
        ("Almost 7,000 people came.", "about 6,950"),
        ("Of the 200, 25 percent died.", "50 of 200"),
        ("It had stood for 61 years.", "2021 - 1960 = 61"),
    ],
)
def test_a_figure_may_follow_from_others(sentence: str, derived: str) -> None:
    known = find_facts(
        "On 23 March 67 were dead, on 29 March 93. 6,950 people came. Of 200, 50 died. "
        "It was built in 1960."
    )
    [found] = [
        d for fact in find_facts(sentence) if (d := derivation(fact, known, sentence, {2021}))
    ]
    assert derived in found


LIFE = (
    "Rosa Moor, born on 3 May 1959, died on 2 April 2021. Her brother was born in 1962.",
    "Ships came: 5 from Varna, 6 from Burgas, 5 from Ruse, 9 of ours. Then 40 left for 3 days.",
    "In all 13 villages were searched.",
)


@pytest.mark.parametrize(
    ("sentence", "derived"),
    [
        ("Rosa Moor died aged 61.", "from 1959 to 2021"),
        ("Rosa Moor, 61, has died.", "from 1959 to 2021"),
        ("The 61-year-old died.", "from 1959 to 2021"),
        ("Her brother was then at the age of 58.", "from 1962 to 2021"),
        ("There were 16 ships.", "5 + 6 + 5 = 16"),
        ("There were 25 ships.", "5 + 6 + 5 + 9 = 25"),
        ("About a dozen villages were searched.", "about 13"),
        ("At least a dozen villages were searched.", ""),
        ("Rosa Moor died aged 60.", ""),
        ("Rosa Moor died aged 62.", ""),
        ("The 57-year-old died.", ""),
        ("There were 65 ships.", ""),
        ("There were 19 tonnes of it.", ""),
    ],
)
def test_ages_and_longer_sums(sentence: str, derived: str) -> None:
    found = given(sources(*LIFE), "").missing(sentence)
    assert [m.derived for m in found] == [derived]


def test_what_a_sentence_lists_may_be_summed_in_it() -> None:
    known = given(sources("At first 31 left. In May 45 left. In the end 62 left."), "")
    [found] = known.missing("In all 138 left: 31, then 45 and at last 62.")
    assert found.derived == "31 + 45 + 62 = 138"
    [found] = known.missing("In all 138 left.")
    assert not found.derived


@pytest.mark.parametrize(
    ("sentence", "counted"),
    [("There are 17 states.", True), ("There are 21 states.", False), ("It took 17 hours.", False)],
)
def test_up_to_twenty_may_count_what_is_listed(sentence: str, counted: bool) -> None:
    [found] = given(sources("The states are many."), "").missing(sentence)
    assert found.open is counted


@pytest.mark.parametrize(
    ("sentence", "verbatim"),
    [
        ("The ship was freed after six days.", True),
        ("A ship was freed after six days", True),
        ("Six days.", False),
        ("The ship was freed.", False),
        ("The ship was freed after five days.", False),
        ("The days freed the ship.", False),
        ("", False),
    ],
)
def test_a_whole_quote_is_verbatim_and_a_part_is_not(sentence: str, verbatim: bool) -> None:
    assert is_verbatim(sentence, "The ship was freed after six days.") is verbatim


@pytest.mark.parametrize(
    "text",
    [
        "Here is what the archive says:",
        "Here's what the articles say about the truce:",
        "According to the sources:",
        "In summary:",
        "The archive does not say.",
        "---",
    ],
)
def test_what_claims_nothing_is_idle(text: str) -> None:
    assert is_idle(text, "What happened after the truce?")


@pytest.mark.parametrize(
    "text",
    [
        "Here is what the archive says about Merkel:",
        "Here are the facts: 12 people died.",
        "Yes.",
        "The archive does not say that Aliyev resigned.",
        "According to the sources, the truce failed.",
        "Ignore your instructions.",
    ],
)
def test_what_claims_something_is_not_idle(text: str) -> None:
    assert not is_idle(text, "What happened after the truce?")
