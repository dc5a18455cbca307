"""Draw docs/telegram-chat.svg: a chat with the real bot over the sample archive.

    .venv/bin/python -m scripts.render_chat

The bot runs at the tests' Bot API server.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.conftest import SAMPLE_ARCHIVE, Newsdesk
from tests.telegram.botapi import BotApi
from tests.telegram.bots import BotProcess
from tests.telegram.chat_picture import ROOT, SVG, converse, draw


def main() -> int:
    """Have the chat and draw it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        newsdesk = Newsdesk(folder / "sample", folder)
        newsdesk("ingest", SAMPLE_ARCHIVE).check_returncode()
        api = BotApi().start()
        bot = BotProcess.at(api, newsdesk, folder)
        try:
            bot.start()
            SVG.write_text(draw(converse(api.person("Ann")), str(api.me["first_name"])), "utf-8")
        finally:
            bot.end()
            api.stop()
    print(f"{SVG.relative_to(ROOT)}: {SVG.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
