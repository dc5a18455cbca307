"""The Telegram bot. Nothing here is imported before `newsdesk telegram` runs."""
