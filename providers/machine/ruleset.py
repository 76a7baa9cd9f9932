"""Which texts may become a machine's firewall: one table of ours, so that whatever else filters there stays as it is."""

from __future__ import annotations

import re
from itertools import accumulate

TABLE = "inet plat"

_PIECES = re.compile(
    r"""
      (?P<skip>\s+|;|\#[^\n]*)
    | (?P<piece>"[^"\n]*"|[{}]|[^\s;{}"\#]+)
    | (?P<other>.)
    """,
    re.VERBOSE,
)
_BEGINNING = ["table", *TABLE.split(), "{"]


def own_table_alone(text: str) -> str:
    """Return `text` where it is the one table `inet plat` in nft's language (nft(8)). Raises ValueError otherwise.

    Whether the rules in it make sense is what `nft --check` on the machine says.
    """
    found = [match for match in _PIECES.finditer(text) if match.lastgroup != "skip"]
    for other in (match for match in found if match.lastgroup == "other"):
        line = text.count("\n", 0, other.start()) + 1
        msg = f"a quote in line {line} is not closed"
        raise ValueError(msg)
    pieces = [match.group() for match in found]
    if "include" in pieces:
        msg = "`include` takes rules from files of the machine, which nobody here knows"
        raise ValueError(msg)
    # How many braces are open behind each piece: none for the first time behind the end of the table.
    depths = list(accumulate((piece == "{") - (piece == "}") for piece in pieces))
    if pieces[: len(_BEGINNING)] != _BEGINNING or 0 not in depths[len(_BEGINNING) :]:
        msg = f"it has to be `table {TABLE} {{ ... }}`, with braces that match"
        raise ValueError(msg)
    end = depths.index(0, len(_BEGINNING)) + 1
    if pieces[end:]:
        msg = f"nothing may stand behind `table {TABLE} {{ ... }}`, as `{' '.join(pieces[end : end + 4])}` does"
        raise ValueError(msg)
    return text
