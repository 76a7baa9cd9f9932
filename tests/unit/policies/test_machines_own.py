"""Our own resources on machines act with the machines' keys: each is just as planned, or it is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plat.machines.firewall import ruleset
from policies.machines import FIREWALL, INSIDE, KEY, REACHABLE, VOLUME_FILES
from policies.observed import UNKNOWN
from tests.unit.policies.machines import CUSTOMS, PORT, Harbour, Inputs
from tests.unit.policies.resources import BREACH, NONE

OPEN = "table inet plat {\n\tchain input { type filter hook input priority filter; policy accept; }\n}\n"
FILES = "berths--postgresql--files"
INSIDE_OF = "berths--postgresql--inside"
PRIVATE = "-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END OPENSSH PRIVATE KEY-----\n"


def entering(harbour: Harbour, machine: str = PORT, **inputs: object) -> Inputs:
    known = harbour.planned(FIREWALL, machine).properties.plain()
    return {name: known[name] for name in ("address", "port", "user", "hostKey", "privateKey")} | inputs


CHANGES: dict[str, tuple[str, str, Callable[[Inputs], object], str]] = {
    "an open firewall": (FIREWALL, PORT, lambda found: found.update(ruleset=OPEN), "ruleset"),
    "a firewall with one byte more": (FIREWALL, PORT, lambda found: found.update(ruleset=found["ruleset"] + "\n"), "ruleset"),
    "a firewall that is not known": (FIREWALL, PORT, lambda found: found.update(ruleset=UNKNOWN), "ruleset"),
    "a firewall of a machine that is another": (FIREWALL, PORT, lambda found: found.update(port=2222), "port"),
    "a firewall set by another user": (FIREWALL, PORT, lambda found: found.update(user="root"), "user"),
    "a firewall with a key that is none": (FIREWALL, PORT, lambda found: found.update(privateKey="x"), "privateKey"),
    "a machine with another key of its own": (REACHABLE, PORT, lambda found: found.update(hostKey="ssh-rsa AAAA"), "hostKey"),
    "a machine that has no Docker": (REACHABLE, PORT, lambda found: found.update(docker=False), "docker"),
    "a key for something else": (KEY, f"{PORT}--entry", lambda found: found.update(comment="mine"), "comment"),
    "files as another user": (VOLUME_FILES, FILES, lambda found: found.update(owner=0), "owner"),
    "one file more": (VOLUME_FILES, FILES, lambda found: found["files"].update({"x.sh": "x"}), "files.x.sh"),
    "another file": (VOLUME_FILES, FILES, lambda found: found["files"].update({"prepare.sh": "x"}), "files.prepare.sh"),
    "files in another volume's place": (VOLUME_FILES, FILES, lambda found: found.update(target="x"), "target"),
    "files for another machine": (VOLUME_FILES, FILES, lambda found: found.update(port=2222), "port"),
    "another program inside": (INSIDE, INSIDE_OF, lambda found: found.update(image="evil"), "image"),
    "another task inside": (INSIDE, INSIDE_OF, lambda found: found.update(document='{"steps": []}'), "document"),
    "a task for another role": (
        INSIDE,
        INSIDE_OF,
        lambda found: found.update(document=found["document"].replace('"name": "berths"', '"name": "customs"')),
        "document",
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_each_is_just_as_planned(harbour: Harbour, case: str) -> None:
    type_, name, change, field = CHANGES[case]
    changed = harbour.changed(type_, name, change)

    assert (BREACH, field) in harbour.found(changed)
    assert "differs from it" in harbour.messages(changed)


BY_HAND: dict[str, tuple[str, Callable[[Harbour], Inputs]]] = {
    "the firewall of an unknown machine": (
        FIREWALL,
        lambda h: entering(h, address="10.9.9.9", ruleset=ruleset(h.ground.plan, h.machine(PORT))),
    ),
    "another task in a server": (INSIDE, lambda h: entering(h, container="by-hand", image="x", runAs="1:1", document="{}")),
    "files in a volume of one's own": (
        VOLUME_FILES,
        lambda h: entering(h, volume="by-hand", owner=1, files={"x": "y"}),
    ),
    "files in a volume of another machine": (
        VOLUME_FILES,
        lambda h: entering(h, volume="customs--postgresql--files", owner=1, files={}),
    ),
    "a machine that nobody planned": (REACHABLE, lambda h: entering(h, address="10.9.9.9", docker=True)),
    "a key that opens nothing": (KEY, lambda _: {"comment": "mine"}),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_none_is_made_by_hand(harbour: Harbour, case: str) -> None:
    type_, make = BY_HAND[case]
    assert (BREACH, "") in harbour.found(harbour.by_hand(type_, make(harbour)))


def test_what_acts_on_one_machine_holds_no_key_of_another(harbour: Harbour) -> None:
    theirs = harbour.planned(FIREWALL, CUSTOMS)
    key = theirs.properties.text("privateKey")
    taken = harbour.changed(FIREWALL, PORT, lambda found: found.update(privateKey=key))

    assert harbour.found(theirs, taken) == [(BREACH, "privateKey")]
    assert "PRIVATE KEY" not in harbour.messages(theirs, taken)


def test_a_type_that_is_to_come_is_refused(harbour: Harbour) -> None:
    found = harbour.messages(harbour.by_hand(FIREWALL.replace("Firewall", "Shell"), entering(harbour, command="id")))
    assert "no observer of the policy pack knows this type" in found


def test_before_the_update_what_is_not_known_yet_passes(harbour_foreseen: Harbour) -> None:
    for resource, _ in harbour_foreseen.stack:
        assert harbour_foreseen.found(resource) == NONE, resource.label
