"""Reads the patterns in which RabbitMQ writes rights.

RabbitMQ looks for a match anywhere in a name, and takes the empty pattern for `^$`
(https://www.rabbitmq.com/docs/access-control). So only an anchored list of escaped names says which names it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_ANCHORED = re.compile(r"\^(?P<open>\((?:\?:)?)?(?P<names>(?:[^\\]|\\.)*?)(?(open)\))\$", re.DOTALL)
_LITERAL = re.compile(r"(?:[\w\-/:@#,; ]|\\[^\w\s])*", re.ASCII)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def named_by(pattern: str) -> tuple[str, ...] | None:
    """The names that `pattern` matches, and no other ever will; None where it is more than a list of names."""
    if not pattern:
        return ()
    anchored = _ANCHORED.fullmatch(pattern)
    if not anchored:
        return None
    parts = re.split(r"(?<!\\)\|", anchored["names"])
    if any(not _LITERAL.fullmatch(part) for part in parts) or (len(parts) > 1 and not anchored["open"]):
        return None
    return tuple(name for part in parts if (name := _ESCAPE.sub(r"\1", part)))


def matched_by(pattern: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that `pattern` matches in RabbitMQ's way; all of them where Python cannot read it."""
    try:
        compiled = re.compile(pattern or "^$")
    except re.error:
        return tuple(sorted(names))
    return tuple(sorted(name for name in names if compiled.search(name)))
