"""A cluster with a machine beside it: real ways out of pods and into them, and nothing else.

The machine is a network namespace with the planned address, in which the deployable that belongs on it runs; what Docker and
a firewall do on a real one is for the tests of machines.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.manifest import revealed
from components.kubernetes.objects import objects_of
from plat.environment import Environment
from plat.kubernetes.kubectl import Kubectl
from plat.landscape import load_landscape
from plat.plan import variables
from plat.plan.build import build
from plat.plan.model import Endpoint, Plan, SecretRef
from plat.verify import in_cluster, wire
from plat.verify.expectations import expectations
from plat.verify.model import Result
from providers.local.environment import resolve_environment
from tests.integration.cluster.conftest import BASE, ROOT, Cluster, eventually
from toolchain.cluster.places import API_ADDRESS
from toolchain.cluster.places import NAME as NODE

NAME = "beside"
MACHINE, STRANGER, ROUTER = "10.251.7.16", "10.251.7.99", "10.251.7.1"
ROOM, LINK, PORT = "plat-beside", "beside0", "beside1"

LANDSCAPE = """
apiVersion: plat/v1
kind: Landscape
name: beside
title: Beside
purpose: One context on a machine, and others on a cluster.
teams: [{name: shop-team}]
platform-team: shop-team
broker: {type: kafka}
"""
CONTEXT = """
apiVersion: plat/v1
kind: Context
name: {name}
team: shop-team
subdomain: core
purpose: Answers.
deployables:
  - {{name: {name}-api, image: {image}, command: [python, -m, samples.generic], port: 8080}}
