"""Turns answers, articles and evaluations into terminal text, JSON and Telegram messages."""
