"""Log lines: text, or an object a line; never with the bot's token in them."""

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
    """Takes the token out of texts, and whatever looks like one."""

    def __init__(self, token: str) -> None:
        self._spellings = sorted({token, quote(token, safe="")} - {""}, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text without tokens."""
        for spelling in self._spellings:
            text = text.replace(spelling, HIDDEN)
        return _TOKEN.sub(HIDDEN, text)


class Lines(logging.Formatter):
    """Formats a record, its traceback included, and redacts the result."""

    def __init__(self, redact: Redactor, *, as_json: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._redact = redact
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record; in text, fields follow the message as name=value."""
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
    """Send all logging to stderr; the libraries' own only where something is wrong with them,
    unless everything is asked for. The Telegram library's would show what people wrote."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(redact, as_json=as_json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    wanted = getattr(logging, level.upper())
    root.setLevel(wanted if level == "debug" else max(wanted, logging.WARNING))
    logging.getLogger("newsdesk").setLevel(wanted)
    if not (texts and level == "debug"):
        # What it logs is logged here too, in fewer words.
        logging.getLogger("telegram").setLevel(logging.CRITICAL)
    logging.captureWarnings(True)
    # Said of every 429; what `seconds` makes of it will do then, too.
    warnings.filterwarnings("ignore", message=r".*attribute `retry_after` will be of type")
