"""What the bot keeps in its SQLite file."""
