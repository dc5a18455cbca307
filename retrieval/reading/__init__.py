"""Reads a question and a passage together: does it answer, with which sentence and words."""
