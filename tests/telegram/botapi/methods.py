"""What each method does, and when Telegram refuses it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiogram.types import Message

from tests.telegram.botapi.judge import (
    Refused,
    bad,
    check_commands,
    check_markup,
    check_text,
    units,
)
from tests.telegram.botapi.people import Room, without_reply
from tests.telegram.botapi.record import Draft, Shown

if TYPE_CHECKING:
    from tests.telegram.botapi.server import BotApi

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_UPGRADED = "Bad Request: group chat was upgraded to a supergroup chat"
_REACTIONS = set("👍👎❤🔥👏😁🤔🤯😱😢🎉🙏👌💯⚡🤨🤓👀🙈🤝✍🫡")
"""Some of those that Telegram lets bots use."""
_ACTIONS = {"typing", "upload_document", "upload_photo", "find_location", "choose_sticker"}


class Methods:
    """The methods by name; each takes its parameters and returns its result."""

    def __init__(self, server: BotApi) -> None:
        self._server = server
        self._by_name: dict[str, Callable[[dict[str, Any]], Any]] = {
            "getme": lambda p: server.me,
            "sendmessage": self._send_message,
            "senddocument": self._send_document,
            "sendmessagedraft": self._send_draft,
            "editmessagetext": self._edit_text,
            "editmessagereplymarkup": self._edit_markup,
            "deletemessage": self._delete,
            "deletemessages": self._delete_many,
            "setmessagereaction": self._react,
            "sendchataction": self._act,
            "answercallbackquery": self._answer_press,
            "answerinlinequery": self._answer_inline,
            "setmycommands": self._set_commands,
            "deletemycommands": lambda p: True,
            "getmycommands": lambda p: server.profile.get("commands", []),
            "setmydescription": lambda p: self._describe("description", p, 512),
            "setmyshortdescription": lambda p: self._describe("short_description", p, 120),
            "setmyname": lambda p: self._describe("name", p, 64),
            "getmydescription": lambda p: self._described("description"),
            "getmyshortdescription": lambda p: self._described("short_description"),
            "getmyname": lambda p: self._described("name"),
            "getfile": self._file,
            "getchat": lambda p: {
                **self._room(p).raw, "accent_color_id": 0, "max_reaction_count": 11,
                "accepted_gift_types": {},
            },
            "getchatmember": self._member,
            "leavechat": lambda p: bool(self._room(p)),
            "setwebhook": self._set_webhook,
            "deletewebhook": self._delete_webhook,
            "getwebhookinfo": self._webhook_info,
        }  # fmt: skip

    def __contains__(self, method: str) -> bool:
        return method in self._by_name

    def __call__(self, method: str, params: dict[str, Any]) -> Any:
        """The result of a method.

        Raises:
            Refused: Telegram would not do it.
        """
        return self._by_name[method](params)

    def _room(self, params: dict[str, Any]) -> Room:
        room = self._server.rooms.get(params["chat_id"])
        if room is None:
            raise bad("chat not found")
        if room.blocked:
            raise Refused(403, "Forbidden: bot was blocked by the user")
        if room.became is not None:
            raise Refused(400, _UPGRADED, migrate_to_chat_id=room.became.id)
        return room

    def _base(self, params: dict[str, Any]) -> tuple[Room, dict[str, Any]]:
        """What all messages of the bot have in common."""
        room = self._room(params)
        for flood in self._server.floods:
            if flood.chat_id == room.id and (wait := flood.wait()):
                raise Refused(
                    429, f"Too Many Requests: retry after {wait}", retry_after=wait
                )  # fmt: skip
        raw: dict[str, Any] = {
            "date": int(time.time()), "chat": room.raw, "from": self._server.as_sender
        }  # fmt: skip
        thread = params.get("message_thread_id")
        if thread is not None:
            topic = room.shown.get(thread)
            if topic is None or "forum_topic_created" not in topic.raw:
                raise bad("message thread not found")
            raw |= {"message_thread_id": thread, "is_topic_message": True}
            raw["reply_to_message"] = topic.raw
        reply = params.get("reply_parameters")
        if reply:
            replied = room.shown.get(reply["message_id"])
            if replied is not None and replied.visible:
                raw["reply_to_message"] = without_reply(replied.raw)
                if "message_thread_id" in replied.raw and thread is None:
                    raw |= {
                        "message_thread_id": replied.raw["message_thread_id"],
                        "is_topic_message": True,
                    }
            elif not reply.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
        if markup := check_markup(params.get("reply_markup")):
            raw["reply_markup"] = markup
        return room, raw

    def _show(self, room: Room, raw: dict[str, Any]) -> dict[str, Any]:
        raw = {"message_id": room.new_id(), **raw}
        Message.model_validate(raw)
        return room.put(raw, by_bot=True).raw

    def _send_message(self, params: dict[str, Any]) -> dict[str, Any]:
        _no_parse_mode(params)
        text, entities = check_text(params["text"], params.get("entities"))
        room, raw = self._base(params)
        raw["text"] = text
        if entities:
            raw["entities"] = entities
        _preview(raw, params)
        return self._show(room, raw)

    def _send_document(self, params: dict[str, Any]) -> dict[str, Any]:
        _no_parse_mode(params)
        room, raw = self._base(params)
        given = params["document"]
        raw["document"] = self._server.add_file(given.filename, given.data)
        if params.get("caption"):
            raw["caption"], _ = check_text(
                params["caption"], params.get("caption_entities"), longest=1024
            )
        return self._show(room, raw)

    def _send_draft(self, params: dict[str, Any]) -> bool:
        _no_parse_mode(params)
        room = self._room(params)
        if not room.is_private:
            raise bad("TEXTDRAFT_PEER_INVALID")
        if not params["draft_id"]:
            raise bad("TEXTDRAFT_ID_INVALID")
        if not self._server.takes_drafts:
            raise Refused(404, "Not Found: method not found")
        text, _ = check_text(params.get("text"), params.get("entities"), empty=True)
        room.drafts.append(Draft(time.monotonic(), params["draft_id"], text, params))
        return True

    def _own(self, params: dict[str, Any], what: str) -> Shown:
        inline = params.get("inline_message_id")
        if inline is not None:
            shown = self._server.inline_messages.get(inline)
            if shown is None:
                raise bad("MESSAGE_ID_INVALID")
            return shown
        shown = self._room(params).shown.get(params["message_id"])
        if shown is None or not shown.visible:
            raise bad(f"message to {what} not found")
        if not shown.by_bot:
            raise bad(f"message can't be {what}ed")
        return shown

    def _edit_text(self, params: dict[str, Any]) -> Any:
        _no_parse_mode(params)
        text, entities = check_text(params.get("text"), params.get("entities"))
        shown = self._own(params, "edit")
        before = shown.raw
        raw = {
            name: value
            for name, value in before.items()
            if name not in ("entities", "reply_markup", "link_preview_options")
        }
        raw["text"] = text
        if entities:
            raw["entities"] = entities
        return self._edit(shown, raw, params)

    def _edit_markup(self, params: dict[str, Any]) -> Any:
        shown = self._own(params, "edit")
        raw = {name: value for name, value in shown.raw.items() if name != "reply_markup"}
        return self._edit(shown, raw, params)

    def _edit(self, shown: Shown, raw: dict[str, Any], params: dict[str, Any]) -> Any:
        if markup := check_markup(params.get("reply_markup")):
            raw["reply_markup"] = markup
        parts = ("text", "entities", "reply_markup")
        if all(raw.get(part) == shown.raw.get(part) for part in parts):
            raise bad(_NOT_MODIFIED)
        _preview(raw, params)
        shown.change(raw | {"edit_date": int(time.time())})
        return shown.raw if params.get("inline_message_id") is None else True

    def _delete(self, params: dict[str, Any]) -> bool:
        room = self._room(params)
        shown = room.shown.get(params["message_id"])
        if shown is None or not shown.visible:
            raise bad("message to delete not found")
        if not shown.by_bot and not room.is_private:
            raise bad("message can't be deleted")
        shown.deleted_at = time.monotonic()
        return True

    def _delete_many(self, params: dict[str, Any]) -> bool:
        for number in params["message_ids"]:
            try:
                self._delete({**params, "message_id": number})
            except Refused as refused:
                if refused.code != 400:
                    raise
        return True

    def _react(self, params: dict[str, Any]) -> bool:
        shown = self._room(params).shown.get(params["message_id"])
        if shown is None or not shown.visible:
            raise bad("message to react not found")
        emoji = [reaction.get("emoji", "") for reaction in params.get("reaction") or ()]
        if len(emoji) > 1 or not set(emoji) <= _REACTIONS:
            raise bad("REACTION_INVALID")
        shown.reactions = emoji
        return True

    def _act(self, params: dict[str, Any]) -> bool:
        room = self._room(params)
        if params["action"] not in _ACTIONS:
            raise bad("wrong parameter action in request")
        room.typing.append(time.monotonic())
        return True

    def _answer_press(self, params: dict[str, Any]) -> bool:
        number = params["callback_query_id"]
        if units(params.get("text") or "") > 200:
            raise bad("MESSAGE_TOO_LONG")
        if number not in self._server.presses:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self._server.presses.discard(number)
        self._server.press_answers[number] = params
        return True

    def _answer_inline(self, params: dict[str, Any]) -> bool:
        results = params["results"]
        if len(results) > 50:
            raise bad("RESULTS_TOO_MUCH")
        ids = [result["id"] for result in results]
        if len(set(ids)) < len(ids) or not all(1 <= len(name.encode()) <= 64 for name in ids):
            raise bad("RESULT_ID_INVALID")
        for result in results:
            content = result.get("input_message_content", {})
            if "message_text" in content:
                _no_parse_mode(content)
                check_text(content["message_text"], content.get("entities"))
            check_markup(result.get("reply_markup"))
        self._server.inline_answers[params["inline_query_id"]] = params
        return True

    def _set_commands(self, params: dict[str, Any]) -> bool:
        check_commands(params["commands"])
        scope = params.get("scope") or {"type": "default"}
        if scope["type"] == "default":
            self._server.profile["commands"] = params["commands"]
        self._server.command_scopes.append((scope, params["commands"]))
        return True

    def _describe(self, name: str, params: dict[str, Any], longest: int) -> bool:
        if len(params.get(name) or "") > longest:
            raise bad(f"{name} is too long")
        self._server.profile[name] = params.get(name) or ""
        return True

    def _described(self, name: str) -> dict[str, str]:
        return {name: self._server.profile.get(name, "")}

    def _file(self, params: dict[str, Any]) -> dict[str, Any]:
        file = self._server.files.get(params["file_id"])
        if file is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if file.size > 20 * 1024 * 1024:
            raise bad("file is too big")
        return {
            "file_id": params["file_id"], "file_unique_id": f"u{params['file_id']}",
            "file_size": file.size, "file_path": file.path,
        }  # fmt: skip

    def _member(self, params: dict[str, Any]) -> dict[str, Any]:
        self._room(params)
        if params["user_id"] == self._server.me["id"]:
            return {"status": "member", "user": self._server.as_sender}
        person = self._server.people.get(params["user_id"])
        if person is None:
            raise bad("user not found")
        return {"status": "member", "user": person.raw}

    def _set_webhook(self, params: dict[str, Any]) -> bool:
        if not params["url"].startswith(("https://", "http://127.0.0.1:")):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if params.get("drop_pending_updates"):
            self._server.queue.pending.clear()
        self._server.queue.allowed = params.get("allowed_updates") or self._server.queue.allowed
        self._server.webhook = params
        return True

    def _delete_webhook(self, params: dict[str, Any]) -> bool:
        self._server.webhook = None
        if params.get("drop_pending_updates"):
            self._server.queue.pending.clear()
        return True

    def _webhook_info(self, params: dict[str, Any]) -> dict[str, Any]:
        hook = self._server.webhook or {}
        return {
            "url": hook.get("url", ""), "has_custom_certificate": False,
            "pending_update_count": len(self._server.queue.pending),
        }  # fmt: skip


def _no_parse_mode(params: dict[str, Any]) -> None:
    """Text goes with entities: what somebody wrote must never be read as markup."""
    if isinstance(params.get("parse_mode"), str):
        raise bad("can't parse entities: this server takes no parse mode")


def _preview(raw: dict[str, Any], params: dict[str, Any]) -> None:
    if params.get("link_preview_options"):
        raw["link_preview_options"] = params["link_preview_options"]
