"""Serves one assistant over stdin and stdout, until it leaves or a signal comes."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from contextlib import suppress
from io import RawIOBase
from threading import Thread
from typing import TYPE_CHECKING

from bot.serving.mcp.server import build_server
from bot.serving.mcp.tools import Tools
from retrieval.errors import NewsdeskError

if TYPE_CHECKING:
    from bot.wiring import Desk

_STDIN = 0
_AT_ONCE = 1 << 16

_log = logging.getLogger("newsdesk.mcp")


def run(desk: Desk) -> None:
    """Serve until stdin is closed, or until SIGTERM or Ctrl-C, which close it too.

    Only the protocol is written to stdout: what else is printed goes to stderr.
    """
    pipe = _pipe_as_stdin()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: pipe.close())
    asyncio.run(_serve(desk))


async def _serve(desk: Desk) -> None:
    tools = Tools(desk)
    server = build_server(desk, tools)
    loading = asyncio.create_task(asyncio.to_thread(_load, tools))
    try:
        await server.run_stdio_async()
    finally:
        await loading  # the desk must not be closed under it


def _load(tools: Tools) -> None:
    """Load while the assistant shakes hands and reads what there is."""
    try:
        tools.load()
    except NewsdeskError as error:  # each tool says so too
        _log.error("%s", error)


def _pipe_as_stdin() -> RawIOBase:
    """Have stdin come through a pipe, and return the pipe's other end.

    Whoever reads stdin cannot be stopped otherwise. Closing the pipe ends the input.
    """
    source = os.dup(_STDIN)
    reading, writing = os.pipe()
    os.dup2(reading, _STDIN)
    os.close(reading)
    pipe = open(writing, "wb", buffering=0)  # noqa: SIM115 - closed by the end of the input

    def copy() -> None:
        with pipe, suppress(OSError, ValueError):  # closed meanwhile
            while data := os.read(source, _AT_ONCE):
                pipe.write(data)

    Thread(target=copy, daemon=True).start()
    return pipe
