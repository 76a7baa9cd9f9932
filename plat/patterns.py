"""The patterns in which RabbitMQ writes rights: made, so that they match certain names and no other, and read.

RabbitMQ looks for a match anywhere in a name, and takes the empty pattern for `^$`
(https://www.rabbitmq.com/docs/access-control). So only an anchored list of escaped names says which names it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

NOTHING = "^$"
"""Matches no exchange and no queue, as a name is never empty."""

_ANCHORED = re.compile(r"\^(?P<open>\((?:\?:)?)?(?P<names>(?:[^\\]|\\.)*?)(?(open)\))\$", re.DOTALL)
_LITERAL = re.compile(r"(?:[\w\-/:@#,; ]|\\[^\w\s])*", re.ASCII)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def any_of(names: Iterable[str]) -> str:
    """A pattern that matches exactly `names`: RabbitMQ matches a pattern anywhere in a name unless it is anchored."""
    escaped = "|".join(re.escape(name) for name in sorted(names))
    return f"^(?:{escaped})$" if escaped else NOTHING


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
