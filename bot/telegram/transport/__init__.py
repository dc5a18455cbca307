"""Receives updates from Telegram and sends messages, within its rate limits."""