"""
CONTEXTS = {
    "sales": "exposes: {TakeOrder: {}}\npublishes: {OrderTaken: {version: 1}}\nruntime: {target: vm}\n"
    "upstreams: [{context: goods, uses: [GetGoods]}]\n",
    "goods": "exposes: {GetGoods: {}}\ndatastore: {type: redis}\nconsumes: [{event: sales.OrderTaken, version: 1}]\n",
    "parcels": "upstreams: [{context: sales, uses: [TakeOrder]}]\n",
}
# Of the machine nothing is entered here.
HOST = {
    "name": "faked",
    "address": MACHINE,
    "host-key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEfCy1Uq0g0cYwqo0lCq0m2tG2b9d1J0bN8mX0r4WvQk",
    "key": "keys/none",
    "team": "shop-team",
}


def environment() -> Environment:
    images = dict.fromkeys(("kafka", "mongodb", "mysql", "postgresql", "rabbitmq", "redis", "plat"), BASE)
    return Environment.model_validate(
        {
            "apiVersion": "plat/v1",
            "kind": "Environment",
            "name": "test",
            "targets": {"kubernetes": "kubernetes", "vm": "vm"},
            "cluster": {
                "provisioner": {"user": "plat-administrator"},
                "image-pull-policy": "IfNotPresent",
                "images": images,
                "reached": {"address": API_ADDRESS},
                "outgoing": [f"{ROUTER}/32"],
            },
            "machines": {"inventory": [HOST], "administration": [f"{ROUTER}/32"]},
        }
    )


@dataclass(frozen=True)
class Beside:
    """What is up: the plan of it, the secrets that it was made with, and the cluster."""

    cluster: Cluster
    plan: Plan
    secrets: Mapping[SecretRef, str]

    def at_machine(self, program: str, *words: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """A Python program in the machine's network."""
        return subprocess.run(
            ["ip", "netns", "exec", ROOM, sys.executable, *(["-c", program] if program else []), *words],
            input=given,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def connects(self, source: str, host: str, port: int) -> bool:
        """Whether a connection from an address of the machine's network comes about."""
        program = "import socket, sys; socket.create_connection((sys.argv[2], int(sys.argv[3])), 5, (sys.argv[1], 0)).close()"
        done = self.at_machine(program, source, host, str(port))
        assert done.returncode == 0 or "timed out" in done.stderr or "refused" in done.stderr, done.stderr
        return done.returncode == 0

    def in_pod(self, workload: str, program: str, *words: str) -> str:
        """What a Python program in a pod of a workload prints."""
        namespace = self.plan.workload(workload).namespace or ""
        pod = self.cluster.get("pods", f"--namespace={namespace}", f"--selector=plat.dev/workload={workload}")["items"][0]
        command = ("exec", f"--namespace={namespace}", pod["metadata"]["name"], "--", "python3", "-c", program, *words)
        return self.cluster.done(*command)


WAITED_FOR = {
    "StatefulSet": ("rollout", "status"),
    "Job": ("wait", "--for=condition=complete"),
    "Deployment": ("rollout", "status"),
}
ASKS = """
import sys, urllib.request
request = urllib.request.Request(sys.argv[2], method=sys.argv[1], data=b"{}" if sys.argv[1] == "POST" else None)
print(urllib.request.urlopen(request, timeout=20).read().decode())
"""


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@pytest.fixture(scope="module")
def machine() -> Iterator[None]:
    """A network namespace with the machine's address and another one, linked to the node."""
    ip("netns", "add", ROOM)
    try:
        ip("-n", ROOM, "link", "add", LINK, "type", "veth", "peer", "name", PORT, "netns", NODE)
        ip("-n", NODE, "addr", "add", f"{ROUTER}/24", "dev", PORT)
        ip("-n", NODE, "link", "set", PORT, "up")
        for address in (MACHINE, STRANGER):
            ip("-n", ROOM, "addr", "add", f"{address}/24", "dev", LINK)
        for device in ("lo", LINK):
            ip("-n", ROOM, "link", "set", device, "up")
        ip("-n", ROOM, "route", "add", "default", "via", ROUTER)
        yield
    finally:
        # The other end of the link goes with it.
        ip("netns", "delete", ROOM)


@pytest.fixture(scope="module")
def plan(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    folder = Path(tmp_path_factory.mktemp(NAME)) / NAME
    folder.mkdir()
    (folder / "landscape.yaml").write_text(LANDSCAPE)
    for name, more in CONTEXTS.items():
        (folder / f"{name}.yaml").write_text(CONTEXT.format(name=name, image=BASE) + more)
    loaded = load_landscape(folder)
    assert loaded.landscape, loaded.findings
    found = build(loaded.landscape, environment())
    assert found.cluster
    return replace(found, cluster=replace(found.cluster, kubeconfig=str(cluster.kubeconfig)))


@pytest.fixture(scope="module")
def up(cluster: Cluster, plan: Plan, machine: None) -> Iterator[Beside]:  # noqa: ARG001 - it has to be there
    known = {ref: secrets.token_hex(16) for ref in plan.secrets}
    objects = [revealed(item.body, lambda hidden: hidden.render(known)) for item in objects_of(plan)]
    policies = [item for item in objects if "AdmissionPolicy" in item["kind"]]
    try:
        cluster.apply(*of_kinds(objects, "Namespace"))
        cluster.apply(*policies)
        cluster.apply(*(item for item in objects if item["kind"] not in {*WAITED_FOR, "Namespace"} and item not in policies))
        # As an update does: what is inside of a server is made once that runs, and what uses it comes after.
        for kind, asked in WAITED_FOR.items():
            cluster.apply(*of_kinds(objects, kind))
            for item in of_kinds(objects, kind):
                where = f"--namespace={item['metadata']['namespace']}"
                cluster.done(*asked, f"{kind}/{item['metadata']['name']}", where, "--timeout=290s")
        beside = Beside(cluster, plan, known)
        with on_machine(beside):
            yield beside
    finally:
        cluster.kubectl("delete", "--ignore-not-found", "validatingadmissionpolicybindings", *names_of(policies, "Binding"))
        cluster.kubectl("delete", "--ignore-not-found", "validatingadmissionpolicies", *names_of(policies, "Policy"))
        cluster.kubectl("delete", "namespace", "--ignore-not-found", *(item.name for item in plan.namespaces))


def of_kinds(objects: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [item for item in objects if item["kind"] == kind]


def names_of(objects: list[dict[str, Any]], end: str) -> list[str]:
    return [item["metadata"]["name"] for item in objects if item["kind"].endswith(end)]


class on_machine:  # noqa: N801 - used as a context
    """What runs on the machine: its deployable, with exactly the variables that it gets."""

    def __init__(self, beside: Beside) -> None:
        workload = beside.plan.workload("sales-api")
        held = {name: beside.secrets[ref] for name, ref in workload.secrets.items()}
        callers = variables.of_callers({caller: beside.secrets[ref] for caller, ref in workload.callers.items()})
        self._environment = resolve_environment(workload.environment, {**held, **callers})
        self._beside = beside

    def __enter__(self) -> None:
        self._process = subprocess.Popen(
            ["ip", "netns", "exec", ROOM, sys.executable, "-m", "samples.generic"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **self._environment},
        )
        port = self._beside.plan.workload("sales-api").port or 0
        eventually(lambda: self._beside.connects(MACHINE, MACHINE, port))

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)


def told(result: Result) -> str:
    cell = result.cell
    return f"{cell.principal} at {cell.door.target}, {cell.door.right}: {cell.allowed}, and yet {result.outcome.words}"


def outside(thing: Endpoint | None) -> Endpoint:
    assert thing
    return thing


@pytest.mark.timeout(1200)
def test_a_machine_reaches_what_it_has_a_way_to_and_another_address_does_not(up: Beside) -> None:
    broker, goods = outside(up.plan.server("platform--kafka").outside), outside(up.plan.workload("goods-api").outside)

    for there in (broker, goods):
        assert up.connects(MACHINE, there.host, there.port)
        assert not up.connects(STRANGER, there.host, there.port)


@pytest.mark.timeout(600)
def test_a_machine_reaches_no_pod_past_these_ports(up: Beside) -> None:
    pods = up.cluster.get("pods", "--all-namespaces", f"--selector=app.kubernetes.io/part-of={NAME}")["items"]
    found = {pod["metadata"]["labels"].get("plat.dev/server") or "": pod["status"].get("podIP") for pod in pods}

    assert not up.connects(MACHINE, found["goods--redis"], 6379)
    assert not up.connects(MACHINE, found["platform--kafka"], 9092)


@pytest.mark.timeout(600)
def test_an_event_of_a_machine_arrives_on_the_cluster(up: Beside) -> None:
    port = up.plan.workload("sales-api").port
    published = up.at_machine(ASKS, "POST", f"http://127.0.0.1:{port}/publish/OrderTaken")
    assert published.returncode == 0, published.stderr

    eventually(lambda: "OrderTaken" in up.in_pod("goods-api", ASKS, "GET", "http://127.0.0.1:8080/received"))


@pytest.mark.timeout(600)
def test_the_broker_serves_a_machine_all_that_the_map_gives_it(up: Beside) -> None:
    there, broker = outside(up.plan.server("platform--kafka").outside), up.plan.server("platform--kafka")
    cells = [
        replace(cell, door=replace(cell.door, host=there.host, port=there.port))
        for cell in expectations(up.plan)
        if (cell.door.host, cell.door.port) == (broker.host, broker.port)
    ]
    done = up.at_machine("", "-m", "plat.verify", given=wire.task(cells, up.secrets))
    outcomes = wire.read_answer(done.stdout)

    assert any(cell.allowed for cell in cells)
    results = [Result(cell, outcome) for cell, outcome in zip(cells, outcomes, strict=True)]
    assert [told(result) for result in results if result.differs] == []


@pytest.mark.timeout(600)
def test_calls_go_both_ways(up: Beside) -> None:
    port = up.plan.workload("sales-api").port
    called = up.at_machine(ASKS, "GET", f"http://127.0.0.1:{port}/call/goods/GetGoods")
    assert called.returncode == 0, called.stderr
    assert "GetGoods" in called.stdout

    assert "TakeOrder" in up.in_pod("parcels-api", ASKS, "GET", "http://127.0.0.1:8080/call/sales/TakeOrder")


@pytest.mark.timeout(900)
def test_pods_come_to_the_machine_where_the_map_says_so_and_nothing_differs(up: Beside) -> None:
    assert up.plan.cluster
    report = in_cluster.verify(up.plan, up.secrets, Kubectl(up.plan.cluster, ROOT))

    assert [told(result) for result in report.results if result.differs] == []
    at_machine = {(item.cell.principal, item.cell.allowed) for item in report.results if item.cell.door.host == MACHINE}
    assert {("parcels-api", True), ("goods-api", False), ("parcels", True)} <= at_machine


@pytest.mark.timeout(600)
def test_pods_come_from_where_the_environment_says(up: Beside) -> None:
    """Which is all that a machine's firewall knows of them."""
    assert up.plan.cluster
    port = up.plan.workload("sales-api").port
    holding = f"import socket, time; held = socket.create_connection(('{MACHINE}', {port}), 10); time.sleep(10)"
    with ThreadPoolExecutor(1) as pool:
        held = pool.submit(up.in_pod, "parcels-api", holding)
        eventually(lambda: peers(port) != set())
        found = peers(port)
        held.result()
    assert {f"{address}/32" for address in found} == {*up.plan.cluster.outgoing}


def peers(port: int | None) -> set[str]:
    """Who is connected to a port of the machine."""
    words = ("ip", "netns", "exec", ROOM, "ss", "-Htn", "state", "established", f"( sport = :{port} )")
    lines = subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[3].rpartition(":")[0] for line in lines} - {MACHINE, ""}


@pytest.mark.timeout(600)
def test_by_hand_no_port_of_nodes_is_opened_or_moved(up: Beside) -> None:
    where = f"--namespace={NAME}--goods"
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "by-hand", "namespace": f"{NAME}--goods"},
        "spec": {"type": "NodePort", "selector": {"app": "by-hand"}, "ports": [{"port": 80}]},
    }
    refused = up.cluster.kubectl("create", "--filename=-", given=json.dumps(service))
    assert refused.returncode != 0
    assert "reached from outside of the cluster" in refused.stdout

    change = json.dumps([{"op": "replace", "path": "/spec/externalTrafficPolicy", "value": "Cluster"}])
    refused = up.cluster.kubectl("patch", "service", "goods-api--outside", where, "--type=json", f"--patch={change}")
    assert refused.returncode != 0
    assert "differs from it" in refused.stdout

    refused = up.cluster.kubectl("patch", "service", "goods-api", where, '--patch={"spec": {"type": "NodePort"}}')
    assert refused.returncode != 0
