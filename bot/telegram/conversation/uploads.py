"""Downloads the documents that admins send, and ingests them with `newsdesk ingest`.

The command runs in a process of its own, so a large file does not delay answers, and a crash does
not end the bot.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from telegram import Document
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.settings import Settings
from bot.telegram.conversation import texts
from corpus.cleaning import clean_line

LARGEST = 20 << 20
"""The most bytes that a bot may download; see `getFile` in the Bot API."""

_KINDS = (".txt", ".md", ".html", ".htm", ".json", ".jsonl")
_INGEST_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Uploads:
    """Ingests documents into the archive of the settings."""

    bot: ExtBot[Any]
    settings: Settings

    async def ingest(self, document: Document | None) -> str:
        """Download a document and ingest it. Return the message for the admin."""
        megabytes = LARGEST >> 20
        how = texts.INGEST_HOW.format(kinds=" ".join(_KINDS), megabytes=megabytes)
        if document is None:
            return how
        name = safe_name(document.file_name or "")
        if Path(name).suffix.lower() not in _KINDS or (document.file_size or 0) > LARGEST:
            return how
        folder = self.settings.home / "uploads"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        try:
            await self._fetch(document, path)
        except (TelegramError, OSError) as error:
            return texts.INGEST_FAILED.format(reason=clean_line(str(error)))
        return await self._read_in(path)

    async def _fetch(self, document: Document, path: Path) -> None:
        """Download a document to `path`; an existing file is replaced at once.

        Raises:
            TelegramError: it cannot be downloaded.
            OSError: it cannot be written, or is too large.
        """
        file = await self.bot.get_file(document.file_id, read_timeout=60)
        partial = path.with_name(path.name + ".part")
        fetched = await file.download_to_drive(partial, read_timeout=60)
        if fetched != partial:  # a local Bot API server returns the path of its own file
            shutil.copyfile(fetched, partial)
        if partial.stat().st_size > LARGEST:
            partial.unlink()
            raise OSError(f"it is larger than {LARGEST >> 20} MB")
        partial.replace(path)

    async def _read_in(self, path: Path) -> str:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("TELEGRAM_")
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "ingest", "--json", str(path)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment | self.settings.as_environment() | {"PYTHONIOENCODING": "utf-8"},
        )
        try:
            async with asyncio.timeout(_INGEST_SECONDS):
                out, said = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            return texts.INGEST_FAILED.format(reason=f"it took longer than {_INGEST_SECONDS} s")
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
        return _report(out.decode("utf-8", "replace"), said.decode("utf-8", "replace"), path)


def safe_name(name: str) -> str:
    """Return a safe file name: no directories, no reserved characters."""
    last = re.split(r"[/\\]", clean_line(name))[-1]
    cleaned = re.sub(r"[^\w.() -]", "_", last).lstrip(". ")
    stem, suffix = os.path.splitext(cleaned)
    return f"{stem[:80].strip() or 'document'}{suffix[:10]}"


def _report(out: str, said: str, path: Path) -> str:
    try:
        report = json.loads(out)
        counts = ", ".join(f"{len(uris)} {outcome}" for outcome, uris in report.items())
        rejected = [f"• {path.name}: {item['reason']}" for item in report["rejected"][:10]]
    except (ValueError, KeyError, TypeError, AttributeError):
        lines = said.strip().splitlines() or ["it ended without a word"]
        return texts.INGEST_FAILED.format(reason=lines[-1].removeprefix("newsdesk: "))
    return "\n".join([f"{path.name}: {counts}.", *rejected])
