"""Reads the patterns in which RabbitMQ writes rights.

RabbitMQ looks for a match anywhere in a name, and takes the empty pattern for `^$`
(https://www.rabbitmq.com/docs/access-control). So only an anchored list of escaped names says which names it means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from plat.patterns import named_by

__all__ = ["matched_by", "named_by"]


def matched_by(pattern: str, names: Iterable[str]) -> tuple[str, ...]:
    """Those of `names` that `pattern` matches in RabbitMQ's way; all of them where Python cannot read it."""
    try:
        compiled = re.compile(pattern or "^$")
    except re.error:
        return tuple(sorted(names))
    return tuple(sorted(name for name in names if compiled.search(name)))
