"""What each stack holds of a cluster: every object in one share and no other, and no more of others' than it depends on."""

from __future__ import annotations

import base64
import gzip
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from bench.generated import add, write
from components.kubernetes.admission.facts import FORM, PLANNED, pod_shape
from components.kubernetes.manifest import Hidden, Manifest, revealed
from components.kubernetes.objects import objects_of, of_share, steps_of
from plat.environment import Environment
from plat.plan.model import Plan, SecretRef
from plat.plan.shares import Share, shares
from plat.project import CONTEXTS_VARIABLE, Project
from tests.thorough import values_but_thoroughly
from tests.unit.divided import LANDSCAPES, ON_CLUSTER, QUICK, ROOT, called, planned

CASES = [f"{landscape}.{ON_CLUSTER}" for landscape in (*LANDSCAPES, "tests/landscapes/bazaar")]


@pytest.fixture(scope="module", params=values_but_thoroughly(QUICK[1:], CASES), ids=called)
def plan(request: pytest.FixtureRequest) -> Plan:
    return planned(request.param)


@pytest.fixture
def orders() -> Plan:
    return planned("contexts/order-processing.cluster-units")


def works(item: Manifest) -> bool:
    """Whether it works inside of a server: one for all in one stack, one for each share that has something there in many."""
    return item.kind in {"Job", "Secret"} and item.resource.endswith(("--inside", "--only"))


def refs_of(item: Manifest) -> set[SecretRef]:
    found: set[SecretRef] = set()

    def note(hidden: Hidden) -> None:
        found.update(hidden.refs)

    revealed(item.body, note)
    return found


def shown(item: Manifest) -> object:
    said = revealed(item.body, lambda hidden: list(hidden.refs))
    if item.kind == "Namespace":
        # What works inside of the platform's servers is said otherwise, which another test looks at.
        said["metadata"]["annotations"] = {
            key: text for key, text in said["metadata"]["annotations"].items() if FORM not in key and "--inside-" not in key
        }
    return said


def test_the_objects_of_all_shares_are_those_of_the_whole(plan: Plan) -> None:
    divided = [item for share in shares(plan).values() for item in of_share(share)]
    names = Counter((item.type_token, item.resource) for item in divided)
    assert set(names.values()) == {1}
    assert len({(item.kind, item.namespace, item.name) for item in divided}) == len(divided)
    together = {(item.type_token, item.resource): shown(item) for item in objects_of(plan) if not works(item)}
    assert {(item.type_token, item.resource): shown(item) for item in divided if not works(item)} == together


def test_a_share_needs_no_secret_that_it_neither_makes_nor_is_given(plan: Plan) -> None:
    for share in shares(plan).values():
        needed = {ref for item in of_share(share) for ref in refs_of(item)}
        assert needed <= {*share.generates, *share.derives, *share.receives}, share.name


def test_only_the_platforms_shares_and_accesses_hold_a_password_of_the_platforms(plan: Plan) -> None:
    administrators = {server.admin_secret for server in plan.servers if server.owner == "platform"}
    holding = {share.name for share in shares(plan).values() for item in of_share(share) if administrators & refs_of(item)}
    assert all(name == "platform" or name.endswith("_access") for name in holding)


def test_a_unit_with_a_namespace_puts_nothing_into_anothers(plan: Plan) -> None:
    for share in shares(plan).values():
        own = {namespace.name for namespace in share.plan.namespaces}
        if share.unit == share.name:
            assert {item.namespace for item in of_share(share) if item.namespace} <= own
        else:
            assert {item.namespace for item in of_share(share)} <= {f"{plan.landscape}--platform"}
            assert not own


def test_every_job_of_an_access_has_the_form_that_the_platforms_namespace_says(plan: Plan) -> None:
    divided = [item for share in shares(plan).values() for item in of_share(share)]
    platform = next(item for item in divided if item.kind == "Namespace" and item.unit == "platform")
    jobs = [item for item in divided if item.kind == "Job" and item.namespace == platform.name]
    planned = {key.partition(PLANNED)[2] for key in platform.annotations if key.startswith("Job")}
    apart = [item for item in jobs if item.name not in planned]
    assert apart
    for item in apart:
        template = revealed(item.content["spec"]["template"], lambda hidden: list(hidden.refs))
        form = platform.annotations[f"Job{FORM}{template['metadata']['labels']['plat.dev/inside']}"]
        assert isinstance(form, str)
        assert form.replace("{name}", item.name) == pod_shape(template)


