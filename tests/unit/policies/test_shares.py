"""The pack gives the stacks of units the verdict that it gives the whole landscape, although it sees one of them at a time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from components.landscape import provision
from plat.plan.model import Plan
from plat.plan.shares import Share, shares, whole
from plat.project import CONTEXTS_VARIABLE, Project
from policies.bench import Bench
from policies.ground import Ground
from policies.observed import Observed, Properties
from policies.observers import Identity, identity
from tests.thorough import all_but_thoroughly, values_but_thoroughly
from tests.unit.policies.recorded import fresh_runtime, registered
from tests.unit.policies.resources import BREACH

ROOT = Path(__file__).resolve().parents[3]
LANDSCAPES = ["emporium", "market", "parcels"]
REFERENCE = "pulumi:pulumi:StackReference"


@pytest.fixture(autouse=True)
def _runtime() -> Iterator[None]:
    with fresh_runtime():
        yield


CASES = [f"{name}.{environment}" for name in LANDSCAPES for environment in ("units", "cluster-units")]


@pytest.fixture(scope="module", params=values_but_thoroughly(["market.units", "market.cluster-units"], CASES))
def plan(request: pytest.FixtureRequest) -> Plan:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / "tests" / "landscapes"))
        return Project(ROOT).plan(request.param)


@pytest.fixture(scope="module")
def every(plan: Plan) -> Mapping[str, list[Observed]]:
    """What each share registers in an update."""
    with fresh_runtime():
        return {name: made(share) for name, share in shares(plan).items()}


def made(share: Share, *, preview: bool = False) -> list[Observed]:
    def program() -> None:
        provision(share)

    others: Mapping[str, object] = {
        "given": "0",
        "secrets": {ref: hashlib.sha256(ref.encode()).hexdigest()[:32] for ref in share.receives},
    }
    return registered(program, str(share.stack), preview=preview, others=others)


def findings(plan: Plan, share: Share, resources: list[Observed]) -> list[str]:
    bench = Bench(Ground.of(plan, share))
    found = [finding.render() for resource in resources for finding in bench.findings(resource)]
    return found + [finding.render() for _, finding in bench.findings_at_the_end(resources)]


@pytest.mark.parametrize("preview", all_but_thoroughly([False], [True, False]), ids=["the first preview", "the update"])
def test_what_every_share_becomes_passes(plan: Plan, *, preview: bool) -> None:
    for share in shares(plan).values():
        assert findings(plan, share, made(share, preview=preview)) == [], share.name


def test_the_shares_are_the_whole_and_no_two_hold_one_thing(plan: Plan, every: Mapping[str, list[Observed]]) -> None:
    ground = Ground.of(plan)
    found = (identity(resource, ground) for held in every.values() for resource in held)
    divided = Counter(thing for thing in found if thing and not works(thing))
    together = (identity(resource, ground) for resource in made(whole(plan)))
    assert divided == Counter(thing for thing in together if thing and not works(thing))


def works(thing: Identity) -> bool:
    """Whether it is a Job that works inside of a server, or its task: one for all, or one for each share."""
    return thing[0].endswith((":Job", ":Secret")) and ("--inside-" in thing[-1] or "--only-" in thing[-1])


def test_what_one_share_holds_is_refused_in_every_other(plan: Plan, every: Mapping[str, list[Observed]]) -> None:
    claimed = {
        "platlocal:index:Process",
        "platlocal:index:Server",
        "postgresql:index/database:Database",
        "rabbitmq:index/exchange:Exchange",
        "rabbitmq:index/permissions:Permissions",
        "kafka:index/topic:Topic",
        "kubernetes:apps/v1:Deployment",
        "kubernetes:apps/v1:StatefulSet",
        "kubernetes:batch/v1:Job",
        "kubernetes:core/v1:Namespace",
        "kubernetes:core/v1:PersistentVolumeClaim",
        "kubernetes:core/v1:Secret",
        "kubernetes:core/v1:Service",
        "kubernetes:networking.k8s.io/v1:NetworkPolicy",
        "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding",
    }
    for name, share in shares(plan).items():
        foreign = [item for other, held in every.items() if other != name for item in held if item.type in claimed]
        if name == "platform":
            # Who works inside of its servers does so in its namespace, in which more may be than what is planned.
            foreign = [item for item in foreign if not item.name.endswith(("--inside", "--only"))]
        ground = Ground.of(plan, share)
        for resource in foreign:
            bench = Bench(ground)
            found = [finding.message for finding in bench.findings(resource) if finding.rule == BREACH]
            assert any(f"no part of the share `{name}`" in message for message in found), (name, resource.label)


def test_a_share_reads_its_givers_stack_and_no_other(plan: Plan) -> None:
    every = shares(plan)
    for share in every.values():
        for other in every:
            resource = reference(share, f"organization/plat/{share.stack.of(other)}")
            assert bool(findings(plan, share, [resource])) is (other != share.giver), (share.name, other)


@pytest.mark.parametrize("name", ["organization/other/{}", "organization/plat/{}x", "plat/{}", "{}", ""])
def test_a_stack_that_is_only_called_alike_is_not_read(plan: Plan, name: str) -> None:
    share = next(share for share in shares(plan).values() if share.giver)
    resource = reference(share, name.format(share.stack.of(share.giver or "")))
    assert findings(plan, share, [resource])


def reference(share: Share, name: str) -> Observed:
    urn = f"urn:pulumi:{share.stack}::plat::{REFERENCE}::{name}"
    return Observed(urn, REFERENCE, name, Properties({"name": name}))
