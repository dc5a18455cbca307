"""Finds out which settings are in force: those given, the environment's, or a `.env` file's.

The first of these that has a setting wins:

1. what was given: an option of the command line, an argument of a program
2. the environment
3. the file of `--env-file`
4. `.env` in the home folder
5. `.env` in the working folder

Whoever runs Newsdesk chose the first four. The last lies where they happen to stand, and may be a
stranger's: it is told of, and says nothing of where another place's secrets go.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from io import StringIO
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from retrieval.errors import SettingsError

HOME = "NEWSDESK_HOME"
_FILE = ".env"

_GUARDED = {
    "OPENAI_BASE_URL": (
        *("OPENAI_API_KEY", "OPENAI_CUSTOM_HEADERS"),
        *("OPENAI_ORG_ID", "OPENAI_PROJECT_ID"),
    ),
    "TELEGRAM_": ("TELEGRAM_BOT_TOKEN",),
}
"""Settings, by how their names begin, and the secrets that are sent to where they say.

Who commands the bot and how its updates arrive goes with its token too.
"""

_CHOSEN_ONLY = frozenset(
    {
        *("NEWSDESK_FETCH_HOSTS", "NEWSDESK_ROBOTS_OFF", "NEWSDESK_DATABASE_URL"),
        *("NEWSDESK_API_TOKENS", "NEWSDESK_API_HOSTS", "NEWSDESK_METRICS_TOKEN"),
        *("NEWSDESK_CHROMA_URL", "NEWSDESK_CHROMA_TENANT", "NEWSDESK_CHROMA_DATABASE"),
        *("NEWSDESK_CHROMA_TOKEN", "NEWSDESK_CHROMA_TOKEN_HEADER"),
        *("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"),
    }
)
"""Settings that a stranger's file cannot have: what may be reached, who may ask, and where the
archive is kept, is for the owner to say."""

_OURS = re.compile(r"(NEWSDESK|TELEGRAM)_", re.IGNORECASE)
_READ_BY_OTHERS = frozenset({"NEWSDESK_DEBUG"})


@dataclass(frozen=True)
class Layer:
    """Settings by name, and the place they stand in, which a stranger made unless `chosen`."""

    place: str
    values: Mapping[str, Any]
    chosen: bool = True


@dataclass(frozen=True)
class Gathered:
    """The settings in force, the place that each stands in, and what to tell about them."""

    values: Mapping[str, Any]
    places: Mapping[str, str]
    notices: Sequence[str]


def gather(
    names: frozenset[str],
    given: Mapping[str, Any],
    environment: Mapping[str, str],
    env_file: str | Path | None,
    home_of: Callable[[str | Path | None], Path],
) -> Gathered:
    """Gather the settings with some names from all places.

    `home_of` returns the home for a value of NEWSDESK_HOME, or without one.

    Raises:
        SettingsError: a file cannot be read.
    """
    notices: list[str] = []
    layers = [
        Layer("the command or program", given),
        Layer("the environment", _filled(environment)),
    ]
    if env_file is not None:
        layers.append(_read(Path(env_file)))
    layers += _beside(layers, home_of, notices)
    notices += _unknown(layers, names)
    layers = [_guarded(layer, layers, names, notices) for layer in layers]
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for layer in reversed(layers):
        known = {name: layer.values[name] for name in names if name in layer.values}
        values |= known
        places |= dict.fromkeys(known, layer.place)
    for layer in layers:
        taken = [name for name, place in places.items() if place == layer.place]
        if taken and not layer.chosen:
            notices.append(f"Taken from {layer.place}: {', '.join(sorted(taken))}.")
    return Gathered(values, places, notices)


def _beside(
    layers: Sequence[Layer], home_of: Callable[[str | Path | None], Path], notices: list[str]
) -> list[Layer]:
    """Read `.env` in the home and in the working folder, unless it is among `layers` already."""
    read = [layer.place for layer in layers if os.path.isabs(layer.place)]
    named = _in_force(HOME, layers)
    home = home_of(named.values[HOME] if named else None)
    nearby = _found(_FILE, [*read, str(home / _FILE)], notices, chosen=False)
    elsewhere = None if named else nearby.values.get(HOME)
    if elsewhere:
        home, read = home_of(elsewhere), [*read, nearby.place]
    own = _found(home / _FILE, read, notices, chosen=not elsewhere)
    kept = {name: value for name, value in own.values.items() if name != HOME}
    if len(kept) < len(own.values) and home_of(own.values[HOME]) != home:
        notices.append(
            f"{own.place} lies in the home, so its NEWSDESK_HOME is not taken: set it in the "
            "environment, or in a file that --env-file names."
        )
    return [replace(own, values=kept), nearby]


def _found(path: str | Path, others: Iterable[str], notices: list[str], *, chosen: bool) -> Layer:
    """Read a file, if it is there and none of `others`."""
    nothing = Layer(str(path), {}, chosen)
    if not os.path.exists(path) or any(_same(path, other) for other in others):
        return nothing
    if os.path.isfile(path):
        return _read(Path(os.path.abspath(path)), chosen=chosen)
    what = "a folder" if os.path.isdir(path) else "no ordinary file"
    notices.append(f"{os.path.abspath(path)} is {what}: no settings are read from it.")
    return nothing


def _same(one: str | Path, other: str) -> bool:
    return os.path.exists(other) and os.path.samefile(one, other)


def _read(path: Path, *, chosen: bool = True) -> Layer:
    """Read a file of NAME=value lines.

    `${NAME}` stands for a variable only in a file that was chosen: another could send it away.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {_reason(error)}.") from error
    for line in parse_stream(StringIO(text)):
        if line.error:
            raise SettingsError(
                f"{path} cannot be read from line {line.original.line} on: it takes NAME=value "
                "lines."
            )
    values = dotenv_values(stream=StringIO(text), interpolate=chosen)
    return Layer(os.path.abspath(path), _filled(values), chosen)


