"""What `make demo` shows: the sample archive is read, and three questions are put to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NEWSDESK = (sys.executable, "-m", "bot")
QUESTIONS = (
    "Who co-chairs the Minsk Group?",
    "How many Russian peacekeepers will be deployed?",
    "Who won the World Cup in 2018?",
)


def main() -> int:
    """Run the commands a person would type, showing each; the first failure's exit status."""
    commands = [["ingest", "corpus/articles"], *(["ask", question] for question in QUESTIONS)]
    for command in commands:
        shown = " ".join(f'"{word}"' if " " in word else word for word in command)
        print(f"\n$ newsdesk {shown}", flush=True)
        status = subprocess.run([*NEWSDESK, *command], cwd=ROOT, check=False).returncode
        if status:
            return status
    width = min(shutil.get_terminal_size().columns, 80)
    home = os.path.relpath(os.environ.get("NEWSDESK_HOME", ""), ROOT)
    print(f"\n{'-' * width}\nAsk your own: make chat, or .venv/bin/newsdesk --home {home} chat")
    return 0


if __name__ == "__main__":
    sys.exit(main())
