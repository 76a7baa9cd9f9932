from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from toolchain.cluster.addons import definitions
from toolchain.cluster.addons.addon import AddOn, Certificate, Given, Object
from toolchain.cluster.addons.bringing import bring, is_there
from toolchain.cluster.addons.gateway_api import GATEWAY_API
from toolchain.cluster.addons.keda import KEDA
from toolchain.cluster.addons.metrics_server import METRICS_SERVER
from toolchain.cluster.addons.object_store import OBJECT_STORE
from toolchain.cluster.addons.parts import AddOnParts
from toolchain.cluster.addons.rabbitmq import RABBITMQ_CLUSTER, RABBITMQ_TOPOLOGY
from toolchain.cluster.addons.registry import ALWAYS, OPERATORS, addons_of, chosen
from toolchain.cluster.addons.strimzi import STRIMZI
from toolchain.cluster.api import Api, path_of
from toolchain.cluster.errors import ApiError
from toolchain.cluster.places import Places
from toolchain.cluster.programs import Source
from toolchain.cluster.waiting import Waiting
from toolchain.gomodule import GoModule
from toolchain.site import Site

CHECKOUT = Path(__file__).resolve().parents[4]
PLACES = Places(Site(CHECKOUT, Path("/nowhere"), root=False))
_AT_THIRD = 3
IMAGE = "docker.io/plat/an-add-on:1"


def item(kind: str, name: str, version: str = "v1", namespace: str = "", **content: object) -> Object:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **copy.deepcopy(content)}


def deployment(name: str, **container: object) -> Object:
    pod = {"metadata": {}, "spec": {"containers": [{"name": name, "image": "elsewhere/x:latest", "args": [], **container}]}}
    return item("Deployment", name, "apps/v1", "here", spec={"template": pod})


def container_of(found: Object) -> Mapping[str, Any]:
    (container,) = found["spec"]["template"]["spec"]["containers"]
    assert isinstance(container, dict)
    return container


@pytest.mark.parametrize(
    ("found", "path"),
    [
        (item("Namespace", "a"), "/api/v1/namespaces/a"),
        (item("Secret", "b", namespace="a"), "/api/v1/namespaces/a/secrets/b"),
        (item("StorageClass", "c", "storage.k8s.io/v1"), "/apis/storage.k8s.io/v1/storageclasses/c"),
        (
            item("NetworkPolicy", "d", "networking.k8s.io/v1", "a"),
            "/apis/networking.k8s.io/v1/namespaces/a/networkpolicies/d",
        ),
        (item("APIService", "v1.x", "apiregistration.k8s.io/v1"), "/apis/apiregistration.k8s.io/v1/apiservices/v1.x"),
    ],
)
def test_an_object_lies_where_kubernetes_has_its_kind(found: Object, path: str) -> None:
    assert path_of(found) == path


def test_a_cluster_keeps_the_operators_that_it_has_and_gets_those_that_are_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "operators"
    assert chosen(file, []) == []
    assert chosen(file, ["keda"]) == ["keda"]
    file.write_text("keda\nlong-gone\n", encoding="utf-8")
    assert chosen(file, []) == ["keda"]


def test_metrics_are_a_part_of_every_cluster_and_operators_of_those_that_ask() -> None:
    assert addons_of([]) == [*ALWAYS]
    assert METRICS_SERVER in ALWAYS
    assert addons_of(["keda"]) == [*ALWAYS, KEDA]


ALL = [*ALWAYS, *(addon for addons in OPERATORS.values() for addon in addons)]


@pytest.mark.parametrize("addon", ALL, ids=lambda addon: addon.name)
def test_an_add_on_is_pinned_by_a_module_of_its_own_or_by_jars(addon: AddOn) -> None:
    if isinstance(addon.source, Source):
        module = GoModule(CHECKOUT / "toolchain" / "go" / addon.name, addon.source.packages)
        assert module.version_of(addon.source.upstream)
    else:
        pins = CHECKOUT / "toolchain" / "maven" / addon.name / "SHA256SUMS"
        jars = [line.split()[1] for line in pins.read_text(encoding="utf-8").splitlines()]
        assert f"{addon.source.artifact}-{AddOnParts(PLACES, addon, Path('/python')).version}.jar" in jars
    places = Places(Site(CHECKOUT, Path("/nowhere"), root=False))
    assert AddOnParts(places, addon, Path("/python")).missing[0].endswith(addon.name)


