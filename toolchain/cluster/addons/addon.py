"""What an add-on is: a Go module or jars, the objects that its authors publish with it, and how they become ours."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from toolchain.cluster.certificates import Identity
from toolchain.cluster.programs import Source

Object = dict[str, Any]

NOBODY = 65532
"""The user of an image that names no other."""


@dataclass(frozen=True)
class Certificate:
    """A key and a certificate of the cluster's authority, and that authority's own, each as base64 of its text."""

    key: str
    certificate: str
    authority: str


@dataclass(frozen=True)
class Given:
    """What an add-on's objects are made of: its image, what its authors publish, and a certificate if it wants one."""

    image: str
    upstream: tuple[Object, ...]
    certificate: Certificate | None = None

    def copies(self) -> list[Object]:
        """Give upstream's objects, free to be changed."""
        return copy.deepcopy([*self.upstream])

    def secret(self, name: str, namespace: str) -> Object:
        """Give a Secret with the certificate; raises AssertionError for an add-on that has none."""
        if self.certificate is None:
            raise AssertionError(name)
        data = {
            "ca.crt": self.certificate.authority,
            "tls.crt": self.certificate.certificate,
            "tls.key": self.certificate.key,
        }
        metadata = {"name": name, "namespace": namespace}
        return {"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls", "metadata": metadata, "data": data}


@dataclass(frozen=True)
class Definitions:
    """Definitions that are made of Java's `classes`, one of each, by a `generator`: its main class, with arguments.

    Both are in the jars called `name`; `artifact` among these gives the version, and `java` is the oldest that can run it.
    """

    name: str
    artifact: str
    generator: tuple[str, ...]
    classes: tuple[str, ...]
    java: int


@dataclass(frozen=True)
class AddOn:
    """One add-on.

    `manifests` are files and folders of upstream's module, whose objects are handed to `objects`; that gives all that is to be
    applied. Namespaces and definitions are applied first, whatever their order, and the definitions waited for; Deployments
    and APIServices are waited for last. `files` are the programs in the image by their places, where they are not to lie in
    `/` under their own names; the first is what the image runs. A source without packages is all objects and no image.
    `certificate` is made where it is named.
    """

    source: Source | Definitions
    manifests: tuple[str, ...]
    objects: Callable[[Given], Sequence[Object]]
    files: Mapping[str, str] = field(default_factory=dict)
    certificate: Identity | None = None

    @property
    def name(self) -> str:
        """Its name, which is its Go module's folder's too, or its jars'."""
        return self.source.name


def run_by(deployment: Object, image: str) -> Object:
    """Let every container of a Deployment run an image of ours; one that nobody could pull."""
    for container in deployment["spec"]["template"]["spec"]["containers"]:
        container |= {"image": image, "imagePullPolicy": "IfNotPresent"}
        probe = container.get("readinessProbe")
        if probe:
            probe |= {"initialDelaySeconds": 0, "periodSeconds": 1}
    return deployment
