"""Checks a text of one's own against the archive, sentence by sentence."""
