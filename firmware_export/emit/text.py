"""Text of strangers as text of C."""

from __future__ import annotations

import re

LONGEST_NAME = 80


def comment_text(text: str) -> str:
    """Any text as one that can neither end a comment, nor begin one, nor upset a compiler: it is from a stranger."""
    return re.sub(r"[^0-9A-Za-z_.:/ -]", "_", text)[:LONGEST_NAME]
