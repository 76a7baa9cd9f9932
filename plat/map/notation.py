"""The field's short signs for the patterns of the context map, and at which end of a relation each of them stands.

After Eric Evans, Domain-Driven Design Reference (2015), 'Context Mapping for Strategic Design', as Context Mapper and the DDD
Crew's starter kit abbreviate it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from plat.descriptors.parts import Pattern, Role

MEANINGS: Final[Mapping[str, str]] = {
    "U": "upstream",
    "D": "downstream",
    "OHS": "open host service",
    "PL": "published language",
    "S": "supplier",
    "C": "customer",
    "CF": "conformist",
    "ACL": "anti-corruption layer",
    "P": "partnership",
    "SK": "shared kernel",
    "SW": "separate ways",
}
"""Each sign with its meaning, in the order in which signs are written beside each other."""

SYMMETRIC: Final[Mapping[Pattern, str]] = {"partnership": "P", "shared-kernel": "SK", "separate-ways": "SW"}
_UPSTREAM: Final[Mapping[Pattern, str]] = {
    "open-host-service": "OHS",
    "published-language": "PL",
    "customer-supplier": "S",
}
_DOWNSTREAM: Final[Mapping[Pattern, str]] = {
    "customer-supplier": "C",
    "conformist": "CF",
    "anti-corruption-layer": "ACL",
}
PATTERN_OF_ROLE: Final[Mapping[Role, Pattern]] = {
    "customer": "customer-supplier",
    "conformist": "conformist",
    "partner": "partnership",
}


def upstream_marks(patterns: Iterable[Pattern]) -> tuple[str, ...]:
    """Give what stands at the upstream's end of a relation with these patterns: `U`, then its patterns."""
    return _marks("U", _UPSTREAM, patterns)


def downstream_marks(patterns: Iterable[Pattern]) -> tuple[str, ...]:
    """Give what stands at the downstream's end of a relation with these patterns: `D`, then its patterns."""
    return _marks("D", _DOWNSTREAM, patterns)


def in_order(marks: Iterable[str]) -> tuple[str, ...]:
    """Give marks in the order in which they are written, each once."""
    found = set(marks)
    return tuple(sign for sign in MEANINGS if sign in found)


def _marks(end: str, signs: Mapping[Pattern, str], patterns: Iterable[Pattern]) -> tuple[str, ...]:
    known = {**signs, **SYMMETRIC}
    return in_order([end, *(known[pattern] for pattern in patterns if pattern in known)])
