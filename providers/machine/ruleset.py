"""Which texts may become a machine's firewall: one table of ours, so that whatever else filters there stays as it is."""

from __future__ import annotations

import re

TABLE = "inet plat"

_PIECES = re.compile(
    r"""
      (?P<skip>\s+|;|\#[^\n]*)
    | (?P<quoted>"[^"\n]*")
    | (?P<brace>[{}])
    | (?P<word>[^\s;{}"\#]+)
    | (?P<other>.)
    """,
    re.VERBOSE,
)


def own_table_alone(text: str) -> str:
    """Return `text` where it is the one table `inet plat` in nft's language (nft(8)). Raises ValueError otherwise.

    Whether the rules in it make sense is what `nft --check` on the machine says.
    """
    depth, outside, tables = 0, [], 0
    for piece in _PIECES.finditer(text):
        kind, found = piece.lastgroup, piece.group()
        if kind == "skip":
            continue
        if kind == "other":
            msg = f"a quote in line {text.count(chr(10), 0, piece.start()) + 1} is not closed"
            raise ValueError(msg)
        if kind == "word" and found == "include":
            msg = "`include` takes rules from files of the machine, which nobody here knows"
            raise ValueError(msg)
        if found == "{" and kind == "brace":
            if depth == 0:
                if outside != ["table", *TABLE.split()]:
                    raise ValueError(_alone(outside))
                outside, tables = [], tables + 1
            depth += 1
        elif found == "}" and kind == "brace":
            depth -= 1
            if depth < 0:
                break
        elif depth == 0:
            outside.append(found)
    if depth:
        msg = "its braces do not match"
        raise ValueError(msg)
    if outside or tables != 1:
        raise ValueError(_alone(outside))
    return text


def _alone(found: list[str]) -> str:
    other = f", and `{' '.join(found[:4])}` is something else" if found else ""
    return f"it has to be `table {TABLE} {{ ... }}`, once and nothing else{other}"
