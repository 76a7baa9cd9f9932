"""A whole landscape in one stack on a cluster: every object of the plan, below the context whose it is.

Objects are registered as plain resources of the Kubernetes provider, by their type token: the plan decides on every field,
so that the typed classes of its SDK would add nothing but seconds to the start of each update (docs/adr/0018).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from components.context import BoundedContext
from components.kubernetes.manifest import Hidden, Manifest, revealed
from components.kubernetes.objects import objects_of
from components.options import child
from components.secrets import Secrets
from plat.plan.model import Cluster, Plan

_ROOT = Path(__file__).resolve().parents[2]


class _Provider(pulumi.ProviderResource):
    def __init__(self, cluster: Cluster, parent: pulumi.Resource) -> None:
        settings: dict[str, Any] = {}
        if cluster.kubeconfig:
            settings["kubeconfig"] = str(_ROOT / cluster.kubeconfig)
        if cluster.context:
            settings["context"] = cluster.context
        super().__init__("kubernetes", "cluster", settings, child(parent))


class LandscapeOnKubernetes(pulumi.ComponentResource):
    """Everything that `plan` says."""

    def __init__(self, plan: Plan, cluster: Cluster) -> None:
        super().__init__("plat:index:Landscape", plan.landscape)
        self._secrets = Secrets(plan, self)
        self._provider = _Provider(cluster, self)
        self._contexts = {name: BoundedContext(name, self) for name in plan.contexts}
        made: dict[tuple[str, str], pulumi.Resource] = {}
        for manifest in objects_of(plan):
            made[_key(manifest)] = self._register(manifest, [made[_key(item)] for item in manifest.after])
        self.register_outputs({})

    @property
    def secrets(self) -> pulumi.Output[Mapping[str, str]]:
        """Every generated secret by name, as one secret value: for `plat exec` and `plat verify`."""
        return self._secrets.values()

    def _register(self, manifest: Manifest, after: list[pulumi.Resource]) -> pulumi.Resource:
        parent = self._contexts.get(manifest.unit, self)
        opts = child(
            parent,
            provider=self._provider,
            depends_on=after,
            holds_data=manifest.holds_data,
            kept=manifest.kept,
            seconds=manifest.seconds,
            once=manifest.once,
        )
        return pulumi.CustomResource(manifest.type_token, manifest.resource, revealed(manifest.body, self._reveal), opts=opts)

    def _reveal(self, hidden: Hidden) -> pulumi.Output[str]:
        values = pulumi.Output.all(*(self._secrets[ref] for ref in hidden.refs))
        return pulumi.Output.secret(values.apply(lambda known: hidden.render(dict(zip(hidden.refs, known, strict=True)))))


def _key(manifest: Manifest) -> tuple[str, str]:
    return manifest.type_token, manifest.resource
