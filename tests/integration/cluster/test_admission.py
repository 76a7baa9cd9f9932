"""Going round Plat by `kubectl`: the cluster itself refuses it, whoever asks, and says which rule it breaks and what to do."""

from __future__ import annotations

import copy
import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from plat.kubernetes import labels, pods
from tests.integration.cluster.conftest import BASE, Cluster, eventually
from tests.integration.main_job.checkout import changes

LANDSCAPE = "order-processing"
STACK = f"{LANDSCAPE}.cluster"
HERE = ("-e", "cluster")
ORDERS, USERS, PLATFORM = (f"{LANDSCAPE}--{unit}" for unit in ("order-processing", "user-management", "platform"))
DATABASE = "order-processing--postgresql"

ADMINISTRATOR = ("--as=another-administrator", "--as-group=admission-test-administrators", "--as-group=system:authenticated")
"""May do everything, and is not who provisions."""

TEAM = ("--as=admission-test-developer", "--as-group=orders-team", "--as-group=system:authenticated")
"""Somebody of a team, who was given the right to edit."""

PROVISIONER: tuple[str, ...] = ()
"""Whose access `plat up` uses."""

Body = dict[str, Any]


@dataclass(frozen=True)
class Attempt:
    """Somebody's request, and what the refusal says: by which policy, for which rule, why."""

    who: tuple[str, ...]
    words: tuple[str, ...]
    policy: str
    rule: str
    reason: str
    given: Body | None = None


BREACH, OWNERSHIP, UNREADABLE = "way-round-the-fence", "deployable-ownership", "unreadable-resource"


def body(api: str, kind: str, name: str = "by-hand", namespace: str | None = ORDERS, **content: object) -> Body:
    metadata: Body = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **content}


def pod(template_labels: Mapping[str, str] | None = None, container: Body | None = None, **spec: object) -> Body:
    said = {labels.TEAM: "orders-team", **(template_labels or {})}
    inside: Body = {"command": ["sleep", "600"], **(container or {})}
    return pods.pod(said, [pods.container("main", BASE, 64, "IfNotPresent", **inside)], None, **spec)


def bare(template: Body) -> Body:
    found = body("v1", "Pod", spec=template["spec"])
    return found | {"metadata": {**template["metadata"], **found["metadata"]}}


def deployment(template: Body, kind: str = "Deployment") -> Body:
    template["metadata"]["labels"]["app"] = "by-hand"
    return body("apps/v1", kind, spec={"selector": {"matchLabels": {"app": "by-hand"}}, "template": template})


def job(template: Body) -> Body:
    template["spec"]["restartPolicy"] = "Never"
    return body("batch/v1", "Job", spec={"template": template})


def cron_job(template: Body) -> Body:
    return body("batch/v1", "CronJob", spec={"schedule": "0 0 1 1 *", "jobTemplate": {"spec": job(template)["spec"]}})


def made(who: tuple[str, ...], policy: str, rule: str, reason: str, given: Body) -> Attempt:
    return Attempt(who, ("create", "--filename=-"), policy, rule, reason, given)


def ran(who: tuple[str, ...], policy: str, rule: str, reason: str, *words: str) -> Attempt:
    return Attempt(who, words, policy, rule, reason)


IN_ORDERS = f"--namespace={ORDERS}"
OPENED = {"podSelector": {}, "ingress": [{}], "policyTypes": ["Ingress"]}
SECRET_OF_SERVER = {"secretKeyRef": {"name": f"{DATABASE}--files", "key": "passwd"}}
NETWORK, SERVICE, CLAIM = "networking.k8s.io/v1", "v1", {"accessModes": ["ReadWriteOnce"]}
ROLES = "rbac.authorization.k8s.io"
ASKS = {"resources": {"requests": {"storage": "1Gi"}}}