def test_who_lets_nobody_else_in_knows_everybody_and_no_password_but_the_administrators(orders: Plan) -> None:
    share = shares(orders)["platform_access"]
    (hidden, _) = of_share(share)
    assert refs_of(hidden) == {orders.server("platform--rabbitmq").admin_secret}
    text = task(share)
    assert '"users": ["notification", "order-processing"]' in text
    assert '["order-processing.events", "order_queue", ' in text


def task(share: Share) -> str:
    (secret,) = (item for item in of_share(share) if item.kind == "Secret")
    (hidden,) = secret.content["data"].values()
    return gzip.decompress(base64.b64decode(hidden.render(dict.fromkeys(hidden.refs, "a-password")))).decode()


def test_who_has_been_removed_is_let_in_no_more(orders: Plan) -> None:
    share = shares(orders)["platform_access"]
    assert share.leaving([]) == share
    text = task(share.leaving(["notification"]))
    assert '"users": ["order-processing"]' in text
    assert '"bindings": []' in text
    own = shares(orders)["notification"]
    assert own.leaving(["notification"]) == own


def test_what_is_left_out_is_said_to_admission_all_the_same(orders: Plan) -> None:
    share = shares(orders)["order-processing"]
    assert share.leaning == ("order-processing",)
    steps, later = steps_of(share), steps_of(share.without(share.leaning))
    assert [item.body["metadata"] for item in later.provided if item.kind == "Namespace"] == [
        item.body["metadata"] for item in steps.provided if item.kind == "Namespace"
    ]
    assert {item.kind for item in steps.run} - {item.kind for item in later.run} >= {"Deployment"}
    assert of_share(share.without(share.leaning))[-1].name == of_share(share)[-1].name


def environment(name: str, **settings: object) -> dict[str, Any]:
    file = ROOT / "stacks" / "environments" / f"{name}.yaml"
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {**found, **settings}


def test_an_operator_that_makes_what_is_inside_of_the_broker_cannot_be_divided() -> None:
    def having(*operators: str) -> dict[str, Any]:
        found = environment("cluster-units")
        return {**found, "cluster": {**found["cluster"], "operators": list(operators)}}

    assert Environment.model_validate(having("keda")).stacks == "unit"
    with pytest.raises(ValidationError, match="`rabbitmq` makes what is inside of the broker"):
        Environment.model_validate(having("keda", "rabbitmq"))


def test_units_on_machines_are_refused() -> None:
    with pytest.raises(ValidationError, match="a stack for each unit can be had where every target is local, or every one"):
        Environment.model_validate(environment("vm", stacks="unit"))


Divided = Callable[..., dict[str, Share]]


@pytest.fixture
def divided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Divided:
    (tmp_path / "stacks").mkdir()
    shutil.copytree(ROOT / "stacks" / "environments", tmp_path / "stacks" / "environments")

    def make(contexts: int, more: int = 0) -> dict[str, Share]:
        root = write(tmp_path / f"{contexts}-{more}", contexts)
        for nth in range(more):
            add(root, contexts, nth)
        # The same landscape, with more of the same contexts.
        file = root / "landscape.yaml"
        file.write_text(file.read_text().replace(f"name: {root.name}\n", "name: generated\n", 1))
        named = root.rename(root.parent / "generated")
        monkeypatch.setenv(CONTEXTS_VARIABLE, str(named.parent))
        return dict(shares(Project(tmp_path).plan("generated.cluster-units")))

    return make


@pytest.mark.parametrize("contexts", [40, 42], ids=["of a team that has others", "the first of its team"])
def test_one_context_more_changes_only_those_that_it_deals_with(divided: Divided, contexts: int) -> None:
    before, after = divided(contexts), divided(contexts, more=1)
    more = set(after) - set(before)
    new = next(after[name] for name in more if not name.endswith("_access"))
    assert more == {new.name, f"{new.name}_access"}
    changed = {name for name in before if before[name].digest != after[name].digest}
    # Its one callee comes to know its token.
    (called,) = (name for name in changed if not name.endswith("_access"))
    assert changed == {"platform_access", called, f"{called}_access"}
    assert new.name in str(after[called].plan.workloads[0].callers)


def test_what_a_share_is_made_of_does_not_grow_with_the_landscape(divided: Divided) -> None:
    def size(found: dict[str, Share], name: str) -> int:
        return len(str(revealed([item.body for item in of_share(found[name])], lambda hidden: list(hidden.refs))))

    small, large = divided(12), divided(120)
    late = sorted(name for name in small if not name.startswith("platform"))[:6]
    assert all(len(large[name].flows) <= len(small[name].flows) + 40 for name in late)
    assert size(small, "platform") == pytest.approx(size(large, "platform"), rel=0.2)