def test_definitions_alone_are_an_add_on_without_programs() -> None:
    parts = AddOnParts(Places(Site(CHECKOUT, Path("/nowhere"), root=False)), GATEWAY_API, Path("/python"))
    assert (parts.image, [part.name for part in parts.parts]) == (None, ["manifests gateway-api"])
    route = item("CustomResourceDefinition", "httproutes.gateway.networking.k8s.io", "apiextensions.k8s.io/v1")
    assert [*GATEWAY_API.objects(Given("", (route,)))] == [route]


def test_strimzi_is_its_definitions_and_no_operator(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = AddOnParts(PLACES, STRIMZI, Path("/python"))
    assert (parts.image, [part.name for part in parts.parts]) == (None, ["definitions strimzi"])
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(definitions, "_USUAL_PLACES", Path("/nowhere"))
    (part,) = AddOnParts(PLACES, STRIMZI, Path("/python")).parts
    assert [f"{error}".partition(":")[0] for error in part.lacks()] == ["mvn is missing", "Java 21 or newer is missing"]


def test_metrics_trust_the_clusters_own_authority_alone() -> None:
    probe = {"httpGet": {"path": "/readyz"}}
    upstream = (deployment("metrics-server", args=["--cert-dir=/tmp"], readinessProbe=probe), item("Service", "s", spec={}))
    found, service = METRICS_SERVER.objects(Given(IMAGE, upstream))
    container = container_of(found)
    assert (container["image"], container["imagePullPolicy"]) == (IMAGE, "IfNotPresent")
    assert any(word.startswith("--kubelet-certificate-authority=") for word in container["args"])
    assert not any("insecure" in word for word in container["args"])
    assert service["spec"]["selector"] == found["spec"]["selector"]["matchLabels"]
    assert container_of(upstream[0])["image"] == "elsewhere/x:latest"


def test_keda_is_known_by_the_clusters_authority() -> None:
    given = Given(
        IMAGE,
        (
            deployment("keda-operator", args=["--leader-elect", "--enable-cert-rotation=true"]),
            deployment("keda-metrics-apiserver", args=["/usr/local/bin/keda-adapter", "--secure-port=6443"]),
            item("APIService", "v1beta1.external.metrics.k8s.io", "apiregistration.k8s.io/v1", spec={}),
        ),
        Certificate("a2V5", "Y2VydA==", "Y2E="),
    )
    secret, operator, adapter, service = KEDA.objects(given)
    assert secret["data"] == {"ca.crt": "Y2E=", "tls.crt": "Y2VydA==", "tls.key": "a2V5"}
    assert service["spec"] == {"caBundle": "Y2E="}
    assert (container_of(operator)["command"], container_of(operator)["args"]) == (["/keda"], ["--leader-elect"])
    assert (container_of(adapter)["command"], container_of(adapter)["args"]) == (["/keda-adapter"], ["--secure-port=6443"])
    assert set(KEDA.files) == {"keda", "keda-adapter"}


def test_rabbitmqs_operators_are_installed_under_the_names_that_they_have_elsewhere() -> None:
    upstream = (
        item("Namespace", "rabbitmq-system"),
        item("CustomResourceDefinition", "users.rabbitmq.com", "apiextensions.k8s.io/v1"),
        item("ServiceAccount", "operator"),
        item("ClusterRole", "manager-role", "rbac.authorization.k8s.io/v1"),
        item("RoleBinding", "elected", "rbac.authorization.k8s.io/v1", roleRef={"kind": "Role", "name": "election"}),
        deployment("operator", env=[{"name": "OPERATOR_NAMESPACE", "value": "x"}]),
    )
    for addon, prefix in ((RABBITMQ_CLUSTER, "rabbitmq-cluster"), (RABBITMQ_TOPOLOGY, "messaging-topology")):
        found = addon.objects(Given(IMAGE, upstream))
        assert [(each["metadata"]["name"], each["metadata"].get("namespace")) for each in found] == [
            ("rabbitmq-system", None),
            ("users.rabbitmq.com", None),
            (f"{prefix}-operator", "rabbitmq-system"),
            (f"{prefix}-manager-role", None),
            (f"{prefix}-elected", "rabbitmq-system"),
            (f"{prefix}-operator", "rabbitmq-system"),
        ]
        assert found[-2]["roleRef"]["name"] == f"{prefix}-election"
        assert container_of(found[-1])["image"] == IMAGE
    # Nobody signs the certificates of its webhooks.
    assert container_of(found[-1])["env"][-1] == {"name": "ENABLE_WEBHOOKS", "value": "false"}


def test_the_object_store_is_known_by_the_clusters_authority_and_its_key_stands_nowhere_else() -> None:
    first, second, other = (
        {each["kind"]: each for each in OBJECT_STORE.objects(Given(IMAGE, (), Certificate(key, "Y2VydA==", "Y2E=")))}
        for key in ("a2V5", "a2V5", "b3RoZXI=")
    )
    pod = first["Deployment"]["spec"]["template"]
    assert first["Service"]["spec"]["selector"] == pod["metadata"]["labels"]
    (container,) = pod["spec"]["containers"]
    assert container["image"] == IMAGE
    assert {"--cert=/tls/tls.crt", "--key=/tls/tls.key"} <= {*container["args"]}
    # Of two Secrets the last one.
    keys = first["Secret"]["data"]
    assert set(keys) == {"ROOT_ACCESS_KEY_ID", "ROOT_SECRET_ACCESS_KEY"}
    assert second["Secret"] == first["Secret"] != other["Secret"]
    assert keys["ROOT_SECRET_ACCESS_KEY"] not in str(first["Deployment"])


class Recording(Api):
    """An API server that has whatever was applied, and says that it works at the third time of asking."""

    def __init__(self) -> None:
        self.applied: list[str] = []
        self.asked: dict[str, int] = {}

    def apply(self, item: Mapping[str, Any]) -> None:
        self.applied.append(item["kind"])

    def get(self, path: str) -> Any:  # noqa: ANN401 - whatever the object is
        self.asked[path] = self.asked.get(path, 0) + 1
        works = f"{self.asked[path] >= _AT_THIRD}"
        conditions = [{"type": name, "status": works} for name in ("Available", "Established")]
        return {"metadata": {"generation": 1}, "status": {"observedGeneration": 1, "conditions": conditions}}


@pytest.fixture
def waiting(tmp_path: Path) -> Waiting:
    return Waiting(tmp_path, lambda: None)


def test_definitions_are_there_before_what_needs_them_and_what_serves_is_waited_for(waiting: Waiting) -> None:
    api = Recording()
    definition = item("CustomResourceDefinition", "things.example", "apiextensions.k8s.io/v1")
    bring(api, [deployment("operator"), definition, item("Namespace", "here")], waiting)
    assert api.applied == ["Namespace", "CustomResourceDefinition", "Deployment"]
    assert set(api.asked) == {path_of(definition), path_of(deployment("operator"))}
    assert min(api.asked.values()) == _AT_THIRD


class Answering(Recording):
    """An API server with one answer."""

    def __init__(self, answer: dict[str, Any] | None) -> None:
        super().__init__()
        self._answer = answer

    def get(self, path: str) -> Any:  # noqa: ANN401 - whatever the object is
        if self._answer is None:
            raise ApiError(404, path, "not found")
        return self._answer


AVAILABLE = [{"type": "Available", "status": "True"}]


@pytest.mark.parametrize(
    ("answer", "there"),
    [
        ({"metadata": {"generation": 2}, "status": {"observedGeneration": 2, "conditions": AVAILABLE}}, True),
        ({"metadata": {"generation": 3}, "status": {"observedGeneration": 2, "conditions": AVAILABLE}}, False),
        ({"metadata": {"generation": 1}, "status": {}}, False),
        ({"metadata": {"generation": 1}, "status": {"conditions": None}}, False),
    ],
    ids=["available", "changed since", "says nothing yet", "says null"],
)
def test_a_deployment_is_there_once_it_is_available_as_it_is_now(answer: dict[str, Any], *, there: bool) -> None:
    assert is_there(Answering(answer), deployment("operator")) is there
