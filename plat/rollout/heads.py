"""The heads of shares: what a run over all of them goes by."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from plat.meanwhile import meanwhile
from plat.plan.model import Texts
from plat.plan.shares import Head, Share

_MANY = 200
"""Of so many shares the digests take longer than to copy this process."""


def heads_of(shares: Collection[Share]) -> Mapping[str, Head]:
    """The heads of `shares` by name. Half of many are made on the next processor."""
    texts, shares = Texts(), tuple(shares)
    half = len(shares) // 2 if len(shares) > _MANY else len(shares)
    here, there = shares[:half], shares[half:]
    made = meanwhile(lambda: [share.head(texts) for share in there]) if there else list
    heads = (*[share.head(texts) for share in here], *made())
    return {head.name: head for head in heads}
