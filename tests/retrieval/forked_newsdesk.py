"""Runs `newsdesk` commands, each as a process of its own, without importing everything anew.

Reads a command's arguments as a JSON list, and prints the process's id when it has started;
reads another line, and prints its exit status when it has ended (minus the signal's number where
one ended it). In between the id belongs to that process, dead or alive.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from typing import Any

import bot.cli
import retrieval.archive.storing
from bot.wiring import Desk
from retrieval.embeddings.encoder import OnnxEncoder
from retrieval.text.tokens import count_tokens
from tests.retrieval.archive_kit import BagEncoder

for module in ("chromadb.api.rust", "bot.pruning", "bot.settings", "corpus.reading", "markdown_it"):
    import_module(module)
count_tokens("")  # loads its vocabulary
retrieval.archive.storing._LONGEST_LOG = 100  # so that a small archive's vectors are merged too
vars_of_desk: Any = Desk
vars_of_desk.embedded = OnnxEncoder()  # it has no thread yet, so that children can use it
vars_of_desk.encoder = BagEncoder()  # what an ingest takes its time for is writing then

for line in sys.stdin:
    process = os.fork()
    if not process:
        status = 1
        try:
            os.dup2(os.open(os.devnull, os.O_RDWR), 1)
            sys.argv = ["newsdesk", *json.loads(line)]
            bot.cli.main()
            status = 0
        except SystemExit as ended:
            status = int(ended.code or 0)
        finally:
            os._exit(status)
    print(process, flush=True)
    sys.stdin.readline()
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