ATTEMPTS: Mapping[str, Attempt] = {
    # Ways.
    "who provisions opens a way by another policy": made(
        PROVISIONER, "ways", BREACH, "opens a way that the plan does not have", body(NETWORK, "NetworkPolicy", spec=OPENED)
    ),
    "who provisions widens a planned policy": ran(
        PROVISIONER,
        "ways",
        BREACH,
        "opens a way that the plan does not have",
        "patch",
        "networkpolicy",
        DATABASE,
        IN_ORDERS,
        "--type=merge",
        "--patch",
        json.dumps({"spec": {"ingress": [{}]}}),
    ),
    "who provisions softens the closed policy": ran(
        PROVISIONER,
        "ways",
        BREACH,
        "opens a way that the plan does not have",
        "patch",
        "networkpolicy",
        "default-deny",
        IN_ORDERS,
        "--type=merge",
        "--patch",
        json.dumps({"spec": {"policyTypes": ["Ingress"]}}),
    ),
    "another administrator makes a policy that only closes": made(
        ADMINISTRATOR, "hands", BREACH, "the fences of a unit", body(NETWORK, "NetworkPolicy", spec={"podSelector": {}})
    ),
    "another administrator removes the closed policy": ran(
        ADMINISTRATOR,
        "hands",
        BREACH,
        "which who provisions alone may change",
        "delete",
        "networkpolicy",
        "default-deny",
        IN_ORDERS,
    ),
    "the team gives somebody else's address a name": made(
        TEAM,
        "ways",
        UNREADABLE,
        "somebody else's address",
        body(SERVICE, "Service", spec={"type": "ExternalName", "externalName": f"user-management--redis.{USERS}.svc"}),
    ),
    "the team makes a Service that selects nothing": made(
        TEAM, "ways", UNREADABLE, "selects no pods", body(SERVICE, "Service", spec={"ports": [{"port": 6379}]})
    ),
    "the team makes a Service on every node": made(
        TEAM,
        "ways",
        BREACH,
        "reached from outside of the cluster",
        body(SERVICE, "Service", spec={"type": "NodePort", "selector": {"app": "x"}, "ports": [{"port": 80}]}),
    ),
    "who provisions asks for a load balancer": made(
        PROVISIONER,
        "ways",
        BREACH,
        "reached from outside of the cluster",
        body(SERVICE, "Service", spec={"type": "LoadBalancer", "selector": {"app": "x"}, "ports": [{"port": 80}]}),
    ),
    "who provisions gives a server another name": made(
        PROVISIONER,
        "ways",
        UNREADABLE,
        "another name for what the plan has",
        body(SERVICE, "Service", spec={"selector": {labels.SERVER: DATABASE}, "ports": [{"port": 5432}]}),
    ),
    "who provisions gives a server another name by other labels": made(
        PROVISIONER,
        "ways",
        UNREADABLE,
        "another name for what the plan has",
        body(SERVICE, "Service", spec={"selector": {labels.NAME: DATABASE}, "ports": [{"port": 5432}]}),
    ),
    "who provisions lets a planned Service lead elsewhere": ran(
        PROVISIONER,
        "ways",
        BREACH,
        "bears the name of what the landscape plans",
        "patch",
        "service",
        DATABASE,
        IN_ORDERS,
        "--type=json",
        "--patch",
        json.dumps([{"op": "replace", "path": "/spec/selector", "value": {"app": "elsewhere"}}]),
    ),
    "an administrator writes addresses by hand": made(
        ADMINISTRATOR,
        "ways",
        UNREADABLE,
        "nobody can tell whose addresses",
        body("discovery.k8s.io/v1", "EndpointSlice", addressType="IPv4", endpoints=[{"addresses": ["10.244.0.9"]}]),
    ),
    "the team makes an Ingress": made(
        TEAM,
        "ways",
        BREACH,
        "past every route of the plan",
        body(NETWORK, "Ingress", spec={"defaultBackend": {"service": {"name": "order-processing", "port": {"number": 80}}}}),
    ),
    # Pods, and what makes some.
    "the team starts a pod": made(TEAM, "hands", BREACH, "what runs in a unit's namespace", bare(pod())),
    "another administrator starts a workload": made(
        ADMINISTRATOR, "hands", BREACH, "what runs in a unit's namespace", deployment(pod())
    ),
    "who provisions forges a workload's label on a pod": made(
        PROVISIONER, "pods", BREACH, "whose traffic and rights", bare(pod({labels.WORKLOAD: "order-processing"}))
    ),
    "who provisions forges a server's label in a template": made(
        PROVISIONER, "pods", BREACH, "whose traffic and rights", deployment(pod({labels.SERVER: DATABASE}))
    ),
    "who provisions forges a label in a ReplicaSet": made(
        PROVISIONER,
        "pods",
        BREACH,
        "whose traffic and rights",
        deployment(pod({labels.WORKLOAD: "order-processing"}), "ReplicaSet"),
    ),
    "who provisions forges a label in a job of a schedule": made(
        PROVISIONER, "pods", BREACH, "whose traffic and rights", cron_job(pod({labels.INSIDE: DATABASE}))
    ),
    "who provisions passes off a pod as one that tries fences": made(
        PROVISIONER,
        "pods",
        BREACH,
        "whose traffic and rights",
        bare(pod({labels.WORKLOAD: "order-processing", labels.TRIES: "true"}, {"command": ["sh", "-c", "exfiltrate"]})),
    ),
    "who provisions labels a running pod as another": ran(
        PROVISIONER,
        "pods",
        BREACH,
        "a pod stays what it was made as",
        "label",
        "pod",
        f"{DATABASE}-0",
        IN_ORDERS,
        "--overwrite",
        f"{labels.SERVER}=another",
    ),
    "who provisions runs another image in a planned workload": ran(
        PROVISIONER,
        "pods",
        BREACH,
        "bears the name of what the landscape plans",
        "set",
        "image",
        "deployment/order-processing",
        "order-processing=registry.example/other:1",
        IN_ORDERS,
    ),
    "who provisions hands a planned workload another variable": ran(
        PROVISIONER,
        "pods",
        BREACH,
        "bears the name of what the landscape plans",
        "set",
        "env",
        "deployment/order-processing",
        "EXTRA=1",
        IN_ORDERS,
    ),
    "another team's workload": made(
        PROVISIONER, "pods", OWNERSHIP, "another team's than this unit's", deployment(pod({labels.TEAM: "identity-team"}))
    ),
    "another unit's workload": made(
        PROVISIONER, "pods", OWNERSHIP, "another unit's", deployment(pod({labels.UNIT: "user-management"}))
    ),
    "a job with an administrator's secret in a variable": made(
        PROVISIONER,
        "pods",
        BREACH,
        "given the secret of an administrator",
        job(pod(container={"env": [{"name": "X", "valueFrom": SECRET_OF_SERVER}]})),
    ),
    "a job with all of an administrator's secret": made(
        PROVISIONER,
        "pods",
        BREACH,
        "given the secret of an administrator",
        job(pod(container={"envFrom": [{"secretRef": {"name": f"{DATABASE}--files"}}]})),
    ),
    "a job with an administrator's secret as a file": made(
        PROVISIONER,
        "pods",
        BREACH,
        "mounts the secret of an administrator",
        job(pod(volumes=[pods.from_secret("x", f"{DATABASE}--files")])),
    ),
    "a job with an administrator's secret in a projected volume": made(
        PROVISIONER,
        "pods",
        BREACH,
        "mounts the secret of an administrator",
        job(pod(volumes=[{"name": "x", "projected": {"sources": [{"secret": {"name": f"{DATABASE}--files"}}]}}])),
    ),
    "a job with the volume of a server": made(
        PROVISIONER,
        "pods",
        BREACH,
        "mounts the volume of a server",
        job(pod(volumes=[{"name": "x", "persistentVolumeClaim": {"claimName": DATABASE}}])),
    ),
    "a job as the account of a workload": made(
        PROVISIONER, "pods", BREACH, "the account of what the plan has", job(pod(serviceAccountName="order-processing"))
    ),
    "a job that speaks to the cluster's API": made(
        PROVISIONER,
        "pods",
        BREACH,
        "the cluster's API",
        job(pod() | {"spec": pod()["spec"] | {"automountServiceAccountToken": True}}),
    ),
    "a workload in the node's network": made(
        PROVISIONER, "pods", BREACH, "on the node itself", deployment(pod(hostNetwork=True), "DaemonSet")
    ),
    "a workload with the node's files": made(
        PROVISIONER, "pods", BREACH, "or the node itself", deployment(pod(volumes=[{"name": "x", "hostPath": {"path": "/"}}]))
    ),
    "a workload that gives an address another name": made(
        PROVISIONER,
        "pods",
        BREACH,
        "a name of its own choice",
        deployment(pod(hostAliases=[{"ip": "10.96.0.9", "hostnames": ["db"]}])),
    ),
    # Rights.
    "the team gives an account its own role": made(
        TEAM,
        "hands",
        BREACH,
        "what holds rights",
        body(
            f"{ROLES}/v1",
            "RoleBinding",
            roleRef={"apiGroup": ROLES, "kind": "Role", "name": "team"},
            subjects=[{"kind": "ServiceAccount", "name": "default", "namespace": ORDERS}],
        ),
    ),
    "who provisions binds a role of the whole cluster": made(
        PROVISIONER,
        "rights",
        BREACH,
        "neither the unit's team nor an account of its own",
        body(
            f"{ROLES}/v1",
            "RoleBinding",
            roleRef={"apiGroup": ROLES, "kind": "ClusterRole", "name": "admin"},
            subjects=[{"apiGroup": ROLES, "kind": "Group", "name": "orders-team"}],
        ),
    ),
    "who provisions lets the team read secrets": made(
        PROVISIONER,
        "rights",
        BREACH,
        "see what holds rights",
        body(f"{ROLES}/v1", "Role", rules=[{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]),
    ),
    "who provisions lets another team in by the planned role": ran(
        PROVISIONER,
        "rights",
        BREACH,
        "neither the unit's team",
        "patch",
        "rolebinding",
        "team",
        IN_ORDERS,
        "--type=merge",
        "--patch",
        json.dumps({"subjects": [{"apiGroup": ROLES, "kind": "Group", "name": "identity-team"}]}),
    ),
    "an administrator gives a team rights in every namespace": made(
        ADMINISTRATOR,
        "wide",
        BREACH,
        "rights in every unit's namespace",
        body(
            f"{ROLES}/v1",
            "ClusterRoleBinding",
            "admission-test-wide",
            None,
            roleRef={"apiGroup": ROLES, "kind": "ClusterRole", "name": "view"},
            subjects=[{"apiGroup": ROLES, "kind": "Group", "name": "orders-team"}],
        ),
    ),
    "the team writes a Secret": made(TEAM, "hands", BREACH, "what holds rights", body("v1", "Secret")),
    "who provisions makes a key to the API": made(
        PROVISIONER,
        "rights",
        BREACH,
        "a key to the cluster's API",
        body("v1", "Secret", type="kubernetes.io/service-account-token")
        | {"metadata": {"name": "x", "namespace": ORDERS, "annotations": {"kubernetes.io/service-account.name": "default"}}},
    ),
    "the team changes a planned Secret": ran(
        TEAM,
        "hands",
        BREACH,
        "which who provisions alone may change",
        "patch",
        "secret",
        "order-processing--env",
        IN_ORDERS,
        "--type=merge",
        "--patch",
        json.dumps({"data": {"X": "eA=="}}),
    ),
    "another administrator says what is planned": ran(
        ADMINISTRATOR,
        "namespaces",
        BREACH,
        "for who provisions alone",
        "annotate",
        "namespace",
        ORDERS,
        "Pod.plan.plat.dev/by-hand=",
    ),
    "another administrator removes a planned workload": ran(
        ADMINISTRATOR,
        "hands",
        BREACH,
        "which who provisions alone may change",
        "delete",
        "deployment",
        "order-processing",
        IN_ORDERS,
    ),
    "who provisions lifts the planned quota": ran(
        PROVISIONER,
        "rights",
        BREACH,
        "bears the name of what the landscape plans",
        "patch",
        "resourcequota",
        "quota",
        IN_ORDERS,
        "--type=merge",
        "--patch",
        json.dumps({"spec": {"hard": {"services.nodeports": "5"}}}),
    ),
    "the team scales a workload by an autoscaler of its own": made(
        TEAM,
        "rights",
        BREACH,
        "how many run of what is planned",
        body(
            "autoscaling/v2",
            "HorizontalPodAutoscaler",
            spec={
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "order-processing"},
                "maxReplicas": 9,
            },
        ),
    ),
    "who provisions scales a server": ran(
        PROVISIONER,
        "doors",
        BREACH,
        "how many run is for the descriptor",
        "scale",
        f"statefulset/{DATABASE}",
        IN_ORDERS,
        "--replicas=2",
    ),
    "another administrator scales a workload": ran(
        ADMINISTRATOR,
        "doors",
        BREACH,
        "how many run is for the descriptor",
        "scale",
        "deployment/order-processing",
        IN_ORDERS,
        "--replicas=1",
    ),
    # Storage.
    "who provisions claims a volume that is there": made(
        PROVISIONER,
        "rights",
        BREACH,
        "takes over storage",
        body("v1", "PersistentVolumeClaim", spec={**CLAIM, **ASKS, "volumeName": "somebody-elses"}),
    ),
    "who provisions copies another claim": made(
        PROVISIONER,
        "rights",
        BREACH,
        "takes over storage",
        body(
            "v1",
            "PersistentVolumeClaim",
            spec={**CLAIM, **ASKS, "dataSource": {"kind": "PersistentVolumeClaim", "name": DATABASE}},
        ),
    ),
    "an administrator makes a volume for a unit's claim": made(
        ADMINISTRATOR,
        "wide",
        UNREADABLE,
        "it gives a unit's claim other storage",
        body(
            "v1",
            "PersistentVolume",
            "admission-test",
            None,
            spec={
                **CLAIM,
                "capacity": {"storage": "1Gi"},
                "hostPath": {"path": "/srv"},
                "claimRef": {"namespace": ORDERS, "name": "by-hand"},
            },
        ),
    ),
    # Namespaces.
    "who provisions takes Pod Security from a namespace": ran(
        PROVISIONER,
        "namespaces",
        BREACH,
        "without Pod Security",
        "label",
        "namespace",
        ORDERS,
        "--overwrite",
        "pod-security.kubernetes.io/enforce=privileged",
    ),
    "who provisions takes a namespace out of the landscape": ran(
        PROVISIONER, "namespaces", OWNERSHIP, "would not know it any more", "label", "namespace", ORDERS, f"{labels.PART_OF}-"
    ),
    "who provisions labels a namespace as another unit's": ran(
        PROVISIONER,
        "namespaces",
        OWNERSHIP,
        "is none's",
        "label",
        "namespace",
        ORDERS,
        "--overwrite",
        f"{labels.UNIT}=user-management",
    ),
    "who provisions labels somebody else's namespace as a unit's": made(
        PROVISIONER,
        "namespaces",
        OWNERSHIP,
        "is none's",
        body("v1", "Namespace", "admission-test", None)
        | {"metadata": {"name": "admission-test", "labels": {labels.PART_OF: LANDSCAPE, labels.UNIT: "order-processing"}}},
    ),
    "another administrator labels a namespace": ran(
        ADMINISTRATOR, "namespaces", BREACH, "for who provisions alone", "label", "namespace", ORDERS, "owner=me"
    ),
    "another administrator removes a namespace": ran(
        ADMINISTRATOR, "namespaces", BREACH, "for who provisions alone", "delete", "namespace", ORDERS, "--wait=false"
    ),
    # Doors.
    "another administrator goes into a pod": ran(
        ADMINISTRATOR, "doors", BREACH, "who is inside of a pod", "exec", f"{DATABASE}-0", IN_ORDERS, "--", "id"
    ),
    "who provisions puts a container beside": ran(
        PROVISIONER,
        "doors",
        BREACH,
        "a container that is put beside",
        "debug",
        f"{DATABASE}-0",
        IN_ORDERS,
        f"--image={BASE}",
        "--profile=restricted",
        "--",
        "id",
    ),
    "who provisions attaches to a pod": ran(
        PROVISIONER, "doors", BREACH, "a way round the network", "attach", f"{DATABASE}-0", IN_ORDERS
    ),
    "who provisions forwards a port": ran(
        PROVISIONER, "doors", BREACH, "a way round the network", "port-forward", f"pod/{DATABASE}-0", IN_ORDERS, ":5432"
    ),
    "an administrator takes a token": ran(
        ADMINISTRATOR, "doors", BREACH, "a token lets anybody act", "create", "token", "order-processing", IN_ORDERS
    ),
    # What nobody knows.
    "a kind that nobody reads": made(
        TEAM,
        "kinds",
        UNREADABLE,
        "nothing here knows this kind",
        body("resource.k8s.io/v1", "ResourceClaim", spec={}),
    ),
}


