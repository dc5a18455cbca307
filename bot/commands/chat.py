"""`newsdesk chat`: a conversation in the terminal."""

from __future__ import annotations

from bot.commands.common import EngineChoice, EnvFile, Home, open_archive
from bot.commands.narrowing import AsOf, FromDay, Outlets, Retrieved, UntilDay, day_of, narrowed


def chat(
    since: FromDay = None,
    until: UntilDay = None,
    sources: Outlets = None,
    as_of: AsOf = None,
    retrieved: Retrieved = None,
    engine: EngineChoice = None,
    home: Home = None,
    env_file: EnvFile = None,
) -> None:
    """Ask questions one after another.

    A follow-up knows what was said before. In the chat, /sources shows the quotes of the last
    answer in their context, /open 1 opens a source, /filter source:BBC narrows the conversation,
    /new forgets it and /quit leaves. Ctrl-C stops an answer, Ctrl-D leaves.
    """
    from bot.console import converse

    filters, day = narrowed(since, until, sources), day_of(as_of)
    converse(open_archive(home, env_file, engine, retrieved=retrieved), filters, day)
