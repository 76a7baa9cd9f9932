"""What becomes of a Kafka by Strimzi, judged by Strimzi's own definitions on a real API server; nobody makes a Kafka of it.

Strimzi's operators cannot be had (docs/adr/0024). So nothing here says anything of the rights in a running Kafka: it says that
objects are such as Strimzi defines them, that an update waits for what an operator says and tells it, and that the cluster
refuses others. Where an operator has to say something, the test says it, in the form in which the definitions have it.
"""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.manifest import revealed
from components.kubernetes.objects import objects_of
from plat.kubernetes import labels, pods
from plat.plan.model import ApiServer
from plat.project import Project
from tests.integration.cluster.conftest import BASE, Cluster, eventually
from tests.integration.main_job.checkout import changes, kill_session

ROOT = Path(__file__).resolve().parents[3]
API = "kafka.strimzi.io/v1"
TRIAL = "strimzi-trial"
LANDSCAPES = ("parcel-shipping", "parcel-shipping-year-1", "parcel-shipping-year-2")

Body = dict[str, Any]


def planned(landscape: str, replicas: int) -> list[Body]:
    """Strimzi's objects of a landscape, in the trial's namespace, with values for its secrets."""
    plan = Project(ROOT).plan(f"{landscape}.cluster")
    assert plan.cluster
    api = ApiServer(("10.0.0.1/32",), 6443)
    cluster = dataclasses.replace(plan.cluster, operators=("strimzi",), broker_replicas=replicas, api_server=api)
    objects = objects_of(dataclasses.replace(plan, cluster=cluster))
    found = [
        revealed(item.body, lambda hidden: hidden.render(dict.fromkeys(hidden.refs, "generated")))
        for item in objects
        if item.api_version == API
    ]
    for body in found:
        body["metadata"]["namespace"] = TRIAL
    return found


@pytest.fixture(scope="module")
def trial(cluster: Cluster) -> Iterator[Cluster]:
    cluster.done("create", "namespace", TRIAL)
    yield cluster
    cluster.done("delete", "namespace", TRIAL)


def lost(sent: object, kept: object, path: str = "") -> Iterator[str]:
    """The parts of what was sent that are not in what was kept."""
    if isinstance(sent, dict) and isinstance(kept, dict):
        for key, inner in sent.items():
            yield from lost(inner, kept.get(key), f"{path}.{key}")
    elif isinstance(sent, list) and isinstance(kept, list) and len(sent) == len(kept):
        for index, (one, other) in enumerate(zip(sent, kept, strict=True)):
            yield from lost(one, other, f"{path}[{index}]")
    elif sent != kept:
        yield path


@pytest.mark.parametrize(("landscape", "replicas"), [*((name, 1) for name in LANDSCAPES), ("parcel-shipping", 3)])
def test_strimzi_knows_every_field_of_every_object(trial: Cluster, landscape: str, replicas: int) -> None:
    bodies = planned(landscape, replicas)
    assert {body["kind"] for body in bodies} == {"Kafka", "KafkaNodePool", "KafkaTopic", "KafkaUser"}
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": bodies})
    # A field that nobody defines is an error here, and is dropped without a word where validation is not strict.
    trial.done("create", "--filename=-", "--validate=strict", "--dry-run=server", given=text)
    trial.done("create", "--filename=-", "--validate=strict", given=text)
    for body in bodies:
        kept = trial.get(f"{body['kind'].lower()}.kafka.strimzi.io", body["metadata"]["name"], f"--namespace={TRIAL}")
        assert list(lost(body, kept)) == []
    trial.done("delete", "--filename=-", given=text)


def nth(kind: str, index: int = 0) -> Body:
    return [body for body in planned("parcel-shipping", 1) if body["kind"] == kind][index]


