"""`python -m bot` is `newsdesk`."""

from bot.cli import main

if __name__ == "__main__":
    main()
