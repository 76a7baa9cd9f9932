"""An object of the cluster as plain data, before anything is registered. Pure: what a plan becomes can be read and judged."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from plat.kubernetes import labels
from plat.kubernetes.flows import Flow
from plat.plan.model import Cluster, Namespace, Plan, SecretRef

Body = Mapping[str, Any]

NO_AWAIT = {"pulumi.com/skipAwait": "true"}
"""An annotation: without a pod it is no failure, as the pod comes after it."""

_FENCES = ("LimitRange", "NetworkPolicy", "ResourceQuota")
_OF_A_NAMESPACE = ("ask-for-names", "default-deny", "limits", "quota")


def until(condition: str) -> dict[str, str]:
    """An annotation: it is there once its operator says so of this condition."""
    return {"pulumi.com/waitFor": f"condition={condition}"}


@dataclass(frozen=True, slots=True)
class Hidden:
    """A text that holds secrets: `render` makes it of their values, by name."""

    refs: tuple[SecretRef, ...]
    render: Callable[[Mapping[SecretRef, str]], str]


def secret(ref: SecretRef) -> Hidden:
    """The value of one secret."""
    return Hidden((ref,), lambda values: values[ref])


def digest(refs: Iterable[SecretRef]) -> Hidden:
    """What changes whenever the value of one of these secrets does, and tells nobody which it is."""
    known = tuple(sorted({*refs}))

    def render(values: Mapping[SecretRef, str]) -> str:
        found = json.dumps({ref: values[ref] for ref in known}, sort_keys=True)
        return hashlib.sha256(found.encode()).hexdigest()[:16]

    return Hidden(known, render)


def opaque(texts: Mapping[str, str | Hidden], *, packed: bool = False) -> dict[str, Any]:
    """The content of a Secret with these texts, by gzip if `packed`, in the form in which the API server keeps it."""
    as_bytes = _packed if packed else str.encode
    return {"type": "Opaque", "data": {name: _encoded(text, as_bytes) for name, text in texts.items()}}


def _encoded(text: str | Hidden, as_bytes: Callable[[str], bytes]) -> str | Hidden:
    if isinstance(text, str):
        return base64.b64encode(as_bytes(text)).decode("ascii")
    return Hidden(text.refs, lambda values: base64.b64encode(as_bytes(text.render(values))).decode("ascii"))


def _packed(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)  # another time would be another content


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object. `resource` is its name in the stack, `unit` whose it is, `after` the objects that it waits for.

    `holds_data` protects it from its creation on; what is `kept` stays on the cluster when the stack lets go of it; `seconds`
    is how long an update waits for it to be ready. What is made `anew_with` secrets is deleted and made anew when the value of
    one changes. What is `passing` the cluster removes by itself, so that any change makes another. What lies at `once` counts
    only when it is made: another one is another object, which an update refuses for one that holds data.
    """

    api_version: str
    kind: str
    name: str
    namespace: str | None
    unit: str
    labels: Mapping[str, str]
    content: Body
    resource: str
    annotations: Mapping[str, str | Hidden] = field(default_factory=dict)
    after: tuple[Manifest, ...] = ()
    holds_data: bool = False
    kept: bool = False
    seconds: int | None = None
    anew_with: tuple[SecretRef, ...] = ()
    passing: bool = False
    once: tuple[str, ...] = ()

    @property
    def is_fence(self) -> bool:
        """Whether it has to stand before anything else in its namespace, or in any."""
        wide = self.kind in {"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"}
        return wide or (self.kind in _FENCES and self.name in _OF_A_NAMESPACE)

    @property
    def type_token(self) -> str:
        """What Pulumi calls its type."""
        group = self.api_version if "/" in self.api_version else f"core/{self.api_version}"
        return f"kubernetes:{group}:{self.kind}"

    @property
    def body(self) -> dict[str, Any]:
        """The whole object, as the API server takes it; texts that hold secrets are `Hidden`."""
        metadata: dict[str, Any] = {"name": self.name, "labels": dict(self.labels)}
        if self.namespace:
            metadata["namespace"] = self.namespace
        if annotations := self._annotations:
            metadata["annotations"] = annotations
        return {"apiVersion": self.api_version, "kind": self.kind, "metadata": metadata, **self.content}

    @property
    def _annotations(self) -> dict[str, str | Hidden]:
        shown = {labels.SECRETS: digest(self.anew_with)} if self.anew_with else {}
        return {**self.annotations, **shown}


@dataclass(frozen=True, slots=True)
class Unit:
    """A namespace of a plan as the place to put objects into; `flows` are all ways of the plan, which are found out once.

    `fences` are what has to stand in it before anything else. Of what is `divided` others' stacks hold some: what is inside of
    its servers may be theirs.
    """

    plan: Plan
    namespace: Namespace
    flows: tuple[Flow, ...]
    fences: tuple[Manifest, ...] = ()
    divided: bool = False

    @property
    def cluster(self) -> Cluster:
        """The cluster that the plan is for. Raises ValueError for a plan for something else."""
        if self.plan.cluster is None:
            msg = f"{self.plan.landscape} is not planned for a cluster"
            raise ValueError(msg)
        return self.plan.cluster

    def put(  # noqa: PLR0913 - an argument for each thing that differs
        self,
        api_version: str,
        kind: str,
        name: str,
        content: Body,
        *,
        resource: str | None = None,
        annotations: Mapping[str, str | Hidden] | None = None,
        after: Iterable[Manifest] = (),
        holds_data: bool = False,
        kept: bool = False,
        owner: str | None = None,
        seconds: int | None = None,
        passing: bool = False,
        once: tuple[str, ...] = (),
    ) -> Manifest:
        """An object called `name` in the namespace, with the labels of its owner: the unit, or the context `owner`."""
        whose = replace(self.namespace, unit=owner, team=self.plan.teams[owner]) if owner else self.namespace
        return Manifest(
            api_version=api_version,
            kind=kind,
            name=name,
            namespace=self.namespace.name,
            unit=whose.unit,
            labels=labels.of_unit(self.plan, whose, name),
            content=content,
            resource=resource or name,
            annotations=annotations or {},
            after=(*self.fences, *after),
            holds_data=holds_data,
            kept=kept,
            seconds=seconds,
            passing=passing,
            once=once,
        )


def revealed(value: Any, reveal: Callable[[Hidden], Any]) -> Any:  # noqa: ANN401 - any part of an object
    """A part of an object with every hidden text as `reveal` gives it."""
    match value:
        case Hidden():
            return reveal(value)
        case Mapping():
            return {key: revealed(inner, reveal) for key, inner in value.items()}
        case list() | tuple():
            return [revealed(inner, reveal) for inner in value]
        case _:
            return value


def ordered(manifests: Iterable[Manifest]) -> Iterator[Manifest]:
    """Every one of `manifests` once, after all that it waits for."""
    yield from _ordered(manifests, set())


def _ordered(manifests: Iterable[Manifest], done: set[tuple[str, str]]) -> Iterator[Manifest]:
    for manifest in manifests:
        key = (manifest.type_token, manifest.resource)
        if key not in done:
            yield from _ordered(manifest.after, done)
            done.add(key)
            yield manifest