@pytest.fixture(scope="module")
def up(cluster: Cluster) -> Iterator[Cluster]:
    ran = cluster.checkout.run("plat", "up", LANDSCAPE, *HERE, timeout=590)
    assert ran.returncode == 0, ran.stdout
    role = {"apiGroup": ROLES, "kind": "ClusterRole"}
    group = {"apiGroup": ROLES, "kind": "Group", "name": "admission-test-administrators"}
    user = {"apiGroup": ROLES, "kind": "User", "name": "admission-test-developer"}
    bound = [
        body(f"{ROLES}/v1", "ClusterRoleBinding", name, None, roleRef=role | {"name": granted}, subjects=[subject])
        for name, granted, subject in (
            ("admission-test-administrators", "cluster-admin", group),
            ("admission-test-developers", "admin", user),
        )
    ]
    cluster.apply(*bound)
    yield cluster
    for each in bound:
        cluster.done("delete", "clusterrolebinding", each["metadata"]["name"])
    cluster.checkout.run("plat", "destroy", LANDSCAPE, *HERE, "--with-data", "--confirm", LANDSCAPE, timeout=300)


@pytest.mark.parametrize("sentence", ATTEMPTS)
def test_it_is_refused_and_the_rule_is_named(up: Cluster, sentence: str) -> None:
    attempt = ATTEMPTS[sentence]
    given = json.dumps(attempt.given) if attempt.given else None
    answer = up.kubectl(*attempt.who, *attempt.words, given=given)
    assert answer.returncode != 0, answer.stdout
    assert f"ValidatingAdmissionPolicy '{LANDSCAPE}.{attempt.policy}'" in answer.stdout
    assert f"error[{attempt.rule}]" in answer.stdout
    assert attempt.reason in answer.stdout
    assert f"`plat explain {attempt.rule}`" in answer.stdout


