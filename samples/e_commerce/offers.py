"""Sales' anti-corruption layer in front of the catalog: a product goes in, an Offer comes out.

The catalog describes what there is; Sales sells at a price. Nothing else of Sales knows the catalog's words.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus

from samples.fields import amount, line
from samples.upstream import Upstream, UpstreamRefusedError
from samples.web import Problem


@dataclass(frozen=True, slots=True)
class Offer:
    """What a customer can buy, and what one of it costs."""

    sku: str
    title: str
    price: Decimal


class Offers:
    """Offers as Sales sees them."""

    def __init__(self, catalog: Upstream) -> None:
        self._catalog = catalog

    def of(self, sku: str) -> Offer:
        """The offer of that stock-keeping unit. Raises Problem 404 where there is none, UpstreamDownError."""
        try:
            product = self._catalog.ask("GetProduct", {"sku": sku})
        except UpstreamRefusedError as refused:
            raise Problem(HTTPStatus.NOT_FOUND, f"{sku} is not for sale: {refused}") from None
        return Offer(sku=line(product, "sku"), title=line(product, "name"), price=amount(product, "list_price"))
