from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from plat.project import CONTEXTS_VARIABLE, Project
from policies.ground import Ground
from policies.observed import UNKNOWN, Observed, Options, Provider
from tests.unit.policies.resources import BREACH, NONE, PROTECTED, RIGHT, UNPROTECTED, UNREADABLE, Found, Market

ROOT = Path(__file__).resolve().parents[3]
BOOKED, LOST = "parcels.shipping.ParcelBooked.v1", "parcels.shipping.ParcelLost.v2"

Make = Callable[[Market], Observed]


@pytest.fixture(scope="module")
def parcels() -> Market:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
        return Market(Ground.of(Project(ROOT).plan("parcels.local")))


def provider(market: Market, *addresses: str) -> Provider:
    # The engine hands lists in a provider's configuration over as JSON.
    return market.provider("kafka", bootstrapServers=json.dumps(addresses or [broker(market)]))


def broker(market: Market) -> str:
    return f"127.0.0.1:{market.port('platform--kafka')}"


def made(market: Market, type_: str, options: Options | None = None, /, **properties: object) -> Observed:
    token = f"kafka:index/{type_[0].lower()}{type_[1:]}:{type_}"
    return market.resource(token, properties, provider(market), options)


def acl(market: Market, who: str, operation: str, name: str, kind: str = "Topic", **more: object) -> Observed:
    usual = {"aclPermissionType": "Allow", "aclHost": "*", "resourcePatternTypeFilter": "Literal"}
    said = {"aclPrincipal": who, "aclOperation": operation, "aclResourceName": name, "aclResourceType": kind}
    return made(market, "Acl", **{**usual, **said, **more})


RIGHTS: dict[str, tuple[Make, Found]] = {
    "writing to one's own topic passes": (lambda m: acl(m, "User:shipping", "Write", BOOKED), NONE),
    "seeing one's own topic passes": (lambda m: acl(m, "User:shipping", "Describe", BOOKED), NONE),
    "reading what one consumes passes": (lambda m: acl(m, "User:billing", "Read", BOOKED), NONE),
    "seeing what one consumes passes": (lambda m: acl(m, "User:billing", "Describe", BOOKED), NONE),
    "reading as one's own group passes": (lambda m: acl(m, "User:billing", "Read", "invoices", "Group"), NONE),
    "setting one's own dead letters aside passes": (lambda m: acl(m, "User:billing", "Write", "invoices.dead"), NONE),
    "writing to a topic that one consumes is refused": (
        lambda m: acl(m, "User:billing", "Write", BOOKED),
        [(RIGHT, "aclOperation")],
    ),
    "reading a topic that one does not consume is refused": (
        lambda m: acl(m, "User:billing", "Read", LOST),
        [(RIGHT, "aclOperation")],
    ),
    "seeing a topic that one has nothing to do with is refused": (
        lambda m: acl(m, "User:billing", "Describe", LOST),
        [(RIGHT, "aclOperation")],
    ),
    "reading as another's group is refused": (
        lambda m: acl(m, "User:support", "Read", "invoices", "Group"),
        [(RIGHT, "aclOperation")],
    ),
    "a group is no topic of that name": (
        lambda m: acl(m, "User:billing", "Read", "invoices"),
        [(RIGHT, "aclOperation")],
    ),
    "changing one's own topic is refused": (
        lambda m: acl(m, "User:shipping", "Alter", BOOKED),
        [(RIGHT, "aclOperation")],
    ),
    "everything on one's own topic is refused": (
        lambda m: acl(m, "User:shipping", "All", BOOKED),
        [(RIGHT, "aclOperation")],
    ),
    "a user that no context bears is refused": (
        lambda m: acl(m, "User:reporting", "Read", BOOKED),
        [(RIGHT, "aclOperation")],
    ),
    "whoever has no name is refused": (
        lambda m: acl(m, "User:ANONYMOUS", "Read", BOOKED),
        [(RIGHT, "aclOperation")],
    ),
    "everybody is refused": (lambda m: acl(m, "User:*", "Read", BOOKED), [(BREACH, "aclPrincipal")]),
    "a principal of another kind is refused": (lambda m: acl(m, "Group:all", "Read", BOOKED), [(BREACH, "aclPrincipal")]),
    "every topic is refused": (lambda m: acl(m, "User:billing", "Read", "*"), [(BREACH, "aclResourceName")]),
    "every topic that begins so is refused, though all there are were one's own": (
        lambda m: acl(m, "User:shipping", "Write", "parcels.shipping.", resourcePatternTypeFilter="Prefixed"),
        [(BREACH, "aclResourceName")],
    ),
    "administration is refused": (
        lambda m: acl(m, "User:billing", "Alter", "kafka-cluster", "Cluster"),
        [(BREACH, "aclResourceType")],
    ),
    "a transaction of a name is refused": (
        lambda m: acl(m, "User:billing", "Write", "tx", "TransactionalId"),
        [(BREACH, "aclResourceType")],
    ),
    "taking a right away is refused": (
        lambda m: acl(m, "User:billing", "Read", BOOKED, aclPermissionType="Deny"),
        [(UNREADABLE, "aclPermissionType")],
    ),
    "a topic that is not known yet is refused": (
        lambda m: made(m, "Acl", aclResourceName=UNKNOWN, aclResourceType="Topic"),
        [(UNREADABLE, "aclResourceName")],
    ),
}

