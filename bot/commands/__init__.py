"""One module a command of `newsdesk`. Whatever is slow to import is imported by the command."""
