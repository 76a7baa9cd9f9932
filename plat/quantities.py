"""Sizes as descriptors and environments write them."""

from __future__ import annotations

_UNITS = {"Mi": 1, "Gi": 1024, "Ti": 1024**2}


def mebibytes(quantity: str) -> int:
    """The size that `20Gi` or the like says, in MiB."""
    return int(quantity[:-2]) * _UNITS[quantity[-2:]]
