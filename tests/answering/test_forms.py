"""What form of answer a question asks for, and what it is to be about."""

import pytest

from retrieval.answering.forms import Form, form_of, subject_of
from retrieval.answers import Turn
from retrieval.search.condense import Query, condense


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("What were the nine points?", Form.LIST),
        ("list the seven districts", Form.LIST),
        ("Who are the members of the alliance?", Form.LIST),
        ("which countries offered help", Form.LIST),
        ("and who else belongs to it?", Form.LIST),
        ("Timeline of the truces", Form.TIMELINE),
        ("How did the blockage unfold?", Form.TIMELINE),
        ("Give me a chronology of the trial", Form.TIMELINE),
        ("what happened in Belarus day by day", Form.TIMELINE),
        ("What happened between 27 September and 10 October?", Form.TIMELINE),
        ("Summarise the war", Form.SUMMARY),
        ("what happened in Shusha", Form.SUMMARY),
        ("When did the third truce take effect?", None),
        ("Which side lost more soldiers?", None),
        ("Who was the minister?", None),
        ("Why did the talks fail?", None),
        ("In which of the two cities was it?", None),
        ("What was the ship's length?", None),
    ],
)
def test_the_form_of_a_question(question: str, form: Form | None) -> None:
    assert form_of(question) is form


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("Give me a timeline of the truces, please", "truces"),
        ("How did the Suez Canal blockage unfold?", "Suez Canal blockage"),
        ("Stages of the fall of Shusha, with dates please", "fall of Shusha"),
        ("what happened in Belarus day by day", "Belarus"),
        ("timeline", "timeline"),
    ],
)
def test_the_subject_is_left(question: str, subject: str) -> None:
    assert subject_of(Query(question), Form.TIMELINE) == subject


def test_a_follow_up_is_about_what_was_asked_before() -> None:
    query = condense("and a timeline?", [Turn("Who brokered the third truce?", "It was …")])
    assert subject_of(query, Form.TIMELINE) == "Who brokered the third truce?"
