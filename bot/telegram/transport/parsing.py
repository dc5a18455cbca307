"""Parses updates into requests.

The bot serves new and edited messages, button presses and inline queries of people, those who write
as a group or a channel included, and greets a group that it is added to. It ignores channel posts,
business messages and other bots.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from telegram import (
    CallbackQuery,
    ChatMember,
    ChatMemberRestricted,
    ChatMemberUpdated,
    Document,
    Message,
    MessageEntity,
    Update,
    User,
)
from telegram.constants import ChatType

from bot.questions import timeline_of

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "inline_query",
    "stopped_message_generation",
)

INGEST = "ingest"
"""The data of the button that has the document ingested to which the button's message replies."""
_GROUPS = (ChatType.GROUP, ChatType.SUPERGROUP)
_WITH_WORDS = "ask timeline check filter follow unfollow digest quiet corrections".split()
_SERVICE = [
    *"start help sources new cancel forget privacy stats ingest following".split(),
    *_WITH_WORDS,
]
_LONG = ("question", "check", "digest", "inline", "ingest", "news")
_ASK_PREFIX = "q_"
_SOURCE_PREFIX = "s_"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request: what an update asks for, who sent it, and where.

    Attributes:
        verb: a command's name, or `question`, `media` (without words), `part` (of an album, not
            meant for the bot by itself), `unknown` (no such command), `added` (the bot, to a
            group), `button`, `stop`, `inline`, or `news` (the bot's own).
        user_id: the person, or the chat as which a person writes; chats have negative ids.
        text: the question, the text after a command, a button's data, the id of the update
            whose answer to stop, or the inline query.
        message_id: the message with the question, or with the pressed button.
        quoted: the text of the message that this one replies to.
        quoted_id: that message's id.
        quoted_ours: whether the bot wrote that message.
        query_id: the id that `answerCallbackQuery` or `answerInlineQuery` takes.
        documents: those sent, or the one that `/ingest` replies to.
        album: the "media_group_id" that media sent together share.
    """

    update_id: int
    verb: str
    user_id: int
    text: str = ""
    chat_id: int | None = None
    thread_id: int | None = None
    message_id: int = 0
    private: bool = True
    edited: bool = False
    quoted: str = ""
    quoted_id: int = 0
    quoted_ours: bool = False
    query_id: str = ""
    documents: tuple[Document, ...] = ()
    album: str = ""

    @property
    def as_chat(self) -> bool:
        """Whether it was written as a chat. Buttons are of no use then: persons press them."""
        return self.user_id < 0

    @property
    def urgent(self) -> bool:
        """Whether it is handled at once, even while an answer is being written."""
        return self.verb not in _LONG and not self.album


def parse_update(update: Update, me: User) -> Incoming | None:
    """Parse an update into a request to the bot `me`. Return None if the bot should ignore it."""
    if stopped := update.api_kwargs.get("stopped_message_generation"):
        return _read_stop(update.update_id, stopped)
    if update.callback_query is not None:
        return _read_press(update.update_id, update.callback_query)
    if inline := update.inline_query:
        asked = Incoming(
            update.update_id, "inline", inline.from_user.id, inline.query, query_id=inline.id
        )
        return None if inline.from_user.is_bot else asked
    if update.my_chat_member is not None:
        return _read_membership(update.update_id, update.my_chat_member)
    message = update.message or update.edited_message
    author = _author(message) if message else None
    if message is None or author is None:
        return None
    return _read_message(update.update_id, message, author, me, edited=update.message is None)


def _author(message: Message) -> int | None:
    """Return the id of whoever wrote a message, or None if no person did.

    Anonymous admins of a group, and those who write as a channel, are known by that chat's id: as
    the message's user, Telegram names a bot of its own. It forwards the posts of a linked channel
    by itself.
    """
    if message.via_bot is not None or message.is_automatic_forward:
        return None
    if message.sender_chat is not None:
        return message.sender_chat.id
    user = message.from_user
    return None if user is None or user.is_bot else user.id


def migration(message: Message) -> tuple[int, int] | None:
    """Return the ids of a group and of the supergroup it became, if a message tells of that."""
    if message.migrate_to_chat_id is not None:
        return message.chat.id, message.migrate_to_chat_id
    if message.migrate_from_chat_id is not None:
        return message.migrate_from_chat_id, message.chat.id
    return None


def _read_stop(number: int, stopped: dict[str, Any]) -> Incoming:
    """Parse a press on the Stop button of a draft, a kind of update that the library lacks yet.

    Drafts exist only in private chats, whose id is the person's. `draft_id` is the id of the
    question's update, with which the bot sent the draft.
    """
    person = int(stopped["chat"]["id"])
    return Incoming(number, "stop", person, str(int(stopped["draft_id"])), person)


def _read_membership(number: int, change: ChatMemberUpdated) -> Incoming | None:
    """Parse a change of the bot's membership: into a request where it was added to a group."""
    was, now = (_is_member(member) for member in (change.old_chat_member, change.new_chat_member))
    if change.chat.type not in _GROUPS or was or not now:
        return None
    return Incoming(number, "added", change.from_user.id, chat_id=change.chat.id, private=False)


def _is_member(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return member.is_member
    return member.status not in (ChatMember.LEFT, ChatMember.BANNED)


def _read_press(number: int, query: CallbackQuery) -> Incoming | None:
    message = query.message
    if query.from_user.is_bot or message is None or not query.data:
        return None
    known = message if isinstance(message, Message) else None
    in_topic = known if known and known.is_topic_message else None
    document = known.reply_to_message.document if known and known.reply_to_message else None
    return Incoming(
        number,
        "ingest" if query.data == INGEST else "button",
        query.from_user.id,
        query.data,
        message.chat.id,
        in_topic.message_thread_id if in_topic else None,
        message.message_id,
        private=message.chat.type == "private",
        query_id=query.id,
        documents=(document,) if document else (),
    )


def join_album(parts: Sequence[Incoming]) -> Incoming:
    """Return the messages of one album as one request.

    What is wanted may stand under any of them. The first one's update stands for all.
    """
    rank = {"ingest": 0, "media": 2, "part": 3}
    wanted = min(parts, key=lambda part: rank.get(part.verb, 1))
    documents = tuple(document for part in parts for document in part.documents)
    return replace(wanted, update_id=parts[0].update_id, documents=documents)


def _read_message(
    number: int, message: Message, author: int, me: User, *, edited: bool
) -> Incoming | None:
    private = message.chat.type == "private"
    text = message.text if message.text is not None else message.caption or ""
    command, addressee, rest = _command(message, text)
    mentioned, rest = (False, rest) if command else _without_mention(message, text, me)
    quoted = _quoted(message)
    to_us = quoted is not None and quoted.from_user is not None and quoted.from_user.id == me.id
    if addressee and addressee.lower() != (me.username or "").lower():
        return None
    added = any(user.id == me.id for user in message.new_chat_members)
    if message.text is None and not (added or _is_content(message)):
        return None
    verb = command if command in _SERVICE else "unknown" if command else "question"
    if message.text is None and not (command or rest.strip()):
        verb = "media"
    by_name = (addressee or command in _WITH_WORDS) if command else (mentioned or to_us)
    if added:
        verb = "added"
    elif not private and not by_name:
        if not message.media_group_id:
            return None
        verb = "part"
    if verb == "start" and (asked := _deep_link(rest)):
        verb, rest = asked
    quotes = _quoted_text(message, quoted)
    if verb == "timeline":
        rest = timeline_of(rest or quotes)
    if verb in ("ask", "timeline"):
        verb = "question"
    document = message.document
    if verb == "ingest" and document is None and quoted:
        document = quoted.document
    return Incoming(
        number,
        verb,
        author,
        rest.strip(),
        message.chat.id,
        message.message_thread_id if message.is_topic_message else None,
        message.message_id,
        private=private,
        edited=edited,
        quoted=quotes,
        quoted_id=quoted.message_id if quoted else 0,
        quoted_ours=to_us,
        documents=(document,) if document else (),
        album=message.media_group_id or "",
    )


def _command(message: Message, text: str) -> tuple[str, str, str]:
    """Split "/ask@my_bot Why?" into command, addressee and rest: ("ask", "my_bot", " Why?")."""
    entities = message.entities if message.text is not None else message.caption_entities
    for entity in entities:
        if entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0:
            name, _, addressee = text[1 : entity.length].partition("@")
            return name.lower(), addressee, text[entity.length :]
    return "", "", text


def _without_mention(message: Message, text: str, me: User) -> tuple[bool, str]:
    """Return whether the bot is mentioned, and the text without the mention."""
    entities = (
        message.parse_entities() if message.text is not None else message.parse_caption_entities()
    )
    handle = f"@{me.username}".lower()
    ours = [
        entity
        for entity, part in entities.items()
        if (entity.type == MessageEntity.MENTION and part.lower() == handle)
        or (entity.type == MessageEntity.TEXT_MENTION and entity.user and entity.user.id == me.id)
    ]
    encoded = text.encode("utf-16-le", "surrogatepass")
    for entity in sorted(ours, key=lambda found: -found.offset):
        start, end = entity.offset * 2, (entity.offset + entity.length) * 2
        encoded = encoded[:start] + encoded[end:]
    return bool(ours), encoded.decode("utf-16-le", "surrogatepass")


def _quoted(message: Message) -> Message | None:
    """Return the message replied to. In a topic, ignore the reply to the topic's first message."""
    quoted = message.reply_to_message
    return None if quoted is None or quoted.forum_topic_created else quoted


def _quoted_text(message: Message, quoted: Message | None) -> str:
    if message.quote is not None:  # the part that the person picked
        return message.quote.text
    return (quoted.text or quoted.caption or "") if quoted else ""


def _is_content(message: Message) -> bool:
    """Return whether a message has an attachment; service messages such as joins have none."""
    return message.effective_attachment is not None


def _deep_link(payload: str) -> tuple[str, str] | None:
    """Return the (verb, text) that `/start payload` opens, or None.

    The payload is a command's name, `s_` and a source, or `q_` and a question in URL-safe base64.
    See "Deep Linking" in Telegram's Bot Features.
    """
    payload = payload.strip()
    if payload.startswith(_SOURCE_PREFIX):
        return "source", payload.removeprefix(_SOURCE_PREFIX)
    if payload in ("help", "sources", "privacy"):
        return payload, ""
    if payload.startswith(_ASK_PREFIX):
        encoded = payload.removeprefix(_ASK_PREFIX)
        try:
            padded = encoded + "=" * (-len(encoded) % 4)
            text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
        return ("question", text) if text.strip() else None
    return None
