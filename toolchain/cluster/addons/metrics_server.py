"""metrics-server: how much processor and memory pods use. Without it no HorizontalPodAutoscaler scales."""

from __future__ import annotations

from toolchain.cluster.addons.addon import AddOn, Given, Object, run_by
from toolchain.cluster.programs import Source

_LABELS = {"k8s-app": "metrics-server"}
_AUTHORITY = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"


def _objects(given: Given) -> list[Object]:
    found = given.copies()
    for item in found:
        if item["kind"] == "Deployment":
            item["spec"] |= {"selector": {"matchLabels": _LABELS}}
            item["spec"]["template"]["metadata"] = {"labels": _LABELS}
            run_by(item, given.image)
            (container,) = item["spec"]["template"]["spec"]["containers"]
            # It calls itself ready after its second look at the node. Until then namespaces could not be deleted.
            del container["readinessProbe"]
            container["args"] = [*container["args"], f"--kubelet-certificate-authority={_AUTHORITY}"]
        elif item["kind"] == "Service":
            item["spec"]["selector"] = _LABELS
    return found


METRICS_SERVER = AddOn(
    Source("metrics-server", ("sigs.k8s.io/metrics-server/cmd/metrics-server",), "sigs.k8s.io/metrics-server"),
    tuple(f"manifests/base/{name}.yaml" for name in ("rbac", "service", "deployment", "apiservice")),
    _objects,
)
