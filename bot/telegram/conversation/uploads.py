"""Downloads the documents that admins send, and ingests them with `newsdesk ingest`.

The command runs in a process of its own, so a large file does not delay answers, and a crash does
not end the bot.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telegram import Document
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.processes import Ended, run_newsdesk
from bot.settings import Settings
from bot.telegram.conversation import texts
from corpus.cleaning import clean_line

LARGEST = 20 << 20
"""The most bytes that a bot may download; see `getFile` in the Bot API."""

_KINDS = (".txt", ".md", ".html", ".htm", ".json", ".jsonl")
_OUTCOMES = ("added", "updated", "unchanged", "rejected")
_INGEST_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Uploads:
    """Ingests documents into the archive of the settings."""

    bot: ExtBot[Any]
    settings: Settings

    def reads(self, document: Document) -> bool:
        """Return whether a document is of a kind and a size that can be ingested."""
        suffix = Path(safe_name(document.file_name or "")).suffix.lower()
        return suffix in _KINDS and (document.file_size or 0) <= LARGEST

    async def ingest(self, documents: Sequence[Document]) -> str:
        """Download documents and ingest them. Return the message for the admin."""
        how = texts.INGEST_HOW.format(kinds=" ".join(_KINDS), megabytes=LARGEST >> 20)
        readable = [document for document in documents if self.reads(document)]
        if not readable:
            return how
        said = [f"{_name(d)}: {how}" for d in documents if d not in readable]
        paths = []
        for document in readable:
            try:
                paths.append(await self._fetch(document))
            except (TelegramError, OSError) as error:
                said.append(_failed([_name(document)], clean_line(str(error))))
        if paths:
            said.insert(0, await self._read_in(paths))
        return "\n".join(said)

    async def _fetch(self, document: Document) -> Path:
        """Download a document and return its path.

        Its folder has the name of its content, so that two files of one name are two, and the
        same file sent twice is one.

        Raises:
            TelegramError: it cannot be downloaded.
            OSError: it cannot be written, or is too large.
        """
        file = await self.bot.get_file(document.file_id, read_timeout=60)
        fits = (file.file_size or 0) <= LARGEST
        content = bytes(await file.download_as_bytearray(read_timeout=60)) if fits else b""
        if not fits or len(content) > LARGEST:
            raise OSError(f"it is larger than {LARGEST >> 20} MB")
        folder = self.settings.home / "uploads" / hashlib.sha256(content).hexdigest()[:16]
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / safe_name(document.file_name or "")
        partial = path.with_name(path.name + ".part")
        partial.write_bytes(content)
        return partial.replace(path)

    async def _read_in(self, paths: Sequence[Path]) -> str:
        names = [path.name for path in paths]
        command = ("ingest", "--json", *map(str, paths))
        try:
            ended = await run_newsdesk(self.settings, *command, seconds=_INGEST_SECONDS)
        except TimeoutError:
            return _failed(names, f"it took longer than {_INGEST_SECONDS} s")
        return _report(ended, names)


def safe_name(name: str) -> str:
    """Return a safe file name: no directories, no reserved characters."""
    last = re.split(r"[/\\]", clean_line(name))[-1]
    cleaned = re.sub(r"[^\w.() -]", "_", last).lstrip(". ")
    stem, suffix = os.path.splitext(cleaned)
    return f"{stem[:80].strip() or 'document'}{suffix[:10]}"


def _name(document: Document) -> str:
    return clean_line(document.file_name or "") or "A document"


def _failed(names: Sequence[str], reason: str) -> str:
    return texts.INGEST_FAILED.format(names=", ".join(names), reason=reason)


def _report(ended: Ended, names: Sequence[str]) -> str:
    try:
        report = json.loads(ended.out)
        counts = ", ".join(f"{len(report[outcome])} {outcome}" for outcome in _OUTCOMES)
        rejected = [
            f"• {Path(item['uri']).name}: {item['reason']}" for item in report["rejected"][:10]
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return _failed(names, ended.last_line)
    lines = [f"{', '.join(names)}: {counts}.", *rejected]
    if unclear := len(report.get("ambiguous_date", [])):
        lines.append(texts.AMBIGUOUS_DATE.format(count=unclear))
    return "\n".join(lines)
