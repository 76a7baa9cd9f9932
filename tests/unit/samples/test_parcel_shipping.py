"""Parcels: one port to Pricing and two adapters, and contexts that boot without each other's code."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from http import HTTPStatus
from pathlib import Path

import pytest

from samples.environment import MisconfiguredError, read
from samples.parcel_shipping import modules, shipping
from samples.parcel_shipping.portal import Portal
from samples.parcel_shipping.pricing import price_of
from samples.parcel_shipping.quotes import Quote, Quotes, Way
from samples.upstream import InProcess, Upstream, UpstreamDownError, UpstreamRefusedError
from samples.web import Answer, Problem, Request, Route
from tests.unit.samples.fakes import FakeUpstream

PROJECT = Path(__file__).parents[3]
CONTEXTS = ("billing", "pricing", "shipping", "support", "tracking")
SNAPSHOT = {"rate_id": "r-1", "price": Decimal("9.50"), "currency": "EUR"}
NORTH_TO_SOUTH = Way("north", "south")


def in_process() -> Upstream:
    return InProcess({"GetRateSnapshot": Route({"GET": lambda _: Answer(SNAPSHOT)}, "GetRateSnapshot")})


def over_http() -> Upstream:
    return FakeUpstream({"GetRateSnapshot": {**SNAPSHOT, "price": "9.50"}})


@pytest.mark.parametrize("pricing", [in_process, over_http])
def test_a_quote_is_the_same_wherever_pricing_runs(pricing: object) -> None:
    assert callable(pricing)

    assert Quotes(pricing()).of(NORTH_TO_SOUTH, Decimal(3)) == Quote(Decimal("9.50"), "r-1")


def test_pricing_is_asked_in_its_own_words() -> None:
    pricing = FakeUpstream({"GetRateSnapshot": SNAPSHOT})
    Quotes(pricing).of(NORTH_TO_SOUTH, Decimal("2.5"))

    assert pricing.asked == [("GetRateSnapshot", {"from_zone": "north", "to_zone": "south", "weight": "2.5"})]


def test_a_parcel_is_refused_where_there_is_no_rate() -> None:
    refused = UpstreamRefusedError(HTTPStatus.NOT_FOUND, "there is no rate between these zones")
    with pytest.raises(Problem, match="this parcel cannot be sent: there is no rate") as caught:
        Quotes(FakeUpstream({"GetRateSnapshot": refused})).of(NORTH_TO_SOUTH, Decimal(3))

    assert caught.value.status == HTTPStatus.CONFLICT


@pytest.mark.parametrize(("weight", "price"), [("0", "5.00"), ("3", "9.50"), ("0.333", "5.50"), ("0.33", "5.50")])
def test_a_price_is_a_base_and_so_much_for_each_kilogram_to_the_cent(weight: str, price: str) -> None:
    rate = {"base": Decimal(5), "per_kilogram": Decimal("1.50")}

    assert price_of(rate, Decimal(weight)) == Decimal(price)


@pytest.mark.parametrize("context", CONTEXTS)
def test_a_context_boots_without_the_others_code(context: str) -> None:
    words = (
        "import sys; from importlib import import_module; "
        f"assert callable(import_module('samples.parcel_shipping.{context}').make); "
        "print(*(name.split('.')[2] for name in sys.modules if name.startswith('samples.parcel_shipping.')))"
    )
    done = subprocess.run([sys.executable, "-c", words], cwd=PROJECT, capture_output=True, text=True, check=True)

    assert set(done.stdout.split()) & set(CONTEXTS) == {context}


def test_shipping_by_itself_needs_the_address_of_pricing() -> None:
    alone = read({"PLAT_CONTEXTS": "shipping", "POSTGRESQL_URL": "postgresql://shipping@127.0.0.1:1/shipping"})
    with pytest.raises(MisconfiguredError, match="there is no URL of pricing"):
        shipping.make(alone)


PUBLISHES = (
    '{"pricing.RateChanged": {"exchange": "pricing.events", "routing_key": "RateChanged.v1"},'
    ' "shipping.ParcelBooked": {"exchange": "shipping.events", "routing_key": "ParcelBooked.v1"}}'
)


def test_shipping_beside_pricing_asks_it_in_process() -> None:
    hosted = {
        f"{context}_{kind}_URL": f"{scheme}://{context.lower()}@127.0.0.1:1/parcels"
        for context in ("PRICING", "SHIPPING")
        for kind, scheme in (("POSTGRESQL", "postgresql"), ("BROKER", "amqp"))
    }
    service = modules.make(read({**hosted, "PLAT_CONTEXTS": "pricing,shipping", "PLAT_PUBLISHES": PUBLISHES}))

    assert sorted(service.routes) == ["BookParcel", "ChangeRate", "GetRateSnapshot"]
    assert sorted(service.checks) == [
        "broker (pricing)",
        "broker (shipping)",
        "postgresql (pricing)",
        "postgresql (shipping)",
    ]


def shown(tracking: object, billing: object) -> object:
    portal = Portal(FakeUpstream({"TrackParcel": tracking}), FakeUpstream({"GetInvoice": billing}))  # type: ignore[dict-item]
    return portal.show(Request("GET", "ShowParcel", query={"parcel_id": "p-1"})).body


def test_the_portal_puts_side_by_side_what_others_know() -> None:
    assert shown({"state": "delivered"}, {"amount": "9.50"}) == {
        "parcel_id": "p-1",
        "journey": {"state": "delivered"},
        "invoice": {"amount": "9.50"},
    }


def test_the_portal_leaves_out_what_nobody_can_say_now() -> None:
    assert shown({"state": "booked"}, UpstreamDownError("billing does not answer")) == {
        "parcel_id": "p-1",
        "journey": {"state": "booked"},
    }


def test_the_portal_knows_nothing_by_itself() -> None:
    unknown = UpstreamRefusedError(HTTPStatus.NOT_FOUND, "unknown")
    with pytest.raises(Problem, match="nothing is known of this parcel"):
        shown(unknown, unknown)
