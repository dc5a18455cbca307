"""The archive for assistants: tools and resources of the Model Context Protocol."""

from bot.serving.mcp.server import streamable

__all__ = ["streamable"]
