"""The README's picture of a chat is what the bot says."""

from __future__ import annotations

from xml.etree import ElementTree

from tests.telegram.botapi import BotApi
from tests.telegram.chat_picture import QUESTIONS, SVG, converse, draw


def test_the_picture_shows_what_the_bot_says_now(api: BotApi) -> None:
    bubbles = converse(api.person("Ann"))
    drawn = draw(bubbles, str(api.me["first_name"]))
    assert SVG.read_text(encoding="utf-8") == drawn, "`python -m scripts.render_chat` draws it"


def test_the_picture_stands_alone_and_shows_every_question() -> None:
    picture = ElementTree.parse(SVG)
    texts = ["".join(element.itertext()) for element in picture.iterfind(".//{*}text")]
    assert all(question in texts for question in QUESTIONS)
    assert {"👍", "👎", "❝ 1"} <= set(texts)
    assert "href" not in SVG.read_text(encoding="utf-8")
