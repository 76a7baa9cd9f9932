from __future__ import annotations

from collections.abc import Sequence

from plat.plan.shares import ACCESS, Head
from plat.stacks import StackName


def some(**needs: Sequence[str]) -> dict[str, Head]:
    """Heads of shares, each with those that it needs."""
    return {
        name: Head(
            stack=StackName("shop", "test", name),
            unit=name.removesuffix(ACCESS),
            team=f"{name}-team",
            needs=tuple(needed),
            giver=None,
            digest=f"digest of {name}",
        )
        for name, needed in needs.items()
    }
