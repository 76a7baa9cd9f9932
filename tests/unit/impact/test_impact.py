from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from plat.findings import Location
from plat.impact import Affected, Impact, impact_of, targets
from plat.landscape import Landscape
from tests.unit.plan.conftest import load, write

LANDSCAPE = """
apiVersion: plat/v1
kind: Landscape
name: parcels
teams: [{name: one, contact: one@parcels.example}, {name: two, contact: two@parcels.example}, {name: three}]
broker: {type: rabbitmq}
relations: [{between: [pricing, support], pattern: partnership}]
"""
CONTEXT = """
apiVersion: plat/v1
kind: Context
name: {name}
team: {team}
subdomain: core
purpose: Does something.
"""
RUNS = "deployables: [{{name: {name}-api, image: registry.example/x:1, command: [x], port: 8080}}]\n"
FILES = {
    "landscape.yaml": LANDSCAPE,
    # tracking -> billing -> support is a chain of events; pricing is called, read by contract, and a partner.
    "tracking.yaml": (CONTEXT + RUNS).format(name="tracking", team="one")
    + "publishes: {ParcelDelivered: {}, ParcelLost: {}}\nexposes: {WhereIs: {public: true}, Trace: {}}\n"
    "upstreams: [{context: support, uses: [Ask]}]\n",
    "billing.yaml": (CONTEXT + RUNS).format(name="billing", team="two")
    + "consumes: [{event: tracking.ParcelDelivered, pattern: conformist}]\npublishes: {InvoiceSent: {}}\n"
    "accesses: [{datastore: pricing, contract: rates}]\n",
    "support.yaml": (CONTEXT + RUNS).format(name="support", team="three")
    + "consumes: [{event: billing.InvoiceSent}]\nexposes: {Ask: {}}\n",
    "pricing.yaml": CONTEXT.format(name="pricing", team="two") + "datastore: {type: postgresql}\n",
    "labels.yaml": CONTEXT.format(name="labels", team="two") + "exposes: {Print: {}}\n",
    "counter.yaml": """
apiVersion: plat/v1
kind: Deployable
name: counter
team: two
purpose: Carries pricing and labels.
hosts: [labels, pricing]
image: registry.example/counter:1
command: [counter]
port: 8080
""",
    "web.yaml": """
apiVersion: plat/v1
kind: Deployable
name: web
team: three
purpose: Shows parcels.
image: registry.example/web:1
command: [web]
upstreams: [{context: tracking, uses: [Trace]}]
""",
    "rates.yaml": """
apiVersion: plat/v1
kind: DataContract
name: rates
provider: pricing
consumer: billing
views: [{name: current, columns: {id: integer}}]
reason: Invoices need rates.
owners: {provider: two, consumer: two}
expires: 2030-01-01
""",
}


@pytest.fixture
def landscape(tmp_path: Path) -> Landscape:
    return load(write(tmp_path / "parcels", FILES))


def impact(landscape: Landscape, name: str) -> Impact:
    return impact_of(landscape, targets(landscape)[name])


def told(found: Impact) -> dict[str, tuple[tuple[str, ...], list[str]]]:
    """By name: through whom, and what it does."""
    return {one.party.name: (one.through, [tie.what for tie in one.ties]) for one in found.affected}


def one(found: Impact, name: str) -> Affected:
    return next(affected for affected in found.affected if affected.party.name == name)


def test_an_event_reaches_its_consumers_and_those_who_depend_on_them(landscape: Landscape) -> None:
    assert told(impact(landscape, "tracking.ParcelDelivered")) == {
        "billing": ((), ["consumes ParcelDelivered of tracking"]),
        "support": (("billing",), ["consumes InvoiceSent of billing"]),
        "pricing": (("billing", "support"), ["is in a partnership with support"]),
        "counter": (("billing", "support", "pricing"), ["carries pricing"]),
    }


def test_an_event_that_nobody_consumes_reaches_nobody(landscape: Landscape) -> None:
    assert impact(landscape, "tracking.ParcelLost").affected == ()


def test_an_operation_reaches_those_who_call_it_and_no_others(landscape: Landscape) -> None:
    assert told(impact(landscape, "tracking.Trace")) == {"web": ((), ["calls Trace of tracking"])}
    assert told(impact(landscape, "tracking.WhereIs")) == {}