BAD: Mapping[str, tuple[Callable[[], Body], Callable[[Body], object], str]] = {
    "a field that nobody defines": (
        lambda: nth("Kafka"),
        lambda body: body["spec"]["kafka"].update(replicas=3),
        'unknown field "spec.kafka.replicas"',
    ),
    "a Kafka without a listener": (lambda: nth("Kafka"), lambda body: body["spec"]["kafka"].pop("listeners"), "listeners"),
    "a port of Strimzi's own": (
        lambda: nth("Kafka"),
        lambda body: body["spec"]["kafka"]["listeners"][0].update(port=9091),
        "greater than or equal to 9092",
    ),
    "no nodes' volumes": (lambda: nth("KafkaNodePool"), lambda body: body["spec"].pop("storage"), "spec.storage: Required"),
    "a role that nodes do not have": (
        lambda: nth("KafkaNodePool"),
        lambda body: body["spec"].update(roles=["observer"]),
        "Unsupported value",
    ),
    "a topic on no node": (
        lambda: nth("KafkaTopic"),
        lambda body: body["spec"].update(replicas=0),
        "greater than or equal to 1",
    ),
    "a right by what looks like a pattern": (
        lambda: nth("KafkaUser", 1),
        lambda body: body["spec"]["authorization"]["acls"][0]["resource"].update(patternType="match"),
        "Unsupported value",
    ),
    "an operation that Kafka does not have": (
        lambda: nth("KafkaUser", 1),
        lambda body: body["spec"]["authorization"]["acls"][0].update(operations=["Consume"]),
        "Unsupported value",
    ),
    "an older version of the API": (
        lambda: nth("KafkaTopic"),
        lambda body: body.update(apiVersion="kafka.strimzi.io/v1beta2"),
        "no matches for kind",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_the_api_server_judges_by_strimzis_definitions(trial: Cluster, case: str) -> None:
    make, spoil, reason = BAD[case]
    body = make()
    trial.done("create", "--filename=-", "--validate=strict", "--dry-run=server", given=json.dumps(body))
    spoil(body)
    answer = trial.kubectl("create", "--filename=-", "--validate=strict", "--dry-run=server", given=json.dumps(body))
    assert answer.returncode != 0
    assert reason in answer.stdout


NAME = "streams"
HERE = ("-e", "strimzi")
STACK = f"{NAME}.strimzi"
PLATFORM, SALES = f"{NAME}--platform", f"{NAME}--sales"
BROKER = "platform--kafka"
LANDSCAPE = """
apiVersion: plat/v1
kind: Landscape
name: streams
title: Streams
purpose: One context that publishes, and one that listens.
teams: [{name: shop-team}]
platform-team: shop-team
broker: {type: kafka, team: shop-team}
"""
CONTEXT = """
apiVersion: plat/v1
kind: Context
name: {name}
team: shop-team
subdomain: core
purpose: Sleeps.
deployables:
  - {{name: {name}, image: docker.io/plat/base:dev, command: [sleep, infinity]}}
{more}
"""
CONTEXTS = {
    "sales": "publishes:\n  Sold: {version: 1, status: active, retention: 7d}",
    "stock": "consumes:\n  - {event: sales.Sold}",
}
SETTINGS = "  operators: [strimzi]\n  api-server: {networks: [10.250.0.1/32], port: 16443}\n"
KINDS = ("kafkas", "kafkatopics", "kafkausers")


def say(cluster: Cluster, item: Body, kind: str, *, generation: int | None = None, message: str = "") -> None:
    """What an operator says of an object, in its status."""
    condition = {"type": kind, "status": "True", "lastTransitionTime": "2026-11-28T00:00:00Z"}
    condition |= {"reason": "InvalidResource", "message": message} if message else {}
    status = {"observedGeneration": generation or item["metadata"]["generation"], "conditions": [condition]}
    where = f"--namespace={item['metadata']['namespace']}"
    words = ("patch", f"{item['kind'].lower()}.kafka.strimzi.io", item["metadata"]["name"], where, "--subresource=status")
    cluster.done(*words, "--type=merge", f"--patch={json.dumps({'status': status})}")


def of(cluster: Cluster, kind: str) -> list[Body]:
    found: list[Body] = cluster.get(f"{kind}.kafka.strimzi.io", f"--namespace={PLATFORM}")["items"]
    return found


def is_ready(item: Body) -> bool:
    status = item.get("status", {})
    current = status.get("observedGeneration", 0) >= item["metadata"]["generation"]
    return bool(current and any(condition["type"] == "Ready" for condition in status.get("conditions", ())))


def say_ready(cluster: Cluster) -> None:
    """That everything is as it was asked for, as far as nobody has said so yet."""
    for kind in KINDS:
        for item in of(cluster, kind):
            if not is_ready(item):
                say(cluster, item, "Ready")


@contextmanager
def running(cluster: Cluster, *words: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A command under way, and the file with what it has printed."""
    printed = cluster.checkout.root / "printed"
    process = cluster.checkout.start("/bin/sh", "-c", 'out="$1"; shift; exec "$@" > "$out" 2>&1', "sh", str(printed), *words)
    try:
        yield process, printed
    finally:
        if process.poll() is None:
            kill_session(process)


def ended(cluster: Cluster, process: subprocess.Popen[str], printed: Path, *, code: int = 0, seconds: float = 500) -> str:
    """Say that everything is ready until a command ends, with that exit code; what it has printed."""
    give_up = time.monotonic() + seconds
    while process.poll() is None:
        assert time.monotonic() < give_up, printed.read_text()
        say_ready(cluster)
        time.sleep(1)
    text = printed.read_text()
    assert process.returncode == code, text
    return text


@pytest.fixture(scope="module")
def up(cluster: Cluster) -> Iterator[tuple[Cluster, str]]:
    """A landscape that is up as far as it can be, and what was printed on the way."""
    root = cluster.checkout.root
    folder = root / "contexts" / NAME
    folder.mkdir()
    (folder / "landscape.yaml").write_text(LANDSCAPE)
    for name, more in CONTEXTS.items():
        (folder / f"{name}.yaml").write_text(CONTEXT.format(name=name, more=more))
    environments = root / "stacks" / "environments"
    text = (environments / "cluster.yaml").read_text().replace("name: cluster", "name: strimzi")
    (environments / "strimzi.yaml").write_text(text.rstrip() + "\n" + SETTINGS)
    try:
        with running(cluster, "plat", "up", NAME, *HERE) as (process, printed):

            def there() -> bool:
                assert process.poll() is None, printed.read_text()
                return bool(
                    cluster.kubectl("get", f"kafka.{API.partition('/')[0]}", BROKER, f"--namespace={PLATFORM}").returncode == 0
                )

            eventually(there, 300)
            (kafka,) = of(cluster, "kafkas")
            say(cluster, kafka, "NotReady", message="the nodes have no room")
            eventually(lambda: "the nodes have no room" in printed.read_text(), 120)
            # Nothing is asked of those inside before there is something to be inside of.
            assert (of(cluster, "kafkatopics"), of(cluster, "kafkausers")) == ([], [])
            # What `plat up` tries at its end finds no Kafka, and says so: nobody has made one.
            text = ended(cluster, process, printed, code=1)
        assert "stock: platform--kafka, reach port 9092" in text, text
        yield cluster, text
    finally:
        cluster.checkout.run("plat", "destroy", NAME, *HERE, "--with-data", "--confirm", NAME, timeout=300)


@pytest.mark.timeout(1200)
def test_an_update_waits_for_what_the_operator_says_and_tells_why_it_waits(up: tuple[Cluster, str]) -> None:
    cluster, printed = up
    assert f"waiting for {BROKER} (operator): Kafka `{BROKER}`: InvalidResource: the nodes have no room" in printed
    assert {item["metadata"]["name"] for item in of(cluster, "kafkausers")} == {"admin", "sales", "stock"}
    assert {item["spec"]["topicName"] for item in of(cluster, "kafkatopics")} == {
        "streams.sales.Sold.v1",
        "stock.sales.Sold.v1.dead",
    }


def test_a_second_update_changes_nothing(up: tuple[Cluster, str]) -> None:
    cluster, _ = up
    again = cluster.checkout.done(
        "pulumi", "up", "-s", STACK, "--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies"
    )
    assert changes(again).endswith(" unchanged"), changes(again)
    assert ";" not in changes(again)


@pytest.mark.timeout(900)
def test_another_password_is_waited_for_until_the_operator_has_taken_it(up: tuple[Cluster, str]) -> None:
    cluster, _ = up
    resources = cluster.checkout.state(STACK)["deployment"]["resources"]
    urn = next(item["urn"] for item in resources if item["urn"].endswith("::broker/sales"))
    rotate = ("pulumi", "up", "-s", STACK, "--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies")

    def sales() -> Body:
        return next(item for item in of(cluster, "kafkausers") if item["metadata"]["name"] == "sales")

    before = sales()["metadata"]["generation"]
    with running(cluster, *rotate, "--replace", urn) as (process, printed):

        def asked() -> bool:
            assert process.poll() is None, printed.read_text()
            return bool(sales()["metadata"]["generation"] > before)

        eventually(asked, 120)
        # It is Ready still, as what it was before.
        say(cluster, sales(), "Ready", generation=before)
        time.sleep(10)
        assert process.poll() is None, printed.read_text()
        ended(cluster, process, printed)


def test_what_keeps_it_from_being_ready_is_told_by_status(up: tuple[Cluster, str]) -> None:
    cluster, _ = up
    user = next(item for item in of(cluster, "kafkausers") if item["metadata"]["name"] == "sales")
    say(cluster, user, "NotReady", message="the Secret is not there")
    told = cluster.checkout.run("plat", "status", NAME, *HERE).stdout
    words = f"{BROKER}: KafkaUser `sales`: InvalidResource: the Secret is not there"
    assert words in " ".join(told.split()), told
    say(cluster, user, "Ready")


OTHER = ("--as=another", "--as-group=system:masters")
INSIDE = f"system:serviceaccount:{PLATFORM}:{BROKER}-entity-operator"
UNREADABLE, BREACH = "unreadable-resource", "way-round-the-fence"


def made(kind: str, namespace: str, spec: Body, api: str = API, **borne: str) -> Body:
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": "by-hand", "namespace": namespace, "labels": {"strimzi.io/cluster": BROKER, **borne}},
        "spec": spec,
    }


RIGHT: Body = {"resource": {"type": "topic", "name": "*"}, "operations": ["All"]}
USER: Body = {"authorization": {"type": "simple", "acls": [RIGHT]}}
MAIN = pods.container("main", BASE, 64, "IfNotPresent", command=["sleep", "60"])
VOLUME = {"name": "held", "persistentVolumeClaim": {"claimName": f"data-0-{BROKER}-nodes-0"}}


def bare(template: Body) -> Body:
    metadata = {**template["metadata"], "name": "by-hand", "namespace": PLATFORM}
    return {"apiVersion": "v1", "kind": "Pod", **template, "metadata": metadata}


def deployed(template: Body) -> Body:
    template["metadata"]["labels"]["app"] = "by-hand"
    found = made("Deployment", PLATFORM, {"selector": {"matchLabels": {"app": "by-hand"}}, "template": template}, "apps/v1")
    return {**found, "metadata": {**found["metadata"], "labels": {labels.TEAM: "shop-team"}}}


ATTEMPTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], Body | None, str, str]] = {
    "a user by who provisions": ((), ("create",), made("KafkaUser", PLATFORM, USER), "kinds", UNREADABLE),
    "a user by somebody else": (OTHER, ("create",), made("KafkaUser", PLATFORM, USER), "kinds", UNREADABLE),
    "a user in a context's namespace": (OTHER, ("create",), made("KafkaUser", SALES, USER), "kinds", UNREADABLE),
    "a planned user that is changed": (
        OTHER,
        ("patch", "kafkauser", "sales", f"--namespace={PLATFORM}", "--type=merge", f"--patch={json.dumps({'spec': USER})}"),
        None,
        # Both refuse it, and the API server tells of one.
        "hands|kinds",
        f"{BREACH}|{UNREADABLE}",
    ),
    "a planned topic that is removed": (
        OTHER,
        ("delete", "kafkatopic", "--all", f"--namespace={PLATFORM}", "--wait=false"),
        None,
        "hands",
        BREACH,
    ),
    "a bridge": (
        (),
        ("create",),
        made("KafkaBridge", SALES, {"replicas": 1, "bootstrapServers": f"{BROKER}:9092"}),
        "kinds",
        UNREADABLE,
    ),
    "another number of nodes": (
        (),
        ("scale", "kafkanodepool", "nodes", f"--namespace={PLATFORM}", "--replicas=2"),
        None,
        "doors",
        BREACH,
    ),
    "a pod with what the operator makes of a user": (
        (),
        ("create",),
        bare(pods.pod({labels.TEAM: "shop-team"}, [MAIN], None, volumes=[pods.from_secret("held", f"{BROKER}-user-sales")])),
        "pods",
        BREACH,
    ),
    "a pod on a node's volume": (
        (),
        ("create",),
        bare(pods.pod({labels.TEAM: "shop-team"}, [MAIN], None, volumes=[VOLUME])),
        "pods",
        BREACH,
    ),
    "a pod as the operator": (
        (),
        ("create",),
        # Nobody has made the account here, without which a bare pod would be refused anyway.
        deployed(pods.pod({labels.TEAM: "shop-team"}, [MAIN], None, serviceAccountName=f"{BROKER}-entity-operator")),
        "pods",
        BREACH,
    ),
    "a pod like the operator's": (
        (),
        ("create",),
        bare(pods.pod({labels.TEAM: "shop-team", "strimzi.io/name": f"{BROKER}-entity-operator"}, [MAIN])),
        "pods",
        BREACH,
    ),
}


@pytest.mark.parametrize("case", ATTEMPTS)
def test_the_cluster_itself_refuses_by_hand(up: tuple[Cluster, str], case: str) -> None:
    cluster, _ = up
    who, words, given, policy, rule = ATTEMPTS[case]
    text = json.dumps(given) if given else None
    answer = cluster.kubectl(*who, *words, *(["--filename=-"] if given else []), given=text)
    assert answer.returncode != 0, answer.stdout
    assert re.search(rf"ValidatingAdmissionPolicy '{NAME}\.(?:{policy})'", answer.stdout), answer.stdout
    assert re.search(rf"error\[(?:{rule})\]", answer.stdout)


def test_who_makes_users_may_make_what_it_has_to_and_nobody_else_may(up: tuple[Cluster, str]) -> None:
    cluster, _ = up
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": f"{BROKER}-user-sales", "namespace": PLATFORM}}
    assert cluster.kubectl(*OTHER, "create", "--filename=-", given=json.dumps(secret)).returncode != 0
    as_operator = (f"--as={INSIDE}", "--as-group=system:masters")
    cluster.done(*as_operator, "create", "--filename=-", given=json.dumps(secret))
    cluster.done(*as_operator, "delete", "--filename=-", given=json.dumps(secret))
