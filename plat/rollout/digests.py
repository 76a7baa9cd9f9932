"""The digests of shares: by them it is told whether an update of a stack would do the same again."""

from __future__ import annotations

from collections.abc import Collection

from plat.meanwhile import meanwhile
from plat.plan.model import Texts
from plat.plan.shares import Share

_MANY = 200
"""Of so many shares the digests take longer than to copy this process."""


class Digests:
    """Makes each share's digest once."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Share, str]] = {}
        self._texts = Texts()

    def of(self, share: Share) -> str:
        """The digest of `share`."""
        if id(share) not in self._made:
            self.make([share])
        return self._made[id(share)][1]

    def make(self, shares: Collection[Share]) -> None:
        """Makes those that will be asked for, half of many on the next processor."""
        shares = [share for share in shares if id(share) not in self._made]
        half = len(shares) // 2 if len(shares) > _MANY else len(shares)
        here, there = shares[:half], shares[half:]
        made = meanwhile(lambda: [share.digest_by(self._texts) for share in there]) if there else list
        digests = [*[share.digest_by(self._texts) for share in here], *made()]
        # Kept with what they are of: an id is another's once that is gone.
        self._made.update((id(share), (share, digest)) for share, digest in zip(shares, digests, strict=True))
