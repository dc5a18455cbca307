"""The commands of `newsdesk`, one module each. A command imports what is slow when it runs."""
