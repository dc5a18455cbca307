"""`newsdesk serve`: the API and the page."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.commands.common import EngineChoice, EnvFile, Home, open_archive
from retrieval.errors import ArchiveError


def serve(
    host: Annotated[
        str, typer.Option("--host", metavar="HOST", help="The address to listen at.")
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option("--port", metavar="PORT", min=0, max=65535, help="The port; 0 is a free one."),
    ] = 8000,
    engine: EngineChoice = None,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Serve the archive over HTTP until Ctrl-C or SIGTERM.

    Programs find OpenAI's API below /v1, a browser the page. Elsewhere than on this machine, each
    needs a token: see NEWSDESK_API_TOKENS in `.env.example`. It logs to stderr.
    """
    desk = open_archive(home, env_file, engine)
    if not desk.is_begun or desk.catalog.is_empty():
        raise ArchiveError("The archive is empty: add articles with `newsdesk ingest FOLDER`.")
    from bot.serving.app import build_app
    from bot.serving.server import address_of, listen, run
    from bot.telegram.logs import Redactor, set_up

    settings = desk.settings
    app = build_app(desk, host)
    with listen(host, port) as listener:
        desk.check_engine()
        _ = desk.assistant  # what is wrong with it is told in one line
        set_up(Redactor(""), level=settings.log_level, as_json=settings.log == "json", texts=False)
        print(f"Serving {address_of(listener, host)}", flush=True)
        run(app, listener)
