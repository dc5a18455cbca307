"""The kind of thing a question asks for, and whether a sentence has it."""

import pytest

from retrieval.answering.kinds import kind_match


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("When did it begin?", "It began on 26 October.", 1.0),
        ("When did it begin?", "It began quietly.", -1.0),
        ("How many died?", "Thirty people died.", 1.0),
        ("How many died?", "People died.", -1.0),
        ("Who signed it?", "It was signed by Vladimir Putin.", 1.0),
        ("Who signed it?", "They signed it.", 0.0),
        ("How many died?", "People died on 26 October 2020.", -1.0),
        ("How old is the minister?", "The minister spoke on 26 October.", -1.0),
        ("How old is the minister?", "The minister is 45 years old.", 1.0),
        ("What is the population of Yerevan?", "It has a mostly Armenian population.", -1.0),
        ("What is the population of Yerevan?", "About 1,000 people live there.", 1.0),
        ("How much does one cost?", "The drone has 12 rotors.", -1.0),
        ("How much does one cost?", "They paid $1m.", 1.0),
        ("How long is the ship?", "The ship is 400 metres long.", 1.0),
        ("How long is the ship?", "The ship is blue.", -1.0),
        ("How long was the ship stuck?", "The ship is 400 metres long.", -1.0),
        ("How long was the ship stuck?", "It was freed after six days.", 1.0),
        ("How long did the truce last?", "It was broken within minutes.", -1.0),
        ("How long has she led them?", "She has led them since 2016.", 1.0),
        ("What is the population of Yerevan?", "Yerevan stood at 1,092,800 in 2020.", 1.0),
        ("What did he say when the truce began?", "He blamed the army.", 0.5),
        ("Since when has it been closed?", "It is closed.", -1.0),
        ("It began when?", "It began.", -1.0),
        ("How many treaties mention it?", "None of the treaties does.", 1.0),
        ("Tell me about the truce", "It began.", 0.5),
        ("Did the WHO say so?", "They said so.", 0.5),
    ],
)
def test_kind_of_thing_asked_for(question: str, text: str, expected: float) -> None:
    assert kind_match(question, text) == expected