HARMLESS: Mapping[str, tuple[tuple[str, ...], Body]] = {
    "settings of the team": (TEAM, body("v1", "ConfigMap", data={"greeting": "hello"})),
    "a Service of the team": (TEAM, body("v1", "Service", spec={"selector": {"app": "x"}, "ports": [{"port": 80}]})),
    "a job of who provisions": (PROVISIONER, job(pod())),
    "a job with the unit's own variables": (
        PROVISIONER,
        job(pod(container={"envFrom": [{"secretRef": {"name": "order-processing--env"}}]})),
    ),
    "a policy that only closes": (PROVISIONER, body(NETWORK, "NetworkPolicy", spec={"podSelector": {}})),
    "a role that looks at pods": (
        PROVISIONER,
        body(f"{ROLES}/v1", "Role", rules=[{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}]),
    ),
}


@pytest.mark.parametrize("sentence", HARMLESS)
def test_what_opens_no_way_may_be_made(up: Cluster, sentence: str) -> None:
    who, given = HARMLESS[sentence]
    text = json.dumps(given)
    assert up.kubectl(*who, "create", "--filename=-", given=text).returncode == 0
    up.done("delete", "--filename=-", given=text)


def test_the_same_is_allowed_elsewhere(up: Cluster) -> None:
    given = copy.deepcopy(ATTEMPTS["who provisions opens a way by another policy"].given)
    assert given
    given["metadata"] |= {"namespace": "default"}
    up.done("create", "--filename=-", given=json.dumps(given))
    up.done("delete", "--filename=-", given=json.dumps(given))


