"""The markers by which an answer cites its sources: `[1]`, and `[1, 2]` as models write it too."""

from __future__ import annotations

import re

MARKER = re.compile(r"\[(\d+)\]")
"""One marker; its group is the number."""

MARKER_OF_SEVERAL = re.compile(r"\[\d[\d,\s]*\]")
"""One marker, of one number or of several."""
