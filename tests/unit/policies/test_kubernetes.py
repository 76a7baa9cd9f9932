"""What our components register on a cluster passes, and what goes round them by hand does not."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from components.kubernetes.manifest import Manifest, revealed
from components.landscape import provision
from plat.kubernetes import labels
from plat.plan.model import Plan
from plat.plan.shares import whole
from plat.project import CONTEXTS_VARIABLE, Project
from policies.bench import Bench
from policies.ground import Ground
from policies.observed import Observed, Options, Properties
from tests.thorough import all_but_thoroughly
from tests.unit.policies.recorded import fresh_runtime, registered

ROOT = Path(__file__).resolve().parents[3]
PREFIX = "urn:pulumi:order-processing.cluster::plat::"
ORDERS, USERS, PLATFORM = (f"order-processing--{unit}" for unit in ("order-processing", "user-management", "platform"))
ORDERS_TEAM = "orders-team"

LANDSCAPES = sorted(folder.name for folder in (ROOT / "contexts").iterdir() if (folder / "landscape.yaml").exists())
OTHERS = ("bazaar", "documents", "emporium", "market", "modules-that-keep-apart", "parcels")

Body = dict[str, Any]


@pytest.fixture(autouse=True)
def _runtime() -> Iterator[None]:
    with fresh_runtime():
        yield


def planned(folder: str, landscape: str) -> Plan:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(CONTEXTS_VARIABLE, str(ROOT / folder))
        return Project(ROOT).plan(f"{landscape}.cluster")


@pytest.fixture(scope="module")
def ground() -> Ground:
    return Ground.of(planned("contexts", "order-processing"))


@pytest.mark.parametrize("preview", all_but_thoroughly([False], [True, False]), ids=["the first preview", "the update"])
@pytest.mark.parametrize(
    ("folder", "landscape"),
    all_but_thoroughly(
        [("tests/landscapes", "market")],
        [*(("contexts", name) for name in LANDSCAPES), *(("tests/landscapes", name) for name in OTHERS)],
    ),
)
def test_what_a_sound_landscape_becomes_on_a_cluster_passes(folder: str, landscape: str, *, preview: bool) -> None:
    plan = planned(folder, landscape)
    resources = registered(lambda: provision(whole(plan)) and None, plan.stack, preview=preview)
    bench = Bench(Ground.of(plan))

    assert {resource.label: found for resource in resources if (found := bench.findings(resource))} == {}
    assert list(bench.findings_at_the_end(resources)) == []
    kinds = {resource.type for resource in resources}
    assert {"kubernetes:core/v1:Namespace", "kubernetes:apps/v1:Deployment"} <= kinds


def observed(token: str, body: Body, *, name: str = "by-hand", protect: bool = False) -> Observed:
    return Observed(
        f"{PREFIX}kubernetes:{token}::{name}", f"kubernetes:{token}", name, Properties(body), None, Options(protect)
    )


def said(ground: Ground, resource: Observed) -> str:
    return "\n".join(finding.message for finding in Bench(ground).findings(resource))


def by_hand(namespace: str | None = ORDERS, name: str = "by-hand", **content: object) -> Body:
    metadata: Body = {"name": name, "labels": {labels.TEAM: ORDERS_TEAM}}
    return {"metadata": metadata | ({"namespace": namespace} if namespace else {}), **content}


def pod(**spec: object) -> Body:
    container = {"name": "main", "image": "registry.example/by-hand:1"}
    return {"metadata": {"labels": {labels.TEAM: ORDERS_TEAM}}, "spec": {"containers": [container], **spec}}


def running(**container: object) -> Body:
    return pod(containers=[{"name": "main", "image": "registry.example/by-hand:1", **container}])


def alone(content: Body) -> Body:
    return by_hand(spec=content["spec"])


def template(content: Body) -> Body:
    return by_hand(spec={"template": content})


def in_env(value: str) -> Body:
    return running(env=[{"name": "X", "value": value}])


USERS_REDIS = f"user-management--redis.{USERS}.svc.cluster.local"

HARMLESS: Mapping[str, tuple[str, Body]] = {
    "a workload of the unit's own team": ("apps/v1:Deployment", template(running())),
    "a job with a volume of its own": ("batch/v1:Job", template(pod(volumes=[{"name": "x", "emptyDir": {}}]))),
    "its own context's variables": (
        "batch/v1:Job",
        template(running(envFrom=[{"secretRef": {"name": "order-processing--env"}}])),
    ),
    "its own context's database": (
        "apps/v1:Deployment",
        template(in_env(f"order-processing--postgresql.{ORDERS}.svc.cluster.local")),
    ),
    "a Service for it": ("core/v1:Service", by_hand(spec={"selector": {"app": "by-hand"}, "ports": [{"port": 80}]})),
    "a policy that only closes": ("networking.k8s.io/v1:NetworkPolicy", by_hand(spec={"policyTypes": ["Ingress"]})),
    "a role that looks at pods": (
        "rbac.authorization.k8s.io/v1:Role",
        by_hand(rules=[{"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"]}]),
    ),
    "a role for the team": (
        "rbac.authorization.k8s.io/v1:RoleBinding",
        by_hand(roleRef={"kind": "Role", "name": "team"}, subjects=[{"kind": "Group", "name": ORDERS_TEAM}]),
    ),
    "settings": ("core/v1:ConfigMap", by_hand(data={"greeting": "hello"})),
    "a budget": ("policy/v1:PodDisruptionBudget", by_hand(spec={"maxUnavailable": 1})),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_opens_no_way_may_be_made_by_hand(ground: Ground, case: str) -> None:
    assert not said(ground, observed(*HARMLESS[case]))


EVASIONS: Mapping[str, tuple[str, Body, str]] = {
    "another context's datastore in a variable": ("apps/v1:Deployment", template(in_env(USERS_REDIS)), "user-management"),
    "by the short name of its Service": (
        "apps/v1:Deployment",
        template(in_env(f"user-management--redis.{USERS}")),
        "user-management",
    ),
    "by the name of its pod": (
        "apps/v1:StatefulSet",
        template(in_env(f"user-management--redis-0.user-management--redis.{USERS}.svc")),
        "user-management",
    ),
    "in an argument": ("batch/v1:Job", template(running(args=["--redis", USERS_REDIS])), "user-management"),
    "in a command": ("core/v1:Pod", alone(pod(containers=[{"name": "x", "command": ["nc", USERS_REDIS]}])), "user-manag"),
    "in an init container": (
        "apps/v1:DaemonSet",
        template(pod(initContainers=[{"name": "x", "env": [{"name": "A", "value": USERS_REDIS}]}])),
        "user-management",
    ),
    "in an ephemeral container": (
        "core/v1:Pod",
        alone(pod(ephemeralContainers=[{"name": "x", "args": [USERS_REDIS]}])),
        "user-management",
    ),
    "in a job of a schedule": (
        "batch/v1:CronJob",
        by_hand(spec={"jobTemplate": {"spec": {"template": in_env(USERS_REDIS)}}}),
        "user-management",
    ),
    "in a probe": (
        "apps/v1:Deployment",
        template(running(livenessProbe={"exec": {"command": ["sh", "-c", f"redis-cli -h {USERS_REDIS}"]}})),
        "user-management",
    ),
    "in a hook": (
        "apps/v1:Deployment",
        template(running(lifecycle={"postStart": {"httpGet": {"host": USERS_REDIS}}})),
        "user-management",
    ),
    "in a ConfigMap": ("core/v1:ConfigMap", by_hand(data={"url": f"redis://{USERS_REDIS}:6379/0"}), "user-management"),
    "in a Secret, encoded": (
        "core/v1:Secret",
        # redis at user-management--redis.order-processing--user-management
        by_hand(data={"url": "dXNlci1tYW5hZ2VtZW50LS1yZWRpcy5vcmRlci1wcm9jZXNzaW5nLS11c2VyLW1hbmFnZW1lbnQ="}),
        "user-management",
    ),
    "the broker's administration": (
        "apps/v1:Deployment",
        template(in_env(f"http://platform--rabbitmq.{PLATFORM}:15672/api")),
        "may configure `platform--rabbitmq`, which no relation",
    ),
    "at something in another's namespace that is still to come": (
        "apps/v1:Deployment",
        template(in_env(f"tunnel.{USERS}.svc.cluster.local")),
        "namespace of user-management",
    ),
    "by the name of a pod's address": (
        "apps/v1:Deployment",
        template(in_env(f"10-244-0-5.{USERS}.pod.cluster.local")),
        "namespace of user-management",
    ),
    "by a name of one word, looked for elsewhere": (
        "apps/v1:Deployment",
        template(pod(dnsConfig={"searches": [f"{USERS}.svc.cluster.local"]})),
        "namespace of user-management",
    ),
    "in an annotation, which a pod can read": (
        "apps/v1:Deployment",
        template(running() | {"metadata": {"labels": {labels.TEAM: ORDERS_TEAM}, "annotations": {"x": USERS_REDIS}}}),
        "user-management",
    ),
    "in a ConfigMap, encoded": (
        "core/v1:ConfigMap",
        by_hand(binaryData={"url": base64.b64encode(USERS_REDIS.encode()).decode()}),
        "user-management",
    ),
    "in a folder of another process": ("apps/v1:Deployment", template(running(workingDir="/proc/1/root")), "/proc"),
    "an administrator's secret to fetch images": (
        "apps/v1:Deployment",
        template(pod(imagePullSecrets=[{"name": "order-processing--postgresql--files"}])),
        "administrator",
    ),
    "an administrator's secret by an account": (
        "core/v1:ServiceAccount",
        by_hand(secrets=[{"name": "order-processing--postgresql--files"}]),
        "administrator",
    ),
    "pods that say that they are another unit's": (
        "apps/v1:Deployment",
        template(running() | {"metadata": {"labels": {labels.TEAM: ORDERS_TEAM, labels.UNIT: "user-management"}}}),
        "user-management's",
    ),
    "two servers on one volume": (
        "autoscaling/v2:HorizontalPodAutoscaler",
        by_hand(spec={"scaleTargetRef": {"kind": "StatefulSet", "name": "order-processing--postgresql"}, "maxReplicas": 2}),
        "how many run",
    ),
    "more of a workload than its profile says": (
        "autoscaling/v2:HorizontalPodAutoscaler",
        by_hand(spec={"scaleTargetRef": {"kind": "Deployment", "name": "order-processing"}, "maxReplicas": 500}),
        "how many run",
    ),
    "a Service for a server, by a label that it has too": (
        "core/v1:Service",
        by_hand(spec={"selector": {labels.NAME: "order-processing--postgresql"}, "ports": [{"port": 80}]}),
        "another name for",
    ),
    "a Service for everything of a unit": (
        "core/v1:Service",
        by_hand(spec={"selector": {labels.UNIT: "order-processing"}, "ports": [{"port": 80}]}),
        "another name for",
    ),
    "a device of the node": ("apps/v1:Deployment", template(pod(resourceClaims=[{"name": "x"}])), "devices"),
    "another workload's surface": (
        "apps/v1:Deployment",
        template(in_env("http://notification.order-processing--notification.svc:8080/")),
        "notification",
    ),
    "an administrator's secret by a volume": (
        "apps/v1:Deployment",
        template(pod(volumes=[{"name": "x", "secret": {"secretName": "order-processing--postgresql--files"}}])),
        "secret of an administrator",
    ),
    "an administrator's secret by a projected volume": (
        "apps/v1:Deployment",
        template(
            pod(
                volumes=[
                    {"name": "x", "projected": {"sources": [{"secret": {"name": "order-processing--postgresql--files"}}]}}
                ]
            )
        ),
        "secret of an administrator",
    ),
    "an administrator's secret by a variable": (
        "apps/v1:Deployment",
        template(
            running(
                env=[
                    {
                        "name": "X",
                        "valueFrom": {"secretKeyRef": {"name": "order-processing--postgresql--files", "key": "administrator"}},
                    }
                ]
            )
        ),
        "secret of an administrator",
    ),
    "all of an administrator's secret": (
        "batch/v1:Job",
        template(running(envFrom=[{"secretRef": {"name": "order-processing--postgresql--files"}}])),
        "secret of an administrator",
    ),
    "the volume of a server": (
        "batch/v1:Job",
        template(pod(volumes=[{"name": "x", "persistentVolumeClaim": {"claimName": "order-processing--postgresql"}}])),
        "mounts the volume of server",
    ),
    "a secret from outside": (
        "apps/v1:Deployment",
        template(pod(volumes=[{"name": "x", "csi": {"driver": "secrets-store.csi.k8s.io"}}])),
        "storage that the plan does not know",
    ),
    "the node's files": ("core/v1:Pod", alone(pod(volumes=[{"name": "x", "hostPath": {"path": "/"}}])), "storage that"),
    "a share elsewhere": ("core/v1:Pod", alone(pod(volumes=[{"name": "x", "nfs": {"server": "x"}}])), "storage that"),
    "the node's network": ("apps/v1:DaemonSet", template(pod(hostNetwork=True)), "on the node itself"),
    "the node's processes": ("apps/v1:DaemonSet", template(pod(hostPID=True)), "on the node itself"),
    "a port of the node": (
        "core/v1:Pod",
        alone(running(ports=[{"containerPort": 80, "hostPort": 80}])),
        "by way of the node",
    ),
    "the node's powers": ("core/v1:Pod", alone(running(securityContext={"privileged": True})), "on the node"),
    "one of the node's powers": (
        "core/v1:Pod",
        alone(running(securityContext={"capabilities": {"add": ["NET_ADMIN"]}})),
        "powers of the node",
    ),
    "a place of its own choice": ("core/v1:Pod", alone(pod(nodeName="node-1")), "where and how pods run"),
    "the cluster's API": ("apps/v1:Deployment", template(pod(automountServiceAccountToken=True)), "cluster's API"),
    "the cluster's API by a volume": (
        "apps/v1:Deployment",
        template(pod(volumes=[{"name": "x", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}}])),
        "cluster's API",
    ),
    "another name for an address": (
        "core/v1:Pod",
        alone(pod(hostAliases=[{"ip": "10.96.0.9", "hostnames": ["db"]}])),
        "another address a name",
    ),
    "nobody's workload": (
        "apps/v1:Deployment",
        {"metadata": {"name": "x", "namespace": ORDERS}, "spec": {"template": {"spec": {"containers": []}}}},
        "nobody says whose it is",
    ),
    "another team's workload": (
        "apps/v1:Deployment",
        {
            "metadata": {"name": "x", "namespace": ORDERS, "labels": {labels.TEAM: "other-team"}},
            "spec": {"template": running()},
        },
        "says that it is other-team's",
    ),
    "a workload for another context too": (
        "apps/v1:Deployment",
        template(
            {
                **running(),
                "metadata": {"labels": {labels.TEAM: ORDERS_TEAM}, "annotations": {labels.CONTEXTS: "user-management"}},
            }
        ),
        "user-management",
    ),
    "another one's pods by their label": (
        "core/v1:Pod",
        by_hand(
            **{
                **running(),
                "metadata": {
                    "name": "x",
                    "namespace": ORDERS,
                    "labels": {labels.TEAM: ORDERS_TEAM, labels.SERVER: "order-processing--postgresql"},
                },
            }
        ),
        "whose traffic and rights it would get",
    ),
    "a namespace without a fence": ("core/v1:Namespace", by_hand(None, name="elsewhere"), "nothing fences"),
    "a workload without a fence": ("apps/v1:Deployment", by_hand("default", spec={"template": running()}), "nothing fences"),
    "a name for somebody else": (
        "core/v1:Service",
        by_hand(spec={"type": "ExternalName", "externalName": USERS_REDIS}),
        "somebody else's address",
    ),
    "a Service without a selector": ("core/v1:Service", by_hand(spec={"ports": [{"port": 6379}]}), "nobody can tell where"),
    "a Service for a server": (
        "core/v1:Service",
        by_hand(spec={"selector": {labels.SERVER: "order-processing--postgresql"}}),
        "another name for",
    ),
    "a Service on every node": (
        "core/v1:Service",
        by_hand(spec={"type": "NodePort", "selector": {"app": "x"}}),
        "from outside of the cluster",
    ),
    "a Service with an address of its own": (
        "core/v1:Service",
        by_hand(spec={"selector": {"app": "x"}, "externalIPs": ["10.0.0.1"]}),
        "from outside of the cluster",
    ),
    "endpoints by hand": (
        "discovery.k8s.io/v1:EndpointSlice",
        by_hand(endpoints=[{"addresses": ["10.244.0.9"]}]),
        "whose addresses",
    ),
    "endpoints by hand, as they were": ("core/v1:Endpoints", by_hand(subsets=[]), "whose addresses"),
    "a way in": (
        "networking.k8s.io/v1:NetworkPolicy",
        by_hand(spec={"podSelector": {}, "ingress": [{}]}),
        "opens a way",
    ),
    "a way out": (
        "networking.k8s.io/v1:NetworkPolicy",
        by_hand(spec={"podSelector": {}, "egress": [{"to": [{"ipBlock": {"cidr": "10.244.0.0/16"}}]}]}),
        "opens a way",
    ),
    "a role that reads secrets": (
        "rbac.authorization.k8s.io/v1:Role",
        by_hand(rules=[{"resources": ["secrets"], "verbs": ["get"]}]),
        "what holds rights",
    ),
    "a role that goes into pods": (
        "rbac.authorization.k8s.io/v1:Role",
        by_hand(rules=[{"resources": ["pods/exec"], "verbs": ["create"]}]),
        "whatever they hold",
    ),
    "a role of the whole cluster": (
        "rbac.authorization.k8s.io/v1:RoleBinding",
        by_hand(roleRef={"kind": "ClusterRole", "name": "admin"}, subjects=[]),
        "not for a unit to give",
    ),
    "a role for another team": (
        "rbac.authorization.k8s.io/v1:RoleBinding",
        by_hand(roleRef={"kind": "Role", "name": "team"}, subjects=[{"kind": "Group", "name": "other-team"}]),
        "neither",
    ),
    "a role for everybody": (
        "rbac.authorization.k8s.io/v1:ClusterRoleBinding",
        by_hand(None, roleRef={"kind": "ClusterRole", "name": "view"}),
        "every unit's namespace",
    ),
    "a key to the API": (
        "core/v1:Secret",
        by_hand(type="kubernetes.io/service-account-token"),
        "key to the cluster's API",
    ),
    "storage that is there already": (
        "core/v1:PersistentVolumeClaim",
        by_hand(spec={"volumeName": "pv-of-somebody"}),
        "takes over storage",
    ),
    "a copy of a volume": (
        "core/v1:PersistentVolumeClaim",
        by_hand(spec={"dataSource": {"kind": "PersistentVolumeClaim", "name": "order-processing--postgresql"}}),
        "takes over storage",
    ),
    "storage by hand": ("core/v1:PersistentVolume", by_hand(None, spec={"hostPath": {"path": "/"}}), "whose storage"),
    "an operator's database": ("postgresql.cnpg.io/v1:Cluster", by_hand(spec={}), "no descriptor declares"),
    "a way into a database by its operator": ("postgresql.cnpg.io/v1:Pooler", by_hand(spec={}), "another way into a server"),
    "a copy of a database by its operator": ("postgresql.cnpg.io/v1:Backup", by_hand(spec={}), "copies a whole database"),
    "tables of somebody else's by an operator": ("postgresql.cnpg.io/v1:Subscription", by_hand(spec={}), "takes tables out"),
    "an operator's account": ("kafka.strimzi.io/v1beta2:KafkaUser", by_hand(spec={}), "no observer"),
    "a release whose objects nobody sees": ("helm.sh/v3:Release", by_hand(chart="x"), "no observer"),
    "a patch of what somebody else made": ("apps/v1:DeploymentPatch", by_hand(spec={}), "no observer"),
    "a webhook": ("admissionregistration.k8s.io/v1:MutatingWebhookConfiguration", by_hand(None), "decides what may be made"),
}


@pytest.mark.parametrize("case", EVASIONS)
def test_what_goes_round_the_fences_by_hand_is_refused(ground: Ground, case: str) -> None:
    token, body, words = EVASIONS[case]
    found = said(ground, observed(token, body))
    assert found
    assert words in found


def without(key: str) -> Callable[[Body], None]:
    def change(body: Body) -> None:
        del body["spec"][key]

    return change


def unconfined(body: Body) -> None:
    body["spec"]["template"]["spec"]["containers"][0]["securityContext"]["readOnlyRootFilesystem"] = False


def opened(body: Body) -> None:
    body["spec"]["ingress"][0]["from"].append({"namespaceSelector": {}})


def unguarded(body: Body) -> None:
    body["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] = "privileged"


def somebody(body: Body) -> None:
    body["subjects"][0]["name"] = "other-team"


def elsewhere(body: Body) -> None:
    body["spec"]["template"]["spec"]["containers"][0]["env"].append({"name": "X", "value": "1"})


CHANGES: Mapping[str, tuple[str, str | None, str, Callable[[Body], None]]] = {
    "a policy that lets everybody in": ("networking.k8s.io/v1:NetworkPolicy", ORDERS, "order-processing--postgresql", opened),
    "a policy that closes one way only": (
        "networking.k8s.io/v1:NetworkPolicy",
        ORDERS,
        "default-deny",
        without("policyTypes"),
    ),
    "a namespace without Pod Security": ("core/v1:Namespace", None, ORDERS, unguarded),
    "a pod that may write": ("apps/v1:Deployment", ORDERS, "order-processing", unconfined),
    "a variable more": ("apps/v1:Deployment", ORDERS, "order-processing", elsewhere),
    "another team's role": ("rbac.authorization.k8s.io/v1:RoleBinding", ORDERS, "team", somebody),
}


def manifest_of(ground: Ground, token: str, namespace: str | None, name: str) -> Manifest:
    return ground.objects[f"kubernetes:{token}", namespace, name]


@pytest.mark.parametrize("case", CHANGES)
def test_what_bears_a_planned_name_is_as_planned(ground: Ground, case: str) -> None:
    token, namespace, name, change = CHANGES[case]
    manifest = manifest_of(ground, token, namespace, name)
    body = revealed(copy.deepcopy(dict(manifest.body)), lambda _: "generated")
    assert not said(ground, observed(token, body, name=manifest.resource, protect=manifest.holds_data))
    change(body)
    found = said(ground, observed(token, body, name=manifest.resource, protect=manifest.holds_data))
    assert "differs from it" in found


@pytest.mark.parametrize(("namespace", "passes"), [("default", True), (ORDERS, False)])
def test_what_is_of_the_whole_cluster_may_be_taken_for_what_is_not_where_no_cluster_answers(
    ground: Ground, namespace: str, *, passes: bool
) -> None:
    token = "admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy"
    manifest = manifest_of(ground, token, None, "order-processing.doors")
    body = copy.deepcopy(dict(manifest.body))
    body["metadata"]["namespace"] = namespace
    assert (not said(ground, observed(token, body, name=manifest.resource))) is passes
    body["spec"]["failurePolicy"] = "Ignore"
    assert "fences" in said(ground, observed(token, body, name=manifest.resource))


def test_a_volume_that_is_not_protected_is_refused(ground: Ground) -> None:
    manifest = manifest_of(ground, "core/v1:PersistentVolumeClaim", ORDERS, "order-processing--postgresql")
    body = revealed(dict(manifest.body), lambda _: "generated")
    assert "protect" in said(ground, observed("core/v1:PersistentVolumeClaim", body))
    assert not said(ground, observed("core/v1:PersistentVolumeClaim", body, protect=True))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"kubeconfig": "/somewhere/else"}, "another cluster"),
        ({"kubeconfig": "/checkout/.plat/cluster/kubeconfig", "context": "other"}, "another cluster"),
        ({"kubeconfig": "/checkout/.plat/cluster/kubeconfig", "renderYamlToDirectory": "out"}, "changes what"),
    ],
)
def test_a_provider_leads_to_the_cluster_of_the_environment(ground: Ground, settings: Body, words: str) -> None:
    urn = f"{PREFIX}pulumi:providers:kubernetes::cluster"
    provider = Observed(urn, "pulumi:providers:kubernetes", "cluster", Properties(settings))
    assert words in said(ground, provider)


def test_a_second_manager_of_one_object_is_refused(ground: Ground) -> None:
    bench = Bench(ground)
    token, body = HARMLESS["settings"]
    assert not bench.findings(observed(token, body, name="first"))
    assert "the very thing" in bench.findings(observed(token, body, name="second"))[0].message


def test_a_landscape_on_one_machine_has_no_objects_of_a_cluster() -> None:
    here = Ground.of(Project(ROOT).plan("order-processing.local"))
    assert "not on a cluster" in said(here, observed(*HARMLESS["settings"]))
