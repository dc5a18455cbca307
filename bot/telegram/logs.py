"""Formats log records as text or JSON lines, without the bot's token."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import warnings
from typing import Any
from urllib.parse import quote

_TOKEN = re.compile(r"\b\d{5,}(?::|%3A)[\w-]{20,}", re.I)
HIDDEN = "<token>"


class Redactor:
    """Removes the bot's token from texts, and anything that looks like a token."""

    def __init__(self, token: str) -> None:
        self._spellings = sorted({token, quote(token, safe="")} - {""}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """Return the text with `HIDDEN` in place of tokens."""
        for spelling in self._spellings:
            text = text.replace(spelling, HIDDEN)
        return _TOKEN.sub(HIDDEN, text)


class Lines(logging.Formatter):
    """Formats a record with its traceback, and removes tokens from it."""

    def __init__(self, redact: Redactor, *, as_json: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redact = redact
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record; in text mode, fields follow the message as name=value."""
        fields: dict[str, Any] = getattr(record, "fields", {})
        known = {name: value for name, value in fields.items() if value is not None}
        if not self._as_json:
            line = super().format(record)
            pairs = (f"{name}={json.dumps(value)}" for name, value in known.items())
            return self._redact(" ".join([line, *pairs]))
        entry: dict[str, Any] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        } | known
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return self._redact(json.dumps(entry, ensure_ascii=False, default=str))


def set_up(redact: Redactor, *, level: str, as_json: bool, texts: bool) -> None:
    """Send all logging to stderr.

    Libraries log warnings and errors only, unless `level` is debug. The Telegram library logs
    nothing unless `texts` is set too, as its lines show what people wrote.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(redact, as_json=as_json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    wanted = getattr(logging, level.upper())
    root.setLevel(wanted if level == "debug" else max(wanted, logging.WARNING))
    logging.getLogger("newsdesk").setLevel(wanted)
    if not (texts and level == "debug"):
        # The bot itself logs the same errors, in fewer words.
        logging.getLogger("telegram").setLevel(logging.CRITICAL)
    logging.captureWarnings(True)
    # The library warns at every 429; `seconds` reads both types of the attribute.
    warnings.filterwarnings("ignore", message=r".*attribute `retry_after` will be of type")
