"""Tells titles from names of files in what documents declare of themselves."""

from __future__ import annotations

import re

LONGEST_TITLE = 200

_FILE_NAME = re.compile(
    r"\.(?:docx?|pdf|indd|qx[dp]|odt|rtf|txt|html?|p65|pub|pages|ai|eps|tex|dvi|pptx?|xlsx?)\b"
    r"|\A(?:microsoft \w+|untitled|document|layout|slide|print|doc|page|scan)\b[\W\d]*"
    r"(?:- .*)?\Z|\A\S*_\S*\Z|\Ahttps?:",
    re.IGNORECASE,
)


def reads_like_title(text: str) -> bool:
    """Say whether a declared title is one: words, and not the name of a file or a program."""
    return (
        len(text.split()) >= 2
        and len(text) <= LONGEST_TITLE
        and sum(map(str.isalpha, text)) * 2 > len(text)
        and not is_file_name(text)
    )


def is_file_name(text: str) -> bool:
    """Say whether a declared name is that of a file or a program."""
    return _FILE_NAME.search(text) is not None
