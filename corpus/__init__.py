"""Reads articles from files of many formats, and cleans their text."""