def test_plat_itself_goes_on(up: Cluster) -> None:
    again = up.checkout.done(
        "pulumi", "up", "-s", STACK, "--yes", "--skip-preview", "--non-interactive", "--policy-pack", "policies"
    )
    assert re.fullmatch(r"\d+ unchanged", changes(again)), changes(again)
    assert "all as declared" in up.checkout.done("plat", "verify", LANDSCAPE, *HERE)
    assert "1" in up.checkout.done("plat", "exec", "order-processing", *HERE, "--", "psql", "-Atc", "SELECT 1")


def test_controllers_go_on(up: Cluster) -> None:
    up.done("delete", "pod", f"{DATABASE}-0", IN_ORDERS, "--wait=true")
    up.done("rollout", "status", f"statefulset/{DATABASE}", IN_ORDERS, "--timeout=120s")
    selector = f"--selector={labels.WORKLOAD}=order-processing"
    before = {item["metadata"]["name"] for item in up.get("pods", IN_ORDERS, selector)["items"]}
    up.done("delete", "pod", IN_ORDERS, selector, "--wait=true")

    def replaced() -> bool:
        found = up.get("pods", IN_ORDERS, selector)["items"]
        return any(item["metadata"]["name"] not in before and item["status"]["phase"] == "Running" for item in found)

    eventually(replaced)
    slices = up.get("endpointslices", IN_ORDERS, "--selector=kubernetes.io/service-name=order-processing")["items"]
    assert slices


def test_a_changed_descriptor_changes_what_is_allowed_with_it(up: Cluster) -> None:
    descriptor = up.checkout.root / "contexts" / LANDSCAPE / "order-processing.yaml"
    text = descriptor.read_text()
    changed = re.sub(r"\bmax: \d+", "max: 6", text)
    assert changed != text
    descriptor.write_text(changed)
    try:
        ran = up.checkout.run("plat", "up", LANDSCAPE, *HERE, timeout=590)
    finally:
        descriptor.write_text(text)
    assert ran.returncode == 0, ran.stdout
    assert "all as declared" in up.checkout.done("plat", "up", LANDSCAPE, *HERE)


def test_data_are_removed_and_the_policies_last(up: Cluster) -> None:
    up.checkout.done("plat", "destroy", LANDSCAPE, *HERE, "--with-data", "--confirm", LANDSCAPE)
    ours = f"--selector={labels.PART_OF}={LANDSCAPE}"
    assert not up.get("namespaces", ours)["items"]
    assert not up.get("validatingadmissionpolicies,validatingadmissionpolicybindings", ours)["items"]
    # A policy that is gone is forgotten within a second or two.
    time.sleep(2)