def test_a_public_operation_reaches_anybody_outside(landscape: Landscape) -> None:
    assert impact(landscape, "tracking.WhereIs").public == ("WhereIs",)
    assert impact(landscape, "tracking").public == ("WhereIs",)
    assert impact(landscape, "tracking.Trace").public == ()
    assert impact(landscape, "tracking.ParcelLost").public == ()


def test_a_context_reaches_all_who_use_anything_of_it(landscape: Landscape) -> None:
    found = told(impact(landscape, "tracking"))

    assert {name for name, (through, _) in found.items() if not through} == {"billing", "web"}


def test_a_context_reaches_its_partner_who_reads_its_data_and_what_carries_it(landscape: Landscape) -> None:
    found = impact(landscape, "pricing")

    direct = {name: ties for name, (through, ties) in told(found).items() if not through}
    assert direct == {
        "billing": ["touches the datastore of pricing", "reads data of pricing by contract rates"],
        "support": ["is in a partnership with pricing"],
        "counter": ["carries pricing"],
    }
    assert (found.owner.deployables, found.released_with) == (("counter",), ("labels",))


def test_a_contract_reaches_its_consumer(landscape: Landscape) -> None:
    found = impact(landscape, "rates")

    assert [name for name, (through, _) in told(found).items() if not through] == ["billing"]
    assert (found.target.kind, found.owner.name) == ("contract", "pricing")


def test_a_cycle_ends_where_it_began(landscape: Landscape) -> None:
    # tracking calls support, which depends on billing, which depends on tracking.
    assert "tracking" not in told(impact(landscape, "tracking"))
    assert told(impact(landscape, "support.Ask"))["tracking"] == ((), ["calls Ask of support"])


def test_who_is_affected_is_told_with_team_contact_rights_and_what_runs(landscape: Landscape) -> None:
    billing = one(impact(landscape, "tracking.ParcelDelivered"), "billing")

    assert billing.party == dataclasses.replace(
        billing.party, kind="context", team="two", contact="two@parcels.example", deployables=("billing-api",)
    )
    (tie,) = billing.ties
    assert (tie.pattern, tie.location.line) == ("conformist", 9)
    assert tie.rights == (
        "consume from billing.tracking.ParcelDelivered.v1",
        "consume from billing.tracking.ParcelDelivered.v1.dead",
    )


def test_rights_on_data_name_the_contract(landscape: Landscape) -> None:
    assert [tie.rights for tie in one(impact(landscape, "pricing"), "billing").ties] == [
        ("read from pricing--postgresql by contract rates",),
        (),
    ]


def test_the_teams_to_talk_to_are_the_others(landscape: Landscape) -> None:
    assert impact(landscape, "tracking").teams == (
        ("three", None, ("web", "support")),
        ("two", "two@parcels.example", ("billing", "pricing", "counter")),
    )


def test_everything_that_can_change_is_known_by_name(landscape: Landscape) -> None:
    assert set(targets(landscape)) == {
        *("tracking", "billing", "support", "pricing", "labels", "counter", "web", "rates"),
        *("tracking.ParcelDelivered", "tracking.ParcelLost", "billing.InvoiceSent"),
        *("tracking.WhereIs", "tracking.Trace", "support.Ask", "labels.Print"),
    }


def test_an_impact_can_be_told_with_other_paths(landscape: Landscape) -> None:
    found = impact(landscape, "tracking").moved(lambda place: Location("x", place.line))

    assert {found.target.location.file, *(tie.location.file for one in found.affected for tie in one.ties)} == {"x"}


def test_programs_get_plain_values(landscape: Landscape) -> None:
    found = impact(landscape, "tracking.Trace").to_dict()

    assert found["target"]["owner"]["name"] == "tracking"
    (web,) = found["affected"]
    assert (web["name"], web["kind"], web["direct"], web["through"]) == ("web", "deployable", True, [])
    assert web["ties"][0]["rights"] == ["call tracking"]
    assert found["teams"] == [{"name": "three", "contact": None, "affected": ["web"]}]
