"""Photos and documents: their captions, albums, and what an admin adds to the archive."""

from __future__ import annotations

from typing import Any

import pytest

from tests.telegram.botapi import BotApi
from tests.telegram.bots import BotThread
from tests.telegram.desk import MINSK, SHIP, TRUCE, asks, finished

ME = "@newsdesk_test_bot"
PHOTO = {"photo": [{"file_id": "p", "file_unique_id": "up", "width": 9, "height": 9}]}


def news(animal: str) -> bytes:
    """An article of its own."""
    text = f"The {animal} called Quentin was elected mayor of Port Lockroy on Tuesday."
    return f"---\ntitle: A {animal} is mayor\nsource: Courier\n---\n{text}\n".encode()


def document(api: BotApi, animal: str, caption: str = "") -> dict[str, Any]:
    captioned = {"caption": caption} if caption else {}
    return {"document": api.add_file(f"{animal}.md", news(animal)), **captioned}


@pytest.mark.parametrize("kind", ["photo", "document"])
@pytest.mark.parametrize("place", ["private", "group"])
def test_a_question_in_a_caption_is_answered(api: BotApi, kind: str, place: str) -> None:
    ann = api.person("Ann")
    room = ann.private if place == "private" else api.group()
    content = PHOTO if kind == "photo" else document(api, "otter")
    caption = f"{ME} {MINSK}"
    entities = [{"type": "mention", "offset": 0, "length": len(ME)}]
    sent = room.said(ann, caption=caption, caption_entities=entities, **content)
    assert "[1]" in room.reply(sent, finished).text


@pytest.mark.parametrize("place", ["private", "group"])
def test_an_album_is_one_question_wherever_its_caption_is(
    bot: BotThread, api: BotApi, place: str
) -> None:
    ann = api.person("Ann")
    room = ann.private if place == "private" else api.group()
    _, asked, last = room.sent_album(ann, PHOTO, PHOTO | {"caption": f"/ask{ME} {MINSK}"}, PHOTO)
    answer = room.reply(asked, finished)
    api.wait(lambda: bot.closed(last.update_id), what="the end of the album")
    after = asks(ann, f"{ME} {SHIP}", room)
    assert room.from_bot == [answer, after]


def test_an_album_without_a_word_has_one_reply(api: BotApi) -> None:
    ann = api.person("Ann")
    ann.private.sent_album(ann, PHOTO, PHOTO, PHOTO)
    asks(ann, TRUCE)
    assert len(ann.private.from_bot) == 2


def test_documents_of_others_are_not_asked_about(api: BotApi) -> None:
    ann = api.person("Ann")
    sent = ann.private.said(ann, **document(api, "otter"))
    assert ann.private.next(sent).buttons == []


@pytest.mark.process
@pytest.mark.parametrize("at", [0, 2])
def test_all_documents_of_an_album_are_ingested(own_bot: BotThread, at: int) -> None:
    api = own_bot.api
    ada = api.person("Ada")
    own_bot.told(TELEGRAM_ADMINS=str(ada.id)).start()
    captions = ["", "", ""]
    captions[at] = "/ingest"
    animals = ("otter", "heron", "badger")
    sent = ada.private.sent_album(ada, *map(document, [api] * 3, animals, captions))
    report = ada.private.reply(sent[at], timeout=60)
    assert "3 added" in report.text
    assert all(f"{animal}.md" in report.text for animal in animals)
    api.wait(lambda: own_bot.closed(sent[-1].update_id), what="the end of the album")
    assert ada.private.from_bot == [report]


@pytest.mark.process
def test_a_document_is_ingested_by_a_reply_or_a_button(own_bot: BotThread) -> None:
    api = own_bot.api
    ada, bob, room = api.person("Ada"), api.person("Bob"), api.group()
    own_bot.told(TELEGRAM_ADMINS=str(ada.id)).start()
    sent = room.said(bob, **document(api, "heron"))
    wish = room.said(ada, f"/ingest{ME}", reply_to=sent)
    assert "1 added" in room.reply(wish, timeout=60).text

    sent = ada.private.said(ada, **document(api, "otter"))
    question = ada.private.reply(sent)
    assert "otter.md" in question.text
    press = ada.private.pressed(bob, question, "add")
    api.wait(lambda: press in api.press_answers)
    assert "admins" in api.press_answers[press]["text"]
    for _ in range(2):
        ada.private.pressed(ada, question, "add")
    api.wait(lambda: "1 added" in question.text, 60, "the report in place of the question")
    assert question.buttons == []
    api.wait(lambda: own_bot.closed(api.queue.last_id), 60, "the second press")
    assert "1 added" in question.text
    assert ada.private.from_bot == [question]
