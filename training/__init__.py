"""Makes the reader that ships with Newsdesk: its data, its training, its export."""
