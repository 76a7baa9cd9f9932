"""Where each resource belongs, for all that landscapes register: nothing is moved to a wrong place, and nothing left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from components.landscape import provision
from plat.plan.model import Plan
from plat.plan.shares import Share, shares, whole
from plat.restack.moves import is_left, moves
from tests.thorough import values_but_thoroughly
from tests.unit.divided import QUICK, called, cases, planned
from tests.unit.policies.recorded import fresh_runtime, registered

SOME = (
    "contexts/e-commerce",
    "contexts/parcel-shipping",
    "contexts/restaurant",
    "tests/landscapes/emporium",
    "tests/landscapes/market",
)

State = list[Mapping[str, Any]]

WHOLE = ""


@pytest.fixture(scope="module", params=values_but_thoroughly(QUICK, cases(SOME)), ids=called)
def plan(request: pytest.FixtureRequest) -> Plan:
    return planned(request.param)


@pytest.fixture(scope="module")
def held(plan: Plan) -> Mapping[str, State]:
    """What the stack of each share holds, and under `WHOLE` the one stack of all."""
    return {name: state(share) for name, share in {WHOLE: whole(plan), **shares(plan)}.items()}


def state(share: Share) -> State:
    """What the stack of a share holds."""
    others = {"given": "0", "secrets": dict.fromkeys(share.receives, "0" * 32)}
    with fresh_runtime():
        found = registered(lambda: provision(share) and None, str(share.stack), preview=False, others=others)
    return [{"type": resource.type, "urn": resource.urn} for resource in found]


def divided(plan: Plan, held: Mapping[str, State]) -> dict[str, State]:
    """The same by stacks, without the one of all."""
    return {str(share.stack): held[name] for name, share in shares(plan).items()}


def movable(resources: State) -> set[str]:
    """The names of those that are no components and no providers, and not what one shape alone has."""
    return {name for item in resources if not is_left([item]) and not works(name := name_of(item["urn"]))}


def works(name: str) -> bool:
    """Whether it works inside of a server of the platform's for one share: in the one stack one works for all."""
    return name.startswith("platform--") and name.endswith(("--inside", "--only"))


def name_of(urn: str) -> str:
    return urn.rpartition("::")[2]


def test_the_one_stack_is_divided_into_just_what_the_shares_hold(plan: Plan, held: Mapping[str, State]) -> None:
    found = moves(shares(plan), {plan.stack: held[WHOLE]})
    moved = {move.share: {name for urn in move.urns if not works(name := name_of(urn))} for move in found}
    wanted = {name: names for name in shares(plan) if (names := movable(held[name]))}
    assert {share: names for share, names in moved.items() if names} == wanted


def test_the_shares_come_together_into_just_what_the_one_stack_holds(plan: Plan, held: Mapping[str, State]) -> None:
    found = moves({WHOLE: whole(plan)}, divided(plan, held))
    assert {move.dest for move in found} == {plan.stack}
    moved = {urn for move in found for urn in move.urns}
    assert {name for urn in moved if not works(name := name_of(urn))} == movable(held[WHOLE])
    # Nothing is left behind in stacks that nobody has any more.
    assert all(is_left([item]) or item["urn"] in moved for state in divided(plan, held).values() for item in state)


def test_what_is_in_its_place_stays(plan: Plan, held: Mapping[str, State]) -> None:
    assert moves(shares(plan), divided(plan, held)) == ()
    assert moves({WHOLE: whole(plan)}, {plan.stack: held[WHOLE]}) == ()


def test_what_nobody_declares_stays_where_it_is(plan: Plan) -> None:
    foreign = {"type": "postgresql:index/role:Role", "urn": "urn:pulumi:s::plat::postgresql:index/role:Role::somebody--role"}
    assert moves(shares(plan), {plan.stack: [foreign]}) == ()
    assert not is_left([foreign])
