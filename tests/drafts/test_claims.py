"""Which sentences of a draft claim something, and what they lean on."""

from __future__ import annotations

import pytest

from retrieval.drafts.claims import read_claims

AFTER = "The rest of the agreement is about the corridor, the refugees and the prisoners."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Who brokered the truce?", "a question"),
        ("“Why did they leave the town?”", "a question"),
        ("Is she the “Titanic” of our time?", "a question"),
        ('Who called it "the end", and when?', "a question"),
        ("Here is what the articles say:", "claims nothing"),
        ("Read more about it on our site.", "claims nothing"),
        ("By Jane van Doe", "claims nothing"),
        ("By Jane Smith, Yerevan.", "claims nothing"),
        ("Photo: Jane Smith/Reuters.", "claims nothing"),
        ("Photo credit: Reuters", "claims nothing"),
        ("Source: Ministry of Defence.", "claims nothing"),
        ("© 2021 The Bugle.", "claims nothing"),
        ("More follows.", "claims nothing"),
        ("Thank you all for reading.", "claims nothing"),
        ("I think the war was terrible.", "claims nothing"),
        ("We still hope for peace.", "claims nothing"),
        ("We should all mourn.", "claims nothing"),
        ("So it is.", "claims nothing"),
        ("Is it over, is it?", "a question"),
        ("But will they leave, or won’t they?", "a question"),
        ("By noon they left.", ""),
        ("Photo: Azerbaijan captures Shusha.", ""),
        ("Thanks to the truce, refugees return.", ""),
        ("I saw the soldiers cross the bridge on 3 May.", ""),
        ("I think that Russia sent 2,500 soldiers.", ""),
        ("“We must leave the town,” Aliyev said.", ""),
        ("“The town is lost. We must leave it. It is over,” Aliyev said.", ""),
        ("He resigned.", ""),
        ("“Why did they leave?” asked Aliyev.", ""),
        ("Aliyev asked: “Why did they leave?”", ""),
        ("By Friday all of them had left the town.", ""),
    ],
)
def test_what_claims_nothing(text: str, why: str) -> None:
    [claim] = read_claims(text)
    assert (claim.text, claim.idle) == (text, why)


@pytest.mark.parametrize(
    ("statement", "tag"),
    [
        ("Russia sent 2,500 soldiers to Karabakh", ", did it not?"),
        ("Aghdam was captured in 1993", ", wasn’t it?"),
        ("It isn't over", ", is it?"),
        ("The war has ended", ", right?"),
    ],
)
def test_a_statement_with_a_tag_is_one(statement: str, tag: str) -> None:
    draft = f"{statement}{tag}\n\n{AFTER}"
    claim = read_claims(draft)[0]
    assert (claim.text, claim.idle) == (statement, "")
    assert draft[claim.start : claim.end] == statement


def test_the_marks_of_lists_and_headings_are_no_words_of_a_sentence() -> None:
    draft = "Armenia must return:\n\n- Kalbajar by 15 November 2020;\n\n- at last, two villages."
    claims = read_claims(draft)
    assert [claim.text for claim in claims[1:]] == [
        "Kalbajar by 15 November 2020;",
        "at last, two villages.",
    ]
    assert [claim.before for claim in claims] == ["", *["Armenia must return:"] * 2]


@pytest.mark.parametrize("mark", ["2.", "2)", "-", "+", "•", "- [x]", "[ ]", "[^1]:", "[^note]:"])
def test_an_item_without_a_full_stop_is_no_heading(mark: str) -> None:
    item = "The peacekeepers stay for five years"
    [claim, _] = read_claims(f"{mark} {item}\n\n{AFTER}")
    assert (claim.text, claim.idle) == (item, "")


def test_a_line_with_the_mark_of_a_heading_is_one() -> None:
    claims = read_claims("## The district, and its date\n\n- Aghdam: 20 November")
    assert [(claim.text, claim.idle) for claim in claims] == [
        ("The district, and its date", "a heading"),
        ("Aghdam: 20 November", ""),
    ]


def test_a_sentence_leans_on_the_last_that_stands_by_itself() -> None:
    draft = (
        "Aliyev spoke on Friday. He thanked the army. Did he mean it? He also named a date.\n\n"
        "After the speech\n\nPeople in Baku celebrated all night long with flags and with songs."
    )
    claims = read_claims(draft)
    first = "Aliyev spoke on Friday."
    assert [(claim.idle, claim.before) for claim in claims] == [
        ("", ""),
        ("", first),
        ("a question", ""),
        ("", first),
        ("a heading", ""),
        ("", ""),
    ]
    assert all(draft[claim.start : claim.end] == claim.text for claim in claims)