THINGS: dict[str, tuple[Make, Found]] = {
    "a planned topic passes": (lambda m: made(m, "Topic", PROTECTED, name=BOOKED), NONE),
    "a topic of dead letters passes": (lambda m: made(m, "Topic", PROTECTED, name="invoices.dead"), NONE),
    "a topic that could be deleted is refused": (lambda m: made(m, "Topic", name=BOOKED), [(UNPROTECTED, "protect")]),
    "a topic of nobody's is refused": (lambda m: made(m, "Topic", PROTECTED, name="side"), [(RIGHT, "name")]),
    "Kafka's own topics are refused": (lambda m: made(m, "Topic", PROTECTED, name="__consumer_offsets"), [(RIGHT, "name")]),
    "a context's user passes": (
        lambda m: made(m, "UserScramCredential", username="billing", scramMechanism="SCRAM-SHA-512", password=UNKNOWN),
        NONE,
    ),
    "a user of the administrator's name is refused": (
        lambda m: made(m, "UserScramCredential", username="admin", scramMechanism="SCRAM-SHA-512", password="p"),
        [(BREACH, "username")],
    ),
    "a user of a context without events is refused": (
        lambda m: made(m, "UserScramCredential", username="pricing", scramMechanism="SCRAM-SHA-512", password="p"),
        [(UNREADABLE, "username")],
    ),
    "a limit for a context passes": (lambda m: made(m, "Quota", entityType="user", entityName="billing"), NONE),
    "a limit for somebody unknown is refused": (
        lambda m: made(m, "Quota", entityType="user", entityName="reporting"),
        [(UNREADABLE, "entityName")],
    ),
    "a limit for what has no name of a context is refused": (
        lambda m: made(m, "Quota", entityType="client-id", entityName="billing"),
        [(UNREADABLE, "entityType")],
    ),
    "the planned broker passes": (lambda m: at(m, broker(m)), NONE),
    "another broker is refused": (lambda m: at(m, "127.0.0.1:9092"), [(UNREADABLE, "bootstrapServers")]),
    "another broker beside the planned one is refused": (
        lambda m: at(m, broker(m), "kafka.elsewhere.example:9092"),
        [(UNREADABLE, "bootstrapServers")],
    ),
    "the controller in the broker's place is refused": (
        lambda m: at(m, f"127.0.0.1:{m.ground.plan.server('platform--kafka').extra_ports['controller']}"),
        [(UNREADABLE, "bootstrapServers")],
    ),
    "no broker at all is refused": (
        lambda m: m.resource("pulumi:providers:kafka", {"bootstrapServers": "[]"}),
        [(UNREADABLE, "bootstrapServers")],
    ),
    "something else than a list of brokers is refused": (
        lambda m: m.resource("pulumi:providers:kafka", {"bootstrapServers": broker(m)}),
        [(UNREADABLE, "bootstrapServers")],
    ),
}


def at(market: Market, *addresses: str) -> Observed:
    return market.resource("pulumi:providers:kafka", {"bootstrapServers": json.dumps(addresses)})


@pytest.mark.parametrize(("make", "expected"), RIGHTS.values(), ids=RIGHTS.keys())
def test_a_right_follows_from_a_relation_or_is_refused(parcels: Market, make: Make, expected: Found) -> None:
    assert parcels.found(make(parcels)) == expected


@pytest.mark.parametrize(("make", "expected"), THINGS.values(), ids=THINGS.keys())
def test_a_thing_is_a_planned_one_in_the_planned_place_or_is_refused(parcels: Market, make: Make, expected: Found) -> None:
    assert parcels.found(make(parcels)) == expected


def test_two_resources_cannot_manage_one_topic(parcels: Market) -> None:
    first = made(parcels, "Topic", PROTECTED, name=BOOKED)
    second = Observed(f"{first.urn}-2", first.type, "second", first.properties, first.provider, PROTECTED)
    assert parcels.found(first, second) == [(BREACH, "")]


def test_a_workload_that_is_given_anothers_password_holds_its_rights(parcels: Market) -> None:
    secret = "a-password-of-32-characters-0001"
    user = made(parcels, "UserScramCredential", username="shipping", scramMechanism="SCRAM-SHA-512", password=secret)
    labels = {"team": "billing-team", "contexts": "billing"}
    process = parcels.local("Process", name="billing", command=["x"], labels=labels, environment={}, secrets={"OTHER": secret})
    found = parcels.found(user, process)
    assert (RIGHT, "secrets.OTHER") in found


def test_an_address_by_anothers_name_is_refused(parcels: Market) -> None:
    url = f"kafka://shipping:x@{broker(parcels)}"
    labels = {"team": "billing-team", "contexts": "billing"}
    process = parcels.local("Process", name="other", command=["x"], labels=labels, environment={"URL": url}, secrets={})
    assert set(parcels.found(process)) == {(RIGHT, "environment.URL")}
