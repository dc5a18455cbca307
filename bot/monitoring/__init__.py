"""Health, figures and traces of a process that serves or answers in Telegram."""
