"""Whether, why, and what is taken for granted wrongly: what the command answers over the sample."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Newsdesk


def asked(desk: Newsdesk, question: str) -> dict[str, Any]:
    """Ask, and return the answer, each of whose quotes its article has verbatim."""
    done = desk("ask", "--json", question)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    for citation in answer["citations"]:
        assert f"{citation['quote']} [{citation['number']}]" in answer["answer"]
        assert citation["quote"] in Path(citation["uri"]).read_text(encoding="utf-8")
    return answer


def declines(answer: dict[str, Any]) -> bool:
    """Return whether an answer says that the archive has none, and quotes nothing."""
    nothing = answer["answer"].startswith("The archive does not answer that.")
    return answer["refused"] and nothing and not answer["citations"]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Did the United States broker the third truce?", "It had been brokered by the United"),
        ("Did Azerbaijan apologise for shooting down the helicopter?", "it apologised to Russia"),
    ],
)
def test_whether_something_is_so_gets_what_states_it(
    sample: Newsdesk, question: str, said: str
) -> None:
    assert said in asked(sample, question)["answer"]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Was anybody hurt when the Ever Given ran aground?", "Nobody was hurt, and no oil was"),
        ("Did they have to unload containers to free the Ever Given?", "no containers had to be"),
        ("Will Britain stay in the Erasmus programme?", "Britain will leave the Erasmus"),
        ("did the two foreign ministers agree another ceasefire at geneva", "They did not agree"),
    ],
)
def test_whether_something_is_so_gets_what_denies_it(
    sample: Newsdesk, question: str, said: str
) -> None:
    assert said in asked(sample, question)["answer"]


@pytest.mark.parametrize(
    ("question", "claim", "denial"),
    [
        (
            "Is it true that NATO was moving soldiers up to the Belarusian border?",
            "claimed that NATO was massing troops on the border",
            "which NATO denied",
        ),
        (
            "Did the Azerbaijani army strike the cathedral in Shusha?",
            "Armenian officials blamed the Azerbaijani army.",
            "The Azerbaijani Defence Ministry denied it",
        ),
        (
            "Did Armenia shell Ganja?",
            "Azerbaijan said that Armenia had fired a Soviet-designed Scud",
            "The Armenian Defence Ministry denied the accusation.",
        ),
    ],
)
def test_a_claim_comes_with_its_denial(
    sample: Newsdesk, question: str, claim: str, denial: str
) -> None:
    answer = asked(sample, question)["answer"]
    assert 0 <= answer.find(claim) < answer.find(denial)


def test_whether_something_is_so_that_no_article_tells_is_declined(sample: Newsdesk) -> None:
    assert declines(asked(sample, "Was the captain of the Rhosus arrested?"))


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("Why was Kalbajar handed over later than planned?", "because of bad weather and the lack"),
        ("Why did Albayrak resign?", "gave health reasons"),
        ("Why did Armenia recall its ambassador from Israel?", "in protest at the sales"),
        ("why were rescuers in beirut hindered that night", "by the lack of electricity"),
    ],
)
def test_why_gets_the_reason(sample: Newsdesk, question: str, reason: str) -> None:
    assert reason in asked(sample, question)["answer"]


def test_why_of_what_is_told_without_a_reason_is_declined(sample: Newsdesk) -> None:
    assert "resigned" in asked(sample, "Who is Davit Tonoyan?")["answer"]
    assert declines(asked(sample, "Why did Davit Tonoyan resign?"))


@pytest.mark.parametrize(
    ("question", "truth"),
    [
        ("Why did Lukashenko repeat the election?", "He refused to repeat the election"),
        ("Which tariffs do British goods face under the Brexit deal?", "there will be no tariffs"),
        (
            "Which country of the United Nations was first to recognise Karabakh as a state?",
            "No member state of the United Nations recognises",
        ),
    ],
)
def test_what_a_question_takes_for_granted_is_contradicted(
    sample: Newsdesk, question: str, truth: str
) -> None:
    assert truth in asked(sample, question)["answer"]


@pytest.mark.parametrize(
    "question",
    [
        "Who brokered the fourth truce?",
        "How many people died when the Ever Given ran aground?",
        "What did Donald Trump promise on his visit to Stepanakert?",
        "How many medals did Armenia win at the Tokyo Olympics?",
    ],
)
def test_a_question_of_what_never_was_is_declined(sample: Newsdesk, question: str) -> None:
    assert declines(asked(sample, question))
