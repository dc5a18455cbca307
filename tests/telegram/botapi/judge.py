"""One request of the bot, judged: parameters by aiogram's models, the rest by Telegram's limits."""

from __future__ import annotations

import inspect
import json
import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aiogram import methods
from aiogram.client.default import Default
from aiogram.types import InputFile
from pydantic import BaseModel, ValidationError

MODELS: dict[str, type[methods.TelegramMethod[Any]]] = {
    model.__api_method__.lower(): model
    for _, model in inspect.getmembers(methods, inspect.isclass)
    if issubclass(model, methods.TelegramMethod) and model is not methods.TelegramMethod
}

LONGEST_TEXT = 4096
MOST_ENTITIES = 100
_LINK = re.compile(r"(https?://[^\s/]+\S*|tg://\S+|mailto:\S+)")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_WITHOUT_INSIDE = {"code", "pre"}
_BLOCKS = {"blockquote", "expandable_blockquote"}


class Refused(Exception):
    """Telegram's answer to a request that it does not carry out."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(f"{code} {description}")
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(description: str) -> Refused:
    """400."""
    return Refused(400, f"Bad Request: {description}")


def units(text: str) -> int:
    """Length as Telegram counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def cut(text: str, offset: int, length: int) -> str:
    """What an entity covers."""
    return text.encode("utf-16-le")[2 * offset : 2 * (offset + length)].decode("utf-16-le")


def decode(method: str, raw: Mapping[str, str]) -> dict[str, Any]:
    """The values of a form, in which all that is not text is JSON."""
    fields = MODELS[method].model_fields
    return {
        name: value if name in fields and _is_text(fields[name].annotation) else _from_json(value)
        for name, value in raw.items()
    }


def faults_of(method: str, params: Mapping[str, Any]) -> list[str]:
    """What aiogram's model finds wrong: missing, mistyped and unknown parameters."""
    try:
        request = MODELS[method].model_validate(dict(params))
    except ValidationError as error:
        return [
            f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}" for problem in error.errors()
        ]
    return [f"{name}: unknown" for name in _unknown(request)]


def _is_text(annotation: Any) -> bool:
    kinds = set(_kinds(annotation)) - {type(None), Default}
    return kinds == {str}


def _kinds(annotation: Any) -> Iterator[Any]:
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        for inner in typing.get_args(annotation):
            yield from _kinds(inner)
    else:
        yield annotation


def _from_json(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError:
        return value


def _unknown(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, BaseModel) and not isinstance(value, InputFile):
        yield from (f"{path}{name}" for name in value.model_extra or {})
        for name in type(value).model_fields:
            yield from _unknown(getattr(value, name), f"{path}{name}.")
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _unknown(item, f"{path}{position}.")


def check_text(
    text: Any, entities: Any, *, empty: bool = False, longest: int = LONGEST_TEXT
) -> tuple[str, list[dict[str, Any]]]:
    """Text and entities as they are shown: white space at both ends is cut off.

    Raises:
        Refused: the text is empty or too long, or an entity is malformed.
    """
    text, entities = str(text or ""), list(entities or [])
    if not text.strip() and not empty:
        raise bad("message text is empty")
    if units(text) > longest:
        raise bad("message is too long")
    for problem in entity_faults(text, entities):
        raise bad(f"entities are malformed: {problem}")
    before = units(text) - units(text.lstrip())
    kept = text.strip()
    moved = []
    for entity in entities:
        start = max(0, entity["offset"] - before)
        end = min(units(kept), entity["offset"] + entity["length"] - before)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return kept, moved


def entity_faults(text: str, entities: list[dict[str, Any]]) -> Iterator[str]:
    """What is wrong with entities. Telegram drops some of these silently; here all are faults."""
    if len(entities) > MOST_ENTITIES:
        yield f"there are {len(entities)}"
    total, halves = units(text), _halves(text)
    spans = []
    for entity in entities:
        start, end = entity["offset"], entity["offset"] + entity["length"]
        name = f"{entity['type']} at {start}:{end}"
        if start < 0 or end <= start or end > total:
            yield f"{name} lies outside the text of {total} units"
        if start in halves or end in halves:
            yield f"{name} splits a surrogate pair"
        if entity["type"] == "text_link" and not _LINK.fullmatch(str(entity.get("url"))):
            yield f"{name} has no usable url: {entity.get('url')!r}"
        spans.append((start, end, entity["type"]))
    yield from _crossings(spans)


def _halves(text: str) -> set[int]:
    """Offsets that lie between the halves of a surrogate pair."""
    found, position = set(), 0
    for character in text:
        position += units(character)
        if units(character) == 2:
            found.add(position - 1)
    return found


def _crossings(spans: list[tuple[int, int, str]]) -> Iterator[str]:
    for number, (start, end, kind) in enumerate(spans):
        for other_start, other_end, other in spans[number + 1 :]:
            if other_start >= end or start >= other_end:
                continue
            if not (start <= other_start and other_end <= end) and not (
                other_start <= start and end <= other_end
            ):
                yield f"{kind} and {other} cross"
            if {kind, other} & _WITHOUT_INSIDE:
                yield f"{kind} and {other} cannot be combined"
            if kind in _BLOCKS and other in _BLOCKS:
                yield "block quotes cannot be nested"


def check_markup(markup: Any) -> Any:
    """An inline keyboard.

    Raises:
        Refused: a button is malformed.
    """
    if not markup or "inline_keyboard" not in markup:
        return markup
    rows = [row for row in markup["inline_keyboard"] if row]
    buttons = [button for row in rows for button in row]
    if len(buttons) > 100 or any(len(row) > 8 for row in rows):
        raise bad("REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        if not button["text"].strip():
            raise bad("text buttons are unallowed in the inline keyboard")
        actions = set(button) - {"text", "style", "icon_custom_emoji_id"}
        if len(actions) != 1:
            raise bad("text buttons are unallowed in the inline keyboard")
        data = button.get("callback_data")
        if data is not None and not 1 <= len(data.encode()) <= 64:
            raise bad("BUTTON_DATA_INVALID")
        if "url" in button and not _LINK.fullmatch(button["url"]):
            raise bad(f"inline keyboard button URL '{button['url']}' is invalid")
    return {"inline_keyboard": rows} if rows else None


def check_commands(commands: Iterable[Mapping[str, str]]) -> None:
    """The commands of setMyCommands.

    Raises:
        Refused: there are too many, or one is malformed.
    """
    commands = list(commands)
    if len(commands) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not _COMMAND.fullmatch(command["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
