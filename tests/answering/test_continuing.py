"""Questions whose words do not tell whether they go on with the conversation."""

from __future__ import annotations

import pytest

from retrieval.search.followups import is_unsure
from tests.conftest import Newsdesk

DEADLINES = (
    "What deadlines were set in the November ceasefire for handing over the three districts?"
)
QUAKE = "How strong was the Aegean earthquake according to the American survey?"


@pytest.mark.parametrize(
    ("before", "question", "expected", "other"),
    [
        (QUAKE, "how many people were killed?", "Greece", "Barda"),
        (QUAKE, "what's the capital of Peru?", "The archive does not answer that.", "Izmir ["),
    ],
)
def test_they_are_read_the_way_that_has_the_answer(
    sample: Newsdesk, before: str, question: str, expected: str, other: str
) -> None:
    assert is_unsure(question)
    done = sample("chat", "--no-log", input=f"{before}\n{question}\n")
    answer = done.stdout.split(f"› {question}")[1]
    assert expected in answer
    assert other not in answer


BEIRUT, GANJA = "How many people died in Beirut?", "What happened in Ganja?"
ALIYEV, CHAIRS = "Who is Ilham Aliyev?", "Who chairs the Minsk Group?"


def last_answer(sample: Newsdesk, *asked: str) -> str:
    """The answer to the last question of a conversation."""
    done = sample("chat", "--no-log", input="\n".join(asked) + "\n")
    return " ".join(done.stdout.rsplit(f"› {asked[-1]}", 1)[1].split())


@pytest.mark.parametrize(
    ("asked", "expected", "other"),
    [
        ((BEIRUT, GANJA, "how many people died?"), "13 people were killed by a missile", "78"),
        ((BEIRUT, "and what happened in Ganja?", "how many died?"), "Ganja", "Beirut"),
        ((GANJA, "how many people died?", "when?", "who was blamed?"), "firing on Ganja", "Baku"),
        ((QUAKE, "how many people were killed?", "and where?"), "earthquake", "Beirut"),
        ((GANJA, "how many died?", "and in Barda?"), "killing at least 19 people", "13 people"),
        ((ALIYEV, "and Pashinyan?", "when did he sign?"), "signed the document late", "chess"),
    ],
)
def test_a_follow_up_goes_on_with_what_was_last_read_alone_and_the_names_since(
    sample: Newsdesk, asked: tuple[str, ...], expected: str, other: str
) -> None:
    answer = last_answer(sample, *asked)
    assert expected in answer
    assert other not in answer


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((ALIYEV, "what about the Olympics?"), "The Olympic Games in Tokyo"),
        ((ALIYEV, "what about the olympics?", "where were they held?"), "Olympic"),
        ((ALIYEV, "what about the Ever Given?"), "Suez Canal"),
        ((QUAKE, "And in Greece?"), "Strong earthquake in Aegean Sea"),
    ],
)
def test_what_a_conversation_does_not_answer_is_asked_of_the_whole_archive(
    sample: Newsdesk, asked: tuple[str, ...], expected: str
) -> None:
    assert expected in last_answer(sample, *asked)


WEIGHT, DEAD = "How much does the Ever Given weigh?", "how many Armenian soldiers died?"
FIRST, REFUSED = "When did the first truce take effect?", "Who won the World Cup in 2018?"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((WEIGHT, "and Ingenuity?"), "weighs 1.8 kilograms"),
        ((DEAD, "and Azerbaijani ones?"), "2,783"),
        ((FIRST, "and the second truce?"), "took effect at midnight"),
        ((FIRST, "and the second truce?", "and the third?"), "took effect at eight"),
        ((FIRST, "and the second?", "which city was struck before it?"), "Ganja"),
        (("How did Turkey react to the vote in the French Senate?", "and pashinyan?"), "thanked"),
        (("What happened in Ganja on 17 October?", "and on 4 October?"), "4 October rockets"),
        (("When did Perseverance land on Mars?", "and Curiosity?"), "does not answer"),
        (("who is Pashinyan?", "when did he sign?"), "signed the document late"),
        ((FIRST, "where?", "who brokered the third?"), "brokered by the United States"),
        ((REFUSED, "and the earthquake?"), "earthquake in"),
        ((REFUSED, "and the head of Boskalis?", "what did he say?"), "could take weeks"),
    ],
)
def test_what_is_only_named_is_asked_in_the_place_of_what_was_named_before(
    sample: Newsdesk, asked: tuple[str, ...], expected: str
) -> None:
    assert expected in last_answer(sample, *asked)


def test_a_follow_up_that_says_nothing_of_a_summary_is_answered_from_its_conversation(
    sample: Newsdesk,
) -> None:
    answer = last_answer(sample, BEIRUT, "what is being prepared at the centre?")
    assert "Beirut" in answer
    assert "Reported" not in answer


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ((CHAIRS, "the second one?"), "Stephane Visconti of France [1] [1]"),
        ((CHAIRS, "the second one?", "and the third?"), "Andrew Schofer of the United States [1]"),
        ((CHAIRS, "And the last?"), "Andrew Schofer of the United States [1]"),
        ((DEADLINES, "the first one?"), "Kalbajar by 15 November 2020 [1]"),
        (("timeline of the truces", "the second one"), "Reported 10 October 2020: Armenia and"),
        ((CHAIRS, "and the fourth one?"), "The archive does not answer that."),
        (("the second one?",), "There is no answer yet to go by"),
    ],
)
def test_an_item_of_the_last_answer_is_given_alone(
    sample: Newsdesk, asked: tuple[str, ...], expected: str
) -> None:
    assert last_answer(sample, *asked).startswith(expected)


def test_after_a_question_of_the_first_the_second_is_no_item(sample: Newsdesk) -> None:
    asked = "Timeline of the first truce"
    second_stage = last_answer(sample, asked).split(" [1] ")[1].split(" [2]")[0]
    assert second_stage.startswith("Reported")
    assert not last_answer(sample, asked, "and the second?").startswith(second_stage)


def test_what_points_back_and_says_little_goes_on() -> None:
    assert not is_unsure("how many people watched it?")
