"""The check of written sentences: is each borne out by the passages? See README.md."""
