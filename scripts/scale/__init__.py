"""Measures how Newsdesk grows with its archive: `make bench-scale`."""
