"""What holds of every landscape, whatever its contexts are and however they are related."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from pathlib import Path
from random import Random

from hypothesis import assume, given
from hypothesis import strategies as st

from plat.claims import Claim, DatastoreClaim, GrantClaim, Origin, RouteClaim, SeparationClaim, TopicClaim, WorkloadClaim
from plat.plan.build import build
from plat.plan.intent import intended_claims
from plat.plan.model import Plan
from plat.rules import Facts, judge
from tests.thorough import examples, thorough
from tests.unit.properties import rights
from tests.unit.properties.shapes import (
    ENVIRONMENT,
    FULL,
    Context,
    Shape,
    checked,
    contexts,
    linked,
    planned,
    possible,
    shapes,
)

ROOT = Path(__file__).resolve().parents[3]

few = examples(30)


@few
@given(shapes())
def test_no_claim_is_without_an_owner(shape: Shape) -> None:
    landscape = linked(shape)
    claims = intended_claims(landscape)
    owned = {context.name for context in landscape.contexts}
    running = owned | {deployable.name for deployable in landscape.deployables}
    teams = {team.name for team in landscape.teams}

    for claim in claims:
        match claim:
            case DatastoreClaim() | TopicClaim():
                assert claim.owner in owned
            case GrantClaim():
                assert claim.who in owned
            case RouteClaim():
                assert {claim.source, claim.destination} <= running
            case WorkloadClaim():
                assert claim.team in teams
                assert {*claim.contexts} <= owned
            case SeparationClaim():
                assert {claim.one, claim.other} <= owned
            case _:
                raise AssertionError(claim)
        assert claim.origin.location
    stores = [claim.datastore for claim in claims if isinstance(claim, DatastoreClaim)]
    assert len(stores) == len({*stores})
    assert judge(claims, Facts.of({context.name: context.team for context in landscape.contexts}, claims)) == ()


@few
@given(shapes())
def test_every_right_follows_from_a_relation_and_every_relation_brings_its_rights(shape: Shape) -> None:
    assert rights.given(planned(shape)) == rights.implied(shape)


@few
@given(shapes(), st.data())
def test_taking_a_relation_out_takes_exactly_its_rights_out(shape: Shape, data: st.DataObject) -> None:
    assume(shape.relations)
    less = shape.without(data.draw(st.sampled_from(sorted(shape.relations))))
    less = dataclasses.replace(less, front=shape.front and any(one.downstream == "storefront" for one in less.relations))
    before, after = rights.given(planned(shape)), rights.given(planned(less))

    assert after <= before
    assert before - after == rights.implied(shape) - rights.implied(less)


@few
@given(shapes(), st.randoms(use_true_random=False), st.data())
def test_a_plan_does_not_depend_on_files_nor_on_the_order_of_what_is_written(
    shape: Shape, random: Random, data: st.DataObject
) -> None:
    written = shape.descriptors()
    names = sorted(written)
    shuffled = {name: _shuffled(written[name], random) for name in data.draw(st.permutations(names))}
    renamed = dict(zip(names, data.draw(st.permutations([f"file-{index}" for index in range(len(names))])), strict=True))
    other = checked(shuffled, renamed | {"landscape": "landscape"}).landscape
    assert other is not None
    one, same = planned(shape), build(other, ENVIRONMENT)

    assert one.digest == same.digest
    assert _bare(one.claims) == _bare(same.claims)


@thorough
def test_a_plan_is_the_same_in_every_process() -> None:
    program = "from tests.unit.properties.shapes import FULL, planned; print(planned(FULL).digest)"
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }

    assert digests == {f"{planned(FULL).digest}\n"}


@few
@given(shapes(), contexts("newcomer"), st.data())
def test_a_new_context_changes_no_other_ones_plan_but_by_declared_relations(
    shape: Shape, newcomer: Context, data: st.DataObject
) -> None:
    grown = (*shape.contexts, dataclasses.replace(newcomer, hosted=False, isolation="instance"))
    choice = [one for one in possible(grown, front=False) if "newcomer" in one]
    added = frozenset(data.draw(st.sets(st.sampled_from(choice)))) if choice else frozenset()
    before, after = planned(shape), planned(dataclasses.replace(shape, contexts=grown, relations=shape.relations | added))

    declaring = {one.downstream for one in added}
    called = {one.upstream for one in added if one.kind == "call"}
    shared = {
        context for workload in after.workloads for context in workload.contexts if {*workload.contexts} & (declaring | called)
    }
    for context in before.contexts:
        if context not in declaring | shared:
            assert _part(before, context) == _part(after, context)
        if context not in declaring:
            assert _rights_of(before, context) == _rights_of(after, context)


def _part(plan: Plan, context: str) -> dict[str, object]:
    """All of a plan that is there for one context."""
    stores = plan.datastores_of(context)
    broker = plan.broker
    assert broker
    return {
        "stores": stores,
        "servers": [plan.server(store.server) for store in stores],
        "user": plan.broker_user(context),
        "exchanges": broker.exchanges_of(context),
        "queues": broker.queues_of(context),
        "topics": broker.topics_of(context),
        "subscriptions": broker.subscriptions_of(context),
        "surface": plan.surface(context),
        "routes": [route for route in plan.routes if route.source == context],
        "workloads": plan.workloads_of(context),
    }


def _rights_of(plan: Plan, context: str) -> set[rights.Right]:
    return {right for right in rights.given(plan) if right[0] == context and right[1] != "knows"}


def _bare(claims: tuple[Claim, ...]) -> list[str]:
    """Claims without the places that make them, in no order."""
    return sorted(repr(dataclasses.replace(claim, origin=Origin("anywhere"))) for claim in claims)


def _shuffled(value: object, random: Random) -> object:
    """The same descriptor with the keys of its mappings, and the entries of its lists, in another order.

    Datastores and commands keep theirs: there it says something.
    """
    if isinstance(value, dict):
        keys = [*value]
        random.shuffle(keys)
        return {key: value[key] if key in {"datastore", "command"} else _shuffled(value[key], random) for key in keys}
    if isinstance(value, list):
        items = [_shuffled(item, random) for item in value]
        random.shuffle(items)
        return items
    return value
