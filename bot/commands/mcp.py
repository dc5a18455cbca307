"""`newsdesk mcp`: the archive for an assistant that starts this command."""

from __future__ import annotations

from bot.commands.common import EngineChoice, EnvFile, Home, open_desk


def mcp(engine: EngineChoice = None, home: Home = None, env_file: EnvFile = None) -> None:
    """Serve the archive to an assistant, over stdin and stdout.

    They speak the Model Context Protocol. An assistant such as Claude Desktop starts it: have it
    run `newsdesk` with the argument `mcp`. It can then search, ask, read, check a text and see
    what is new. It logs to stderr.
    """
    desk = open_desk(home, env_file, engine)
    from bot.serving.mcp.stdio import run
    from bot.telegram.logs import Redactor, set_up

    settings = desk.settings
    set_up(Redactor(""), level=settings.log_level, as_json=settings.log == "json", texts=False)
    run(desk)
