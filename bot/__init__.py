"""Command line and Telegram bot. Only this package reads the environment or builds clients."""
