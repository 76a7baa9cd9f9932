"""Booking's anti-corruption layer in front of Authentication: a login identity goes in, a Guest comes out.

Nothing else of Booking knows what Authentication calls things, so that a change there ends here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from samples.fields import line
from samples.upstream import Upstream, UpstreamRefusedError
from samples.web import Problem


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who eats at a restaurant, and how to reach them."""

    guest_id: str
    email: str


class Guests:
    """Guests as Booking sees them."""

    def __init__(self, authentication: Upstream) -> None:
        self._authentication = authentication

    def of_session(self, session: str) -> Guest:
        """The guest whose session it is. Raises Problem 401 where it is nobody's, UpstreamDownError."""
        try:
            identity = self._authentication.tell("IdentifyUser", {"session": session})
        except UpstreamRefusedError as refused:
            raise Problem(HTTPStatus.UNAUTHORIZED, f"log in first: {refused}") from None
        return guest_of(identity)


def guest_of(identity: Mapping[str, Any]) -> Guest:
    """The guest that a login identity stands for. Raises MalformedError."""
    return Guest(guest_id=line(identity, "user_id"), email=line(identity, "email"))
