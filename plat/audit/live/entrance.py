"""How an audit gets into a server: as its administrator."""

from __future__ import annotations

from dataclasses import dataclass, field


class UnreadableServer(Exception):  # noqa: N818 - named for what happens, not for Python
    """A server that does not answer, or not to its administrator. The message is for the user."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """Where a server is and who its administrator is; the password is kept out of every text."""

    host: str
    port: int
    admin_user: str
    admin_password: str = field(repr=False)
