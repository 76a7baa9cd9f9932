"""The patterns in which RabbitMQ writes rights: made, so that they match certain names and no other."""

from __future__ import annotations

import re
from collections.abc import Iterable

NOTHING = "^$"
"""Matches no exchange and no queue, as a name is never empty."""


def any_of(names: Iterable[str]) -> str:
    """A pattern that matches exactly `names`: RabbitMQ matches a pattern anywhere in a name unless it is anchored."""
    escaped = "|".join(re.escape(name) for name in sorted(names))
    return f"^(?:{escaped})$" if escaped else NOTHING
