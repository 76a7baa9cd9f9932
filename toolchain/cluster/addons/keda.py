"""KEDA: scales Deployments by the depth of queues, the lag of consumers, and times of the day."""

from __future__ import annotations

from toolchain.cluster.addons.addon import AddOn, Given, Object, run_by
from toolchain.cluster.certificates import Identity
from toolchain.cluster.places import DOMAIN
from toolchain.cluster.programs import Source

NAMESPACE = "keda"
_MODULE = "github.com/kedacore/keda/v2"
_METRICS, _OPERATOR = "keda-metrics-apiserver", "keda-operator"
_SECRET = "kedaorg-certs"  # noqa: S105 - an object's name
_PROGRAMS = {_OPERATOR: "keda", _METRICS: "keda-adapter"}
_IDENTITY = Identity(
    "keda",
    _OPERATOR,
    answers_to=tuple(f"DNS:{name}.{NAMESPACE}.svc{end}" for name in (_OPERATOR, _METRICS) for end in ("", f".{DOMAIN}")),
)


def _objects(given: Given) -> list[Object]:
    found = given.copies()
    authority = given.secret(_SECRET, NAMESPACE)["data"]["ca.crt"]
    for item in found:
        if item["kind"] == "Deployment":
            run_by(item, given.image)
            (container,) = item["spec"]["template"]["spec"]["containers"]
            # By itself it makes its certificates when it runs, and waits a minute until the kubelet has brought them.
            container["args"] = [word for word in container["args"] if not word.startswith(("--enable-cert-rotation", "/"))]
            container["command"] = [f"/{_PROGRAMS[item['metadata']['name']]}"]
        elif item["kind"] == "APIService":
            item["spec"]["caBundle"] = authority
    return [given.secret(_SECRET, NAMESPACE), *found]


KEDA = AddOn(
    Source("keda", (f"{_MODULE}/cmd/operator", f"{_MODULE}/cmd/adapter"), _MODULE),
    (
        "config/general/namespace.yaml",
        "config/crd/bases",
        "config/service_account/service_account.yaml",
        "config/rbac/role.yaml",
        "config/rbac/role_binding.yaml",
        "config/manager/service.yaml",
        "config/manager/manager.yaml",
        *(f"config/metrics-server/{name}.yaml" for name in ("role", "role_binding", "service", "deployment", "api_service")),
    ),
    _objects,
    files={_PROGRAMS[_OPERATOR]: "operator", _PROGRAMS[_METRICS]: "adapter"},
    certificate=_IDENTITY,
)
