"""Handles updates: access, questions, commands, buttons and inline queries."""
