"""On machines too, who is given another's secret holds its rights, whatever it says it is; and no message quotes one."""

from __future__ import annotations

import json

import pytest

from policies.machines import CONTAINER, FIREWALL, INSIDE, NETWORK, VOLUME, VOLUME_FILES
from policies.observed import Observed, Properties
from tests.unit.policies.machines import PORT, Harbour, Inputs, container, whose
from tests.unit.policies.resources import BREACH, NONE, OWNERSHIP, RIGHT

INSIDE_OF_CUSTOMS = "customs--postgresql--inside"


def inside(harbour: Harbour, name: str = INSIDE_OF_CUSTOMS) -> Observed:
    return harbour.planned(INSIDE, name)


def of_role(harbour: Harbour, name: str = INSIDE_OF_CUSTOMS) -> str:
    """The password of the one role that is made inside of a server."""
    document = json.loads(inside(harbour, name).properties.text("document"))
    (found,) = [step["inputs"]["password"] for step in document["steps"] if "password" in step["inputs"]]
    return str(found)


def of_administrator(harbour: Harbour) -> str:
    return str(json.loads(inside(harbour).properties.text("document"))["server"]["adminPassword"])


def holder(text: str) -> Inputs:
    return container(envs=[f"X=before {text} behind"])


def test_another_contexts_password_is_that_contexts_access(harbour: Harbour) -> None:
    secret = of_role(harbour)
    thief = harbour.by_hand(CONTAINER, holder(secret))

    assert harbour.found(inside(harbour), thief) == [(OWNERSHIP, "envs[0]")]
    assert "`berths` (port-team) writes to datastore `customs--postgresql`" in harbour.messages(inside(harbour), thief)
    assert secret not in harbour.messages(inside(harbour), thief)


def test_it_is_found_too_where_the_container_comes_first(harbour: Harbour) -> None:
    thief = harbour.by_hand(CONTAINER, holder(of_role(harbour)))
    assert harbour.found(thief, inside(harbour)) == [(OWNERSHIP, "envs[0]")]


@pytest.mark.parametrize(
    ("type_", "inputs"),
    [
        (CONTAINER, {"entrypoints": ["psql", "{}"]}),
        (CONTAINER, {"labels": whose("port-team", "berths", note="{}")}),
        (CONTAINER, {"uploads": [{"file": "/x", "content": "password = {}"}]}),
        (CONTAINER, {"healthcheck": {"tests": ["CMD", "{}"]}}),
        (NETWORK, {"labels": whose("port-team", "berths", note="{}")}),
        (VOLUME, {"labels": whose("port-team", "berths", note="{}")}),
    ],
)
def test_wherever_it_stands(harbour: Harbour, type_: str, inputs: Inputs) -> None:
    written = json.loads(json.dumps(inputs).replace("{}", of_role(harbour)))
    base = container() if type_ == CONTAINER else {"name": "by-hand", "labels": whose("port-team", "berths")}
    found = harbour.found(inside(harbour), harbour.by_hand(type_, base | written))
    assert [rule for rule, _ in found] == [OWNERSHIP]


def test_a_containers_own_contexts_password_is_its_own(harbour: Harbour) -> None:
    own = of_role(harbour, "berths--postgresql--inside")
    assert harbour.found(inside(harbour, "berths--postgresql--inside"), harbour.by_hand(CONTAINER, holder(own))) == NONE


def test_an_administrators_password_is_nobodys(harbour: Harbour) -> None:
    thief = harbour.by_hand(CONTAINER, holder(of_administrator(harbour)))

    assert harbour.found(inside(harbour), thief) == [(BREACH, "envs[0]")]
    assert "the administrator of `customs--postgresql`" in harbour.messages(inside(harbour), thief)


def test_a_machines_key_is_nobodys(harbour: Harbour) -> None:
    firewall = harbour.planned(FIREWALL, PORT)
    key = firewall.properties.text("privateKey")
    thief = harbour.by_hand(CONTAINER, holder(key))

    assert harbour.found(firewall, thief) == [(BREACH, "envs[0]")]
    assert f"whoever enters machines with the key `{PORT}--entry`" in harbour.messages(firewall, thief)
    assert key not in harbour.messages(firewall, thief)


def test_a_planned_container_holds_its_own_secret_in_its_place_and_no_other(harbour: Harbour) -> None:
    own, theirs = of_role(harbour, "berths--postgresql--inside"), of_role(harbour)

    def swapped(found: Inputs) -> None:
        found["envs"] = [text.replace(own, theirs) for text in found["envs"]]

    changed = harbour.changed(CONTAINER, "berths", swapped)
    assert {rule for rule, _ in harbour.found(inside(harbour), changed)} == {OWNERSHIP}
    assert theirs not in harbour.messages(inside(harbour), changed)


def test_a_servers_files_hold_its_own_administrator_alone(harbour: Harbour) -> None:
    theirs = of_administrator(harbour)
    files = harbour.planned(VOLUME_FILES, "berths--postgresql--files").properties.plain()["files"]
    own = next(text for text in files.values() if text.isalnum())

    def swapped(found: Inputs) -> None:
        found["files"] = {name: text.replace(own, theirs) for name, text in found["files"].items()}

    changed = harbour.changed(VOLUME_FILES, "berths--postgresql--files", swapped)
    assert BREACH in {rule for rule, _ in harbour.found(inside(harbour), changed)}


def process(text: str) -> Observed:
    properties: Inputs = {
        "name": "by-hand",
        "command": ["python", "-m", "x"],
        "labels": {"team": "port-team", "contexts": "pilots"},
        "environment": {},
        "secrets": {"X": text},
    }
    type_ = "platlocal:index:Process"
    return Observed(f"urn:pulumi:harbour.test::plat::{type_}::by-hand", type_, "by-hand", Properties(properties))


def test_a_process_of_this_machine_holds_no_secret_of_another_machine(harbour: Harbour) -> None:
    assert harbour.found(inside(harbour), process(of_role(harbour))) == [(OWNERSHIP, "secrets.X")]


def test_a_container_holds_no_secret_of_a_server_on_this_machine(harbour: Harbour) -> None:
    server = harbour.planned("platlocal:index:Server", "platform--rabbitmq")
    user = harbour.planned("rabbitmq:index/user:User", "customs--user")
    administrator = harbour.by_hand(CONTAINER, holder(server.properties.text("adminPassword")))
    account = harbour.by_hand(CONTAINER, holder(user.properties.text("password")))

    assert harbour.found(server, administrator) == [(BREACH, "envs[0]")]
    assert {rule for rule, _ in harbour.found(user, account)} == {RIGHT}
