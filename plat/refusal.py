"""What stops a landscape from being provisioned, or whatever was asked for from being done."""

from __future__ import annotations

from collections.abc import Iterable


class Refusal(Exception):  # noqa: N818 - named for what happens, not for Python
    """A landscape that must not be provisioned. `lines` say why, each a message for the user."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


class Unreadable(Refusal):
    """Something that was asked for is not there or cannot be read."""
