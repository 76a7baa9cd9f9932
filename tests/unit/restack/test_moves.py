"""Where each resource belongs, for all that landscapes register: nothing is moved to a wrong place, and nothing left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from components.landscape import provision
from plat.plan.model import Plan
from plat.plan.shares import Share, shares, whole
from plat.project import CONTEXTS_VARIABLE, Project
from plat.restack.moves import is_left, moves
from tests.unit.policies.recorded import fresh_runtime, registered

ROOT = Path(__file__).resolve().parents[3]
LANDSCAPES = [
    ("contexts", "e-commerce"),
    ("contexts", "parcel-shipping"),
    ("contexts", "restaurant"),
    ("tests/landscapes", "emporium"),
    ("tests/landscapes", "market"),
]


@pytest.fixture(autouse=True)
def _runtime() -> Iterator[None]:
    with fresh_runtime():
        yield


CASES = [(folder, name, environment) for folder, name in LANDSCAPES for environment in ("units", "cluster-units")]


@pytest.fixture(params=CASES, ids=[f"{name}.{environment}" for _, name, environment in CASES])
def plan(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Plan:
    folder, name, environment = request.param
    monkeypatch.setenv(CONTEXTS_VARIABLE, str(ROOT / folder))
    return Project(ROOT).plan(f"{name}.{environment}")


def state(share: Share) -> list[Mapping[str, Any]]:
    """What the stack of a share holds."""
    others = {"given": "0", "secrets": dict.fromkeys(share.receives, "0" * 32)}
    found = registered(lambda: provision(share) and None, str(share.stack), preview=False, others=others)
    return [{"type": resource.type, "urn": resource.urn} for resource in found]


def movable(resources: list[Mapping[str, Any]]) -> set[str]:
    """The names of those that are no components and no providers, and not what one shape alone has."""
    return {name for item in resources if not is_left([item]) and not works(name := item["urn"].rpartition("::")[2])}


def works(name: str) -> bool:
    """Whether it works inside of a server of the platform's for one share: in the one stack one works for all."""
    return name.startswith("platform--") and name.endswith(("--inside", "--only"))


def test_the_one_stack_is_divided_into_just_what_the_shares_hold(plan: Plan) -> None:
    divided = shares(plan)
    found = moves(divided, {plan.stack: state(whole(plan))})
    moved = {move.share: {name for urn in move.urns if not works(name := urn.rpartition("::")[2])} for move in found}
    assert {share: names for share, names in moved.items() if names} == {
        name: names for name, share in divided.items() if (names := movable(state(share)))
    }


def test_the_shares_come_together_into_just_what_the_one_stack_holds(plan: Plan) -> None:
    states = {str(share.stack): state(share) for share in shares(plan).values()}
    found = moves({"": whole(plan)}, states)
    assert {move.dest for move in found} == {plan.stack}
    moved = {urn for move in found for urn in move.urns}
    assert {name for move in found for urn in move.urns if not works(name := urn.rpartition("::")[2])} == movable(
        state(whole(plan))
    )
    # Nothing is left behind in stacks that nobody has any more.
    assert all(is_left([item]) or item["urn"] in moved for item in chain(*states.values()))


def test_what_is_in_its_place_stays(plan: Plan) -> None:
    assert moves(shares(plan), {str(share.stack): state(share) for share in shares(plan).values()}) == ()
    assert moves({"": whole(plan)}, {plan.stack: state(whole(plan))}) == ()


def test_what_nobody_declares_stays_where_it_is(plan: Plan) -> None:
    foreign = {"type": "postgresql:index/role:Role", "urn": "urn:pulumi:s::plat::postgresql:index/role:Role::somebody--role"}
    assert moves(shares(plan), {plan.stack: [foreign]}) == ()
    assert not is_left([foreign])
