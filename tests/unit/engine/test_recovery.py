from __future__ import annotations

from typing import Any

import pytest

from plat.engine.recovery import half_made, pending

URN = "urn:pulumi:shop.local::plat::postgresql:index/role:Role::sales--postgresql--role"


def test_what_was_being_created_inside_of_a_server_is_looked_up_by_its_name() -> None:
    role = {"type": "creating", "resource": {"type": "postgresql:index/role:Role", "urn": URN, "inputs": {"name": "sales"}}}
    queue = {"type": "creating", "resource": {"type": "rabbitmq:index/queue:Queue", "urn": "q", "inputs": {"name": "q"}}}
    gone = {"type": "deleting", "resource": {"type": "postgresql:index/role:Role", "urn": "r", "inputs": {"name": "r"}}}

    assert pending({"deployment": {"pending_operations": [role, queue, gone]}}) == ([(URN, "sales")], 3)
    assert pending({"deployment": {}}) == ([], 0)


def begun(kind: str, *, protect: bool = False, operation: str = "creating") -> dict[str, Any]:
    return {"type": operation, "resource": {"urn": "urn", "type": kind, "inputs": {"name": "orders"}, "protect": protect}}


def test_what_was_begun_and_holds_no_data_is_made_anew() -> None:
    kinds = ["libvirt:index/domain:Domain", "docker:index/container:Container"]
    found = half_made({"deployment": {"pending_operations": [begun(kind) for kind in kinds]}})
    assert found == [{"type": kind, "name": "orders"} for kind in kinds]


@pytest.mark.parametrize(
    "operation",
    [
        begun("libvirt:index/volume:Volume", protect=True),
        begun("libvirt:index/domain:Domain", operation="deleting"),
        begun("docker:index/volume:Volume"),
        begun("postgresql:index/database:Database"),
    ],
    ids=["a disk with data", "what was to go", "a volume of Docker's", "a database"],
)
def test_nothing_else_is_taken_away(operation: dict[str, Any]) -> None:
    assert half_made({"deployment": {"pending_operations": [operation]}}) == []
    assert half_made({"deployment": {}}) == []
