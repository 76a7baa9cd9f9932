"""Texts of others in Markdown: what a team wrote must read as text, not as markup."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_\[\]<>#|&~$])")


def escaped(text: str) -> str:
    """Give a text on one line in which nothing is markup (CommonMark, 'Backslash escapes')."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
