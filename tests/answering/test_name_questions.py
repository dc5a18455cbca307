"""Questions about a name alone, and the sentences that tell of it."""

from __future__ import annotations

import pytest

from retrieval.answering.name_questions import introduces, resolved, speaks, wish


@pytest.mark.parametrize(
    ("question", "name", "matter"),
    [
        ("Who is Nikol Pashinyan?", "Nikol Pashinyan", ""),
        ("and who's President Ilham Aliyev?", "Ilham Aliyev", ""),
        ("who was robert kardashian", "robert kardashian", ""),
        ("What is the OSCE Minsk Group?", "OSCE Minsk Group", ""),
        ("What did Macron say about Lebanon?", "Macron", "Lebanon"),
        ("What has Human Rights Watch said?", "Human Rights Watch", ""),
        ("What's the latest on the Ever Given?", "Ever Given", ""),
        ("Tell me about Mr. Macron", "Macron", ""),
    ],
)
def test_what_is_asked_of_a_name(question: str, name: str, matter: str) -> None:
    asked = wish(question)
    assert asked is not None
    assert (asked.name, asked.matter) == (name, matter)


@pytest.mark.parametrize(
    "question",
    [
        "Who is the mayor of Ganja?",
        "Who is Hulusi Akar's wife?",
        "What is the population of Armenia?",
        "What was it?",
        "Who brokered the truce?",
        "What did Lukashenko tell his supporters on 23 August?",
        "What did Macron say on 2 October?",
        "What did they say?",
        "What did the prime minister of Armenia say?",
    ],
)
def test_what_asks_for_something_else(question: str) -> None:
    assert wish(question) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("They demand the resignation of Prime Minister Nikol Pashinyan.", "Nikol Pashinyan"),
        ("President Ilham Aliyev took the salute.", "Aliyev"),
        ("Her father, the lawyer Robert Kardashian, was of Armenian descent.", "Robert Kardashian"),
        ("Farmer Sinead Gaughan looked for bullocks.", "Sinead Gaughan"),
        ("Peter Berdowski, the head of Boskalis, said so.", "Peter Berdowski"),
        ("Ramiro Paz, 60, a typesetter, was annoyed.", "Ramiro Paz"),
        ("The Turkish disaster agency AFAD put it at 6.6.", "AFAD"),
        ("Perseverance is the fifth rover that NASA has landed on Mars.", "perseverance"),
        ("Its drummer, Lou O'Malley, broke an arm.", "Lou O'Malley"),
        ("The Minsk Group was created in 1992 by the Conference.", "Minsk Group"),
        ("He met Hal Figg, the mayor of Skarn, in May.", "Hal Figg"),
        ("Юрий Соколов, a former pilot, left.", "Юрий Соколов"),
    ],
)
def test_what_introduces_a_name(text: str, name: str) -> None:
    assert introduces(text, name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("It happened after Robert Kardashian left.", "Robert Kardashian"),
        ("Kim Kardashian, who said so, is the daughter of Robert Kardashian.", "Robert Kardashian"),
        ("Nikol Pashinyan said that he would stay.", "Nikol Pashinyan"),
        ("The fall of Shusha was the end.", "Shusha"),
        ("The winning side was the larger one.", "winning"),
        ("According to Hal Figg, the bridge is unsafe.", "Hal Figg"),
        ("In Paris, a man died.", "Paris"),
        ("Hal Figg, a year later, left.", "Hal Figg"),
        ("In September Hal Figg left.", "Hal Figg"),
    ],
)
def test_what_introduces_nobody(text: str, name: str) -> None:
    assert not introduces(text, name)


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("President Emmanuel Macron has asked for reforms.", True),
        ("Macron, who has visited Beirut twice since August, said that it had to change.", True),
        ("It will take weeks, said President Macron.", True),
        ("That is so, according to Emmanuel Macron.", True),
        ("Macron, Trump and Putin met.", False),
        ("The opposition called on President Emmanuel Macron to resign.", False),
        ("Macron was condemned in the street.", False),
        ("Macron has long opposed it and says so.", True),
        ("Macron and Merkel deny that it is so.", True),
        ("“No,” insisted President Macron.", True),
        ("Merkel said that Macron had agreed.", False),
        ("They said Macron had left.", False),
        ("Macron called on reservists to report.", False),
    ],
)
def test_what_tells_what_somebody_said(text: str, tells: bool) -> None:
    assert speaks(text, "Emmanuel Macron") is tells


def test_whom_a_follow_up_is_about() -> None:
    asked = "What did he say about Lebanon?"
    assert resolved(asked, "What about Macron? ") == "What did Macron say about Lebanon?"
    assert resolved(asked, "Did Putin call Macron? ") == asked
    assert resolved(asked, "") == asked
