"""What the bot says and does in answer to an update."""
