from __future__ import annotations

import dataclasses

import pytest

from plat.audit.live.kafka import Acl, Cluster, findings
from plat.findings import Finding
from policies.ground import Ground

BROKER = "platform--kafka"
BOOKED = "parcels.shipping.ParcelBooked.v1"
EXEC = "`plat exec -l parcels -e local platform--kafka --"


def sound(parcels: Ground) -> Cluster:
    """What a broker says that has been made as the landscape says."""
    acls = []
    for user in parcels.broker_users.values():
        who = f"User:{user.name}"
        acls += [Acl(who, "DESCRIBE", "TOPIC", name) for name in {*user.publishes_to, *user.consumes_from}]
        acls += [Acl(who, "WRITE", "TOPIC", name) for name in user.publishes_to]
        acls += [Acl(who, "READ", "TOPIC", name) for name in user.consumes_from]
        acls += [Acl(who, "READ", "GROUP", name) for name in user.groups]
    return Cluster(tuple(acls), tuple(parcels.broker_users), ("__consumer_offsets", *parcels.topics))


def found(parcels: Ground, **more: object) -> list[Finding]:
    cluster = sound(parcels)
    wider = {name: (*getattr(cluster, name), item) for name, item in more.items()}
    return list(findings(dataclasses.replace(cluster, **wider), parcels.servers[BROKER], parcels))


def test_what_plat_makes_is_not_reported(parcels: Ground) -> None:
    assert found(parcels) == []


@pytest.mark.parametrize(
    ("part", "item", "rule", "step"),
    [
        (
            "acls",
            Acl("User:support", "READ", "GROUP", "invoices"),
            "right-without-relation",
            "kafka-acls --remove --force --allow-principal User:support --operation READ --group invoices`",
        ),
        (
            "acls",
            Acl("User:pricing", "WRITE", "TOPIC", BOOKED),
            "right-without-relation",
            f"kafka-acls --remove --force --allow-principal User:pricing --operation WRITE --topic {BOOKED}`",
        ),
        (
            "acls",
            Acl("User:*", "READ", "TOPIC", BOOKED),
            "way-round-the-fence",
            f"kafka-acls --remove --force --allow-principal 'User:*' --operation READ --topic {BOOKED}`",
        ),
        (
            "acls",
            Acl("User:billing", "READ", "TOPIC", "parcels.", "PREFIXED"),
            "way-round-the-fence",
            (
                "kafka-acls --remove --force --allow-principal User:billing --operation READ --topic parcels. "
                "--resource-pattern-type prefixed`"
            ),
        ),
        (
            "acls",
            Acl("User:billing", "ALTER", "CLUSTER", "kafka-cluster"),
            "way-round-the-fence",
            "kafka-acls --remove --force --allow-principal User:billing --operation ALTER --cluster`",
        ),
        (
            "users",
            "mallory",
            "right-beyond-plan",
            "kafka-configs --alter --delete-config SCRAM-SHA-512 --entity-type users --entity-name mallory`",
        ),
        (
            "users",
            "admin",
            "way-round-the-fence",
            "kafka-configs --alter --delete-config SCRAM-SHA-512 --entity-type users --entity-name admin`",
        ),
        (
            "topics",
            "spied",
            "right-without-relation",
            "kafka-topics --delete --topic spied`, once nobody needs what is in it",
        ),
    ],
)
def test_what_was_made_by_hand_is_found_with_what_takes_it_away(
    parcels: Ground, part: str, item: object, rule: str, step: str
) -> None:
    (told,) = found(parcels, **{part: item})

    assert (told.rule, told.hint) == (rule, f"{EXEC} {step}")


def test_what_is_missing_is_found(parcels: Ground) -> None:
    nothing = Cluster((), (), ())

    assert {item.subject for item in findings(nothing, parcels.servers[BROKER], parcels)} >= {
        "user `billing`",
        f"topic `{BOOKED}`",
        f"the right of `shipping` to publish to `{BOOKED}`",
        f"the right of `billing` to consume from `{BOOKED}`",
        "the right of `billing` to consume from `group invoices`",
    }
