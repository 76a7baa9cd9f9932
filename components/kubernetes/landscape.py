"""What a landscape has on a cluster: every object of the plan, below the context whose it is.

Objects are registered as plain resources of the Kubernetes provider, by their type token: the plan decides on every field,
so that the typed classes of its SDK would add nothing but seconds to the start of each update (docs/adr/0018).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pulumi

from components.kubernetes.manifest import Hidden, Manifest, revealed
from components.kubernetes.objects import steps_of
from components.landscape import Landscape
from components.options import child
from plat.kubernetes import labels
from plat.plan.model import Cluster
from plat.plan.shares import Share

_ROOT = Path(__file__).resolve().parents[2]
_SECRETS = f'metadata.annotations["{labels.SECRETS}"]'
_ANYTHING = "*"


class _Provider(pulumi.ProviderResource):
    def __init__(self, cluster: Cluster, parent: pulumi.Resource) -> None:
        settings: dict[str, Any] = {}
        if cluster.kubeconfig:
            settings["kubeconfig"] = str(_ROOT / cluster.kubeconfig)
        if cluster.context:
            settings["context"] = cluster.context
        super().__init__("kubernetes", "cluster", settings, child(parent))


class OnKubernetes:
    """What `share` has on its cluster."""

    def __init__(self, share: Share, cluster: Cluster, landscape: Landscape) -> None:
        self._plan = share.plan
        self._landscape = landscape
        self._secrets = landscape.generated
        self._provider = _Provider(cluster, landscape)
        self._steps = steps_of(share)
        self._made: dict[tuple[str, str], pulumi.Resource] = {}

    def provide(self) -> None:
        """Registers servers, with all that is in them and all that fences the namespaces: each waits for what it needs."""
        for manifest in self._steps.provided:
            self._register(manifest, ())
        inside = {server: [self._made[_key(item)] for item in made] for server, made in self._steps.inside.items()}
        self._landscape.let_wait(self._plan, inside)

    def run(self) -> None:
        """Registers what runs, each after all that its contexts have elsewhere."""
        for manifest in self._steps.run:
            contexts = self._plan.workload(manifest.name).contexts if manifest.kind == "Deployment" else ()
            self._register(manifest, [made for name in contexts for made in self._landscape.contexts[name].ready])

    def _register(self, manifest: Manifest, elsewhere: Iterable[pulumi.Resource]) -> None:
        parent = self._landscape.contexts.get(manifest.unit, self._landscape)
        opts = child(
            parent,
            provider=self._provider,
            depends_on=[*(self._made[_key(item)] for item in manifest.after), *elsewhere],
            holds_data=manifest.holds_data,
            kept=manifest.kept,
            seconds=manifest.seconds,
            anew_with=_ANYTHING if manifest.passing else _SECRETS if manifest.anew_with else None,
            once=manifest.once,
        )
        body = revealed(manifest.body, self._reveal)
        self._made[_key(manifest)] = pulumi.CustomResource(manifest.type_token, manifest.resource, body, opts=opts)

    def _reveal(self, hidden: Hidden) -> pulumi.Output[str]:
        values = pulumi.Output.all(*(self._secrets[ref] for ref in hidden.refs))
        return pulumi.Output.secret(values.apply(lambda known: hidden.render(dict(zip(hidden.refs, known, strict=True)))))


def _key(manifest: Manifest) -> tuple[str, str]:
    return manifest.type_token, manifest.resource
