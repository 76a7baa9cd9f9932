"""The objects that every cluster has from the start: its DNS, its storage class and its volumes."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from toolchain.cluster.places import DNS_SERVICE, DOMAIN, NODE

_DNS = "coredns"
_LABELS = {"k8s-app": "kube-dns"}
_SYSTEM = "kube-system"
_CLASS = "local"
_VOLUME_SIZE = "100Gi"
_NOBODY = 65532
FREE_VOLUMES = 64
"""How many volumes stand ready. A claim that goes leaves its volume with its data, so that `up` makes further ones."""

_COREFILE = f"""\
.:53 {{
  errors
  ready
  cache 5
  kubernetes {DOMAIN} in-addr.arpa ip6.arpa {{
    pods insecure
    ttl 5
  }}
}}
"""


def dns(image: str) -> list[dict[str, Any]]:
    """CoreDNS as clusters usually have it: a Deployment and a Service with the labels that policies select it by."""
    # Whoever is not root may listen on port 53: policies judge the port that the pod listens on.
    security = {
        "runAsNonRoot": True,
        "runAsUser": _NOBODY,
        "runAsGroup": _NOBODY,
        "seccompProfile": {"type": "RuntimeDefault"},
        "sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "53"}],
    }
    container = {
        "name": _DNS,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "args": ["-conf", "/etc/coredns/Corefile"],
        "ports": [
            {"name": "dns", "containerPort": 53, "protocol": "UDP"},
            {"name": "dns-tcp", "containerPort": 53, "protocol": "TCP"},
        ],
        "readinessProbe": {"httpGet": {"path": "/ready", "port": 8181}, "periodSeconds": 1},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [{"name": "config", "mountPath": "/etc/coredns", "readOnly": True}],
    }
    pod = {
        "serviceAccountName": _DNS,
        "priorityClassName": "system-cluster-critical",
        "dnsPolicy": "Default",
        "securityContext": security,
        "containers": [container],
        "volumes": [{"name": "config", "configMap": {"name": _DNS}}],
    }
    deployment = {
        "replicas": 1,
        "selector": {"matchLabels": _LABELS},
        "template": {"metadata": {"labels": _LABELS}, "spec": pod},
    }
    read = [
        {"apiGroups": [""], "resources": ["endpoints", "services", "pods", "namespaces"], "verbs": ["list", "watch"]},
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": ["list", "watch"]},
    ]
    group = "rbac.authorization.k8s.io"
    ports = [
        {"name": "dns", "port": 53, "protocol": "UDP"},
        {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
    ]
    return [
        _item("v1", "ServiceAccount", _DNS, {}, _SYSTEM),
        _item(f"{group}/v1", "ClusterRole", f"system:{_DNS}", {"rules": read}),
        _item(
            f"{group}/v1",
            "ClusterRoleBinding",
            f"system:{_DNS}",
            {
                "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": f"system:{_DNS}"},
                "subjects": [{"kind": "ServiceAccount", "name": _DNS, "namespace": _SYSTEM}],
            },
        ),
        _item("v1", "ConfigMap", _DNS, {"data": {"Corefile": _COREFILE}}, _SYSTEM),
        _item("apps/v1", "Deployment", _DNS, {"spec": deployment}, _SYSTEM),
        _item("v1", "Service", "kube-dns", {"spec": {"clusterIP": DNS_SERVICE, "selector": _LABELS, "ports": ports}}, _SYSTEM),
    ]


def storage_class() -> dict[str, Any]:
    """The default class: a claim gets one of the volumes that are there once a pod wants it, and its data stays."""
    content = {
        "provisioner": "kubernetes.io/no-provisioner",
        "reclaimPolicy": "Retain",
        "volumeBindingMode": "WaitForFirstConsumer",
    }
    item = _item("storage.k8s.io/v1", "StorageClass", _CLASS, content)
    item["metadata"]["annotations"] = {"storageclass.kubernetes.io/is-default-class": "true"}
    return item


def volume(name: str, folder: Path) -> dict[str, Any]:
    """A folder of the node as a volume."""
    on_node = {"key": "kubernetes.io/hostname", "operator": "In", "values": [NODE]}
    spec = {
        "capacity": {"storage": _VOLUME_SIZE},
        "accessModes": ["ReadWriteOnce"],
        "persistentVolumeReclaimPolicy": "Retain",
        "storageClassName": _CLASS,
        "local": {"path": f"{folder}"},
        "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [on_node]}]}},
    }
    return _item("v1", "PersistentVolume", name, {"spec": spec})


def further_volumes(there: Collection[str], free: int) -> Iterator[str]:
    """Name the volumes that are to be made so that enough are free, given the names of all that exist."""
    number = 0
    for _ in range(max(0, FREE_VOLUMES - free)):
        number += 1
        while volume_name(number) in there:
            number += 1
        yield volume_name(number)


def volume_name(number: int) -> str:
    """Give a volume's name."""
    return f"local-{number:03}"


def _item(version: str, kind: str, name: str, content: dict[str, Any], namespace: str = "") -> dict[str, Any]:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **content}
