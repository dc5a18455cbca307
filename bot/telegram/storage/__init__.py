"""The bot's SQLite file: updates, outbox, conversations, feedback and quotas."""
