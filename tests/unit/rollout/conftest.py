from __future__ import annotations

from collections.abc import Sequence

from plat.plan.model import Plan
from plat.plan.shares import ACCESS, Share


def some(**needs: Sequence[str]) -> dict[str, Share]:
    """Shares with nothing in them, each with those that it needs."""
    nothing = Plan("shop", "test", {}, (), (), None, (), (), (), (), ())
    return {
        name: Share(nothing, (), (), (), name, name.removesuffix(ACCESS), f"{name}-team", needs=tuple(needed))
        for name, needed in needs.items()
    }
