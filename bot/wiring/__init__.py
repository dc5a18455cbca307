"""Builds what Newsdesk is made of from settings; nothing else builds clients."""

from bot.wiring.desk import Desk

__all__ = ["Desk"]
