"""`newsdesk chat`: a conversation in the terminal."""

from __future__ import annotations

from bot.commands.common import EngineChoice, EnvFile, Home, open_archive


def chat(engine: EngineChoice = None, home: Home = None, env_file: EnvFile = None) -> None:
    """Ask questions one after another.

    A follow-up knows what was said before. In the chat, /sources shows the quotes of the last
    answer in their context, /open 1 opens a source, /new forgets the conversation and /quit
    leaves. Ctrl-C stops an answer, Ctrl-D leaves.
    """
    from bot.console import converse

    converse(open_archive(home, env_file, engine))
