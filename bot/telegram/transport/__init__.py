"""Between the bot and Telegram: updates in, messages out, within Telegram's limits."""
