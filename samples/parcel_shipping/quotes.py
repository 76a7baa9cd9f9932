"""Shipping's anti-corruption layer in front of Pricing: a rate snapshot goes in, a Quote comes out.

It asks through the port `Upstream`: in year 1 Pricing is the module beside Shipping, from year 2 on it is reached over
HTTP, and nothing here has to know.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus

from samples.fields import amount, line
from samples.upstream import Upstream, UpstreamRefusedError
from samples.web import Problem


@dataclass(frozen=True, slots=True)
class Way:
    """Where a parcel is to go."""

    from_zone: str
    to_zone: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What Shipping asks of a customer, in euros, and by which rate."""

    price: Decimal
    rate_id: str


class Quotes:
    """Quotes as Shipping sees them."""

    def __init__(self, pricing: Upstream) -> None:
        self._pricing = pricing

    def of(self, way: Way, weight: Decimal) -> Quote:
        """The quote for a parcel of `weight` kilograms. Raises Problem 409 where nobody goes there, UpstreamDownError."""
        asked = {"from_zone": way.from_zone, "to_zone": way.to_zone, "weight": str(weight)}
        try:
            snapshot = self._pricing.ask("GetRateSnapshot", asked)
        except UpstreamRefusedError as refused:
            raise Problem(HTTPStatus.CONFLICT, f"this parcel cannot be sent: {refused}") from None
        return Quote(price=amount(snapshot, "price"), rate_id=line(snapshot, "rate_id"))
