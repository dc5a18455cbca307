"""An answer as a terminal, a program or a chat shows it."""
