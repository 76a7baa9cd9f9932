"""Which shares a run is about, by what it is called with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plat.descriptors.suggest import did_you_mean
from plat.plan.shares import Head


class NotThere(Exception):  # noqa: N818 - named for what happens, not for Python
    """No unit or share has that name. The message is for the user."""


def selected(shares: Mapping[str, Head], names: Sequence[str]) -> Mapping[str, Head]:
    """The shares that are meant by `names` of units and of shares; all of them by none. Raises NotThere.

    A unit's access is brought up with it: what the platform gives it follows from the same descriptors.
    """
    units = {share.unit for share in shares.values()}
    for name in names:
        if name not in units and name not in shares:
            known = sorted({*units, *shares})
            msg = f"there is no unit `{name}`: {did_you_mean(name, known) or 'there are: ' + ', '.join(sorted(units))}"
            raise NotThere(msg)
    return {name: share for name, share in shares.items() if not names or name in names or share.unit in names}