def _reason(error: OSError | UnicodeDecodeError) -> str:
    if isinstance(error, IsADirectoryError):
        return "it is a folder"
    return str(error.strerror) if isinstance(error, OSError) else "it is not UTF-8"


def _filled(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value.strip() for name, value in values.items() if value and value.strip()}


def _in_force(name: str, layers: Iterable[Layer]) -> Layer | None:
    """Return the first place that has a setting."""
    return next((layer for layer in layers if name in layer.values), None)


def _guarded(
    layer: Layer, layers: Sequence[Layer], names: frozenset[str], notices: list[str]
) -> Layer:
    """Leave out of a stranger's file what concerns a secret that it did not bring itself.

    Its address would have the key sent there; its administrators would command the bot.
    """
    if layer.chosen:
        return layer
    kept = {name: value for name, value in layer.values.items() if name not in _CHOSEN_ONLY}
    if taken_out := sorted(layer.values.keys() - kept.keys()):
        notices.append(
            f"Not taken from {layer.place}: {', '.join(taken_out)}. Set it in the environment, in "
            "the home's .env, or name the file with --env-file."
        )
    for prefix, secrets in _GUARDED.items():
        concerned = sorted(
            n for n in kept.keys() & names if n.startswith(prefix) and n not in secrets
        )
        owners = ((secret, _in_force(secret, layers)) for secret in secrets)
        others = [(secret, owner) for secret, owner in owners if owner not in (None, layer)]
        if concerned and others:
            secret, owner = others[0]
            notices.append(
                f"Not taken from {layer.place}: {', '.join(concerned)}, since {secret} comes from "
                f"{owner.place}. Set both in one place, or name the file with --env-file."
            )
            kept = {name: value for name, value in kept.items() if name not in concerned}
    return replace(layer, values=kept)


def _unknown(layers: Iterable[Layer], names: frozenset[str]) -> Iterator[str]:
    """Point out names that look like a setting's and are none, with the nearest that is one."""
    for layer in layers:
        for name in layer.values:
            if _OURS.match(name) and name not in names and name not in _READ_BY_OTHERS:
                nearest = max(names, key=lambda known: _likeness(name, known))
                yield f"{name} in {layer.place} is no setting: did you mean {nearest}?"


def _likeness(name: str, known: str) -> float:
    """Compare two names without their prefixes, which are few and say little."""
    one, other = (full.upper().partition("_")[2] for full in (name, known))
    return SequenceMatcher(None, one, other).ratio() + (one in other)
