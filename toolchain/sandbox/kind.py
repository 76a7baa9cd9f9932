"""What a sandbox is called, and by which commands it is made and ended: what its errors tell."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of sandbox; there is one of each on a machine."""

    name: str
    made_of: str
    set_up: str
    down: str
