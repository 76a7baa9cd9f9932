"""What a user reads about a rule: what it demands, why, how to comply, and whose wisdom it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plat.findings import Severity


class Group(StrEnum):
    """What a rule is about. The order is the one in which a reader should meet them."""

    FENCES = "Fences around contexts"
    AUDIT = "What there really is"
    MAP = "The context map"
    LINKS = "What descriptors say of each other"
    VALUES = "What one descriptor says"
    FILES = "Files and their YAML"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One rule as `plat explain` and reports tell of it.

    `id` is what findings show in brackets; `title` says in one sentence what must hold; `severity` is that of its findings;
    `example` is YAML that complies, or empty where none helps; `exceptable` tells whether `exceptions` in landscape.yaml
    may accept a finding for a while.
    """

    id: str
    title: str
    severity: Severity
    why: str
    fix: str
    source: str
    example: str = ""
    exceptable: bool = False
    group: Group = Group.FENCES
