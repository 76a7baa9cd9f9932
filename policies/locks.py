"""What secrets open, and who is given which."""

from __future__ import annotations

from dataclasses import dataclass

from plat.claims import Origin


@dataclass(frozen=True, slots=True)
class Lock:
    """What a secret opens: a context's things, or the platform's."""

    owner: str
    label: str
    stores: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holder:
    """Who is given `texts`, by field; `own` are the labels of what it opens without being any context's."""

    name: str
    contexts: tuple[str, ...]
    texts: tuple[tuple[str, str], ...]
    origin: Origin
    own: frozenset[str] = frozenset()
