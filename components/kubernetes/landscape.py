"""What a landscape has on a cluster: every object of the plan, below the context whose it is.

Objects are registered as plain resources of the Kubernetes provider, by their type token: the plan decides on every field,
so that the typed classes of its SDK would add nothing but seconds to the start of each update (docs/adr/0018).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi

from components.kubernetes.manifest import Hidden, Manifest, revealed
from components.kubernetes.objects import objects_of
from components.landscape import Landscape
from components.options import child
from plat.kubernetes import labels
from plat.plan.model import Cluster, Plan

_ROOT = Path(__file__).resolve().parents[2]
_SECRETS = f'metadata.annotations["{labels.SECRETS}"]'


class _Provider(pulumi.ProviderResource):
    def __init__(self, cluster: Cluster, parent: pulumi.Resource) -> None:
        settings: dict[str, Any] = {}
        if cluster.kubeconfig:
            settings["kubeconfig"] = str(_ROOT / cluster.kubeconfig)
        if cluster.context:
            settings["context"] = cluster.context
        super().__init__("kubernetes", "cluster", settings, child(parent))


class OnKubernetes:
    """What `plan` has on its cluster."""

    def __init__(self, plan: Plan, cluster: Cluster, landscape: Landscape) -> None:
        self._plan = plan
        self._landscape = landscape
        self._secrets = landscape.generated
        self._provider = _Provider(cluster, landscape)

    def provide(self) -> None:
        """Registers every object, those that run too: each waits for what it needs."""
        made: dict[tuple[str, str], pulumi.Resource] = {}
        for manifest in objects_of(self._plan):
            made[_key(manifest)] = self._register(manifest, [made[_key(item)] for item in manifest.after])

    def run(self) -> None:
        """Nothing is left to register."""

    def _register(self, manifest: Manifest, after: list[pulumi.Resource]) -> pulumi.Resource:
        parent = self._landscape.contexts.get(manifest.unit, self._landscape)
        opts = child(
            parent,
            provider=self._provider,
            depends_on=after,
            holds_data=manifest.holds_data,
            kept=manifest.kept,
            seconds=manifest.seconds,
            anew_with=_SECRETS if manifest.anew_with else None,
            once=manifest.once,
        )
        return pulumi.CustomResource(manifest.type_token, manifest.resource, revealed(manifest.body, self._reveal), opts=opts)

    def _reveal(self, hidden: Hidden) -> pulumi.Output[str]:
        values = pulumi.Output.all(*(self._secrets[ref] for ref in hidden.refs))
        return pulumi.Output.secret(values.apply(lambda known: hidden.render(dict(zip(hidden.refs, known, strict=True)))))


def _key(manifest: Manifest) -> tuple[str, str]:
    return manifest.type_token, manifest.resource
