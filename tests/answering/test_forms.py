"""What form of answer a question asks for, and what it is to be about."""

import pytest

from retrieval.answering.asked import AskedForm
from retrieval.answering.forms import Form, names_subject, subject_of
from retrieval.answers import Turn
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.search.condense import Query, condense


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("What were the nine points?", Form.LIST),
        ("list the seven districts", Form.LIST),
        ("Who are the members of the alliance?", Form.LIST),
        ("which countries offered help", Form.LIST),
        ("What else was damaged?", Form.LIST),
        ("Timeline of the truces", Form.TIMELINE),
        ("How did the blockage unfold?", Form.TIMELINE),
        ("Give me a chronology of the trial", Form.TIMELINE),
        ("what happened in Belarus day by day", Form.TIMELINE),
        ("What happened between 27 September and 10 October?", Form.TIMELINE),
        ("what happened in Karabakh in January", Form.SUMMARY),
        ("Summarise the war", Form.SUMMARY),
        ("what happened in Shusha", Form.SUMMARY),
        ("What do we know so far about the blast?", Form.SUMMARY),
        ("Where do things stand in Suez?", Form.SUMMARY),
        ("what are the main points of the deal", Form.SUMMARY),
        ("What happened to the speech that she wrote?", None),
        ("what happened to the man from Minsk", None),
        ("What has to be burnt in order for it to move?", None),
        ("When did the third truce take effect?", None),
        ("Which side lost more soldiers?", Form.SIDES),
        ("How many died, and what was the first figure?", Form.SIDES),
        ("How far has the toll risen since October?", Form.SIDES),
        ("What do Oslo and Bonn each say about it?", Form.SIDES),
        ("Who fired first according to the army, and according to the rebels?", Form.SIDES),
        ("Is the old bridge longer than the new one?", Form.SIDES),
        ("which came first, the flood or the fire", Form.SIDES),
        ("How many more than 300 were there?", None),
        ("Who lives in Oslo or Bonn?", None),
        ("Who was the minister?", None),
        ("Why did the talks fail?", None),
        ("In which of the two cities was it?", None),
        ("What was the ship's length?", None),
    ],
)
def test_the_form_of_a_question(question: str, form: Form | None, embedded: OnnxEncoder) -> None:
    assert AskedForm(embedded.encode).form(Query(question)) is form


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
    assert subject_of(Query(question)) == subject


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("what happened in Shusha", "Shusha"),
        ("chang'e-5 in a nutshell", "chang'e-5"),
        ("I was away: what went on at Turkey's central bank?", "Turkey's central bank"),
        ("What do we know so far about the blast?", "blast"),
        ("What is the latest on the blast?", "blast"),
    ],
)
def test_the_subject_of_a_summary(question: str, subject: str) -> None:
    assert subject_of(Query(question)) == subject


def test_a_follow_up_is_about_what_was_asked_before() -> None:
    query = condense("and a timeline?", [Turn("Who brokered the third truce?", "It was …")])
    assert subject_of(query) == "Who brokered the third truce?"


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("summarise the war", True),
        ("timeline of the truces", True),
        ("what's in this archive?", True),
        ("and a timeline?", False),
        ("and what happened in Ganja?", True),
        ("and what happened to him?", False),
        ("what is being put up on the site?", False),
        ("summarise it", False),
        ("timeline please", False),
    ],
)
def test_a_wish_that_names_its_subject_leaves_the_conversation_behind(
    question: str, names: bool
) -> None:
    assert names_subject(question) is names
