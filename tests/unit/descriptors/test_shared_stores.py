"""Stores that share a server: schemas of one deployable's contexts, databases of one context."""

from __future__ import annotations

import pytest

from tests.unit.descriptors.parcels import MONOLITH, Parcels

T, S, M = "tracking.yaml", "shipping.yaml", "monolith.yaml"
STORE = "datastore: {type: postgresql, isolation: schema}\n"
BOOKING = """\
apiVersion: plat/v1
kind: Context
name: booking
team: shipping-team
subdomain: supporting
purpose: Takes bookings.
datastore: {type: postgresql, isolation: schema%s}
"""


def with_two(parcels: Parcels, tracking: str = "", booking: str = "") -> Parcels:
    """The monolith hosts `tracking` and `booking`, each with a schema that says this besides."""
    parcels.files[T] += STORE.replace("}", f"{tracking}}}")
    parcels.files["booking.yaml"] = BOOKING % booking
    parcels.files[M] = MONOLITH.replace("[tracking]", "[tracking, booking]")
    return parcels


def test_contexts_of_one_deployable_may_have_schemas_in_one_server(parcels: Parcels) -> None:
    assert with_two(parcels, ", version: '16'").found() == []


# sentence: (what tracking says, what booking says, the findings)
CASES: dict[str, tuple[str, str, list[str]]] = {
    "one durability of a server": (
        ", durability: ephemeral",
        "",
        [f"{T}:11:62 shared-server-differs datastore[0].durability"],
    ),
    "one version of a server": (
        ", version: '16'",
        ", version: '18'",
        [f"{T}:11:59 shared-server-differs datastore[0].version"],
    ),
    "no store called like the deployable whose server it would take": (
        ", name: monolith",
        "",
        [f"{T}:11:56 store-named-like-host datastore[0].name"],
    ),
}


@pytest.mark.parametrize(("tracking", "booking", "found"), CASES.values(), ids=CASES.keys())
def test_there_is(parcels: Parcels, tracking: str, booking: str, found: list[str]) -> None:
    assert with_two(parcels, tracking, booking).found() == found


def test_a_schema_is_in_the_server_of_one_deployable_alone(parcels: Parcels) -> None:
    parcels.files[T] += STORE
    parcels.files["second.yaml"] = MONOLITH.replace("monolith", "second")

    assert parcels.found() == [f"{T}:11:42 schema-of-several-hosts datastore[0].isolation"]


@pytest.mark.parametrize("isolation", ["schema", "database"])
def test_a_context_has_one_role_at_a_server_and_so_one_store(parcels: Parcels, isolation: str) -> None:
    parcels.files[T] += f"datastore:\n  - {{type: postgresql, isolation: {isolation}}}\n"
    parcels.files[T] += f"  - {{type: postgresql, isolation: {isolation}, name: archive}}\n"

    assert parcels.found() == [f"{T}:13:35 second-store-in-server datastore[1].isolation"]


def test_a_second_store_with_a_server_of_its_own_stands_beside_a_schema(parcels: Parcels) -> None:
    parcels.files[T] += "datastore:\n  - {type: postgresql, isolation: schema}\n  - {type: postgresql, name: archive}\n"

    assert parcels.found() == []
