"""What every pod has in common: it runs as nobody in particular, may write nowhere but where it must, and asks nobody's API.

The rules are those of Pod Security at `restricted`, and a read-only root besides
(https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

USER = 10001
"""Who every pod runs as: nobody that an image or a node knows."""

Part = dict[str, Any]

_CONFINED: Part = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "capabilities": {"drop": ["ALL"]},
}


def size(mebibytes: int) -> str:
    """A size as the API server writes it, with the largest unit that it is a whole number of: 1024 is `1Gi`."""
    return f"{mebibytes}Mi" if mebibytes % 1024 else f"{mebibytes // 1024}Gi"


def resources(memory: int, *, requested: int | None = None) -> Part:
    """What a container may use and is sure of: memory in MiB, `requested` of it for sure (half where it is not said)."""
    return {
        "requests": {"cpu": "50m", "memory": size(requested or memory // 2), "ephemeral-storage": "16Mi"},
        "limits": {"cpu": "1", "memory": size(memory), "ephemeral-storage": "256Mi"},
    }


def container(name: str, image: str, memory: int, pull: str, **more: Any) -> Part:  # noqa: ANN401 - any field of a container
    """A container of `image`, fetched as `pull` says in Kubernetes' words, that may use `memory` MiB."""
    return {
        "name": name,
        "image": image,
        "imagePullPolicy": pull,
        "resources": resources(memory),
        "securityContext": _CONFINED,
        **more,
    }


def pod(
    labels: Mapping[str, str], containers: Sequence[Part], annotations: Mapping[str, Any] | None = None, **more: object
) -> Part:
    """A pod, as a template for whoever makes some."""
    metadata: Part = {"labels": dict(labels)}
    if annotations:
        metadata["annotations"] = dict(annotations)
    spec = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": list(containers),
        **more,
    }
    return {"metadata": metadata, "spec": spec}


def scratch(name: str, size: str = "64Mi", *, in_memory: bool = False) -> Part:
    """A volume that ends with its pod."""
    content: Part = {"sizeLimit": size}
    return {"name": name, "emptyDir": content | ({"medium": "Memory"} if in_memory else {})}


def from_secret(name: str, secret: str) -> Part:
    """A volume with the files of a Secret, which its pod's user alone may read."""
    return {"name": name, "secret": {"secretName": secret, "defaultMode": 0o440}}


def mount(name: str, path: str, *, writable: bool = False, part: str | None = None) -> Part:
    """A volume in a container, or one file (`part`) of it."""
    found: Part = {"name": name, "mountPath": path}
    found |= {"subPath": part} if part else {}
    return found if writable else {**found, "readOnly": True}
