"""What a landscape has on machines: every resource of the plan, below the context whose it is.

Resources are registered by their type token, as those of a cluster are (docs/adr/0018).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi

from components.kubernetes.manifest import Hidden
from components.landscape import Landscape
from components.options import child
from components.vm.declared import Declared, From, KeyFile, Provider, Unknown, Woven, filled, needed
from components.vm.objects import steps_of
from components.vm.servers import inside_of
from plat.plan.model import Plan, SecretRef
from providers.machine.keys import public_key_of

_ROOT = Path(__file__).resolve().parents[2]


class _Registered(pulumi.CustomResource):
    """A resource whose outputs are asked for by name."""

    def __init__(self, declared: Declared, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        # What is None is no input, and yet comes back as an output.
        wanted = {name: None for name in declared.outputs if name not in inputs}
        super().__init__(declared.type_token, declared.resource, {**inputs, **wanted}, opts)

    def output(self, name: str) -> pulumi.Output[Any]:
        """What the provider gives by this name."""
        found: pulumi.Output[Any] = self.id if name == "id" else self.__dict__[name]
        return found


class OnMachines:
    """What `plan` has on its machines."""

    def __init__(self, plan: Plan, landscape: Landscape) -> None:
        self._plan = plan
        self._landscape = landscape
        self._secrets = landscape.generated
        self._workloads = {workload.name: workload for workload in plan.workloads}
        self._provided, self._run = steps_of(plan)
        self._made: dict[tuple[str, str], _Registered] = {}
        self._providers: dict[tuple[str, str], pulumi.ProviderResource] = {}

    def provide(self) -> None:
        """Registers machines, and servers with all that is in them."""
        for declared in self._provided:
            self._register(declared, ())
        found = {server.name: self._made.get(inside_of(server.name)) for server in self._plan.servers}
        self._landscape.let_wait(self._plan, {server: [inside] for server, inside in found.items() if inside})

    def run(self) -> None:
        """Registers what runs, each after all that its contexts have elsewhere."""
        for declared in self._run:
            workload = self._workloads.get(declared.resource)
            contexts = workload.contexts if workload else ()
            self._register(declared, [made for name in contexts for made in self._landscape.contexts[name].ready])

    def _register(self, declared: Declared, elsewhere: Iterable[pulumi.Resource]) -> None:
        parent = self._landscape.contexts.get(declared.unit or "", self._landscape)
        opts = child(
            parent,
            provider=self._provider(declared.provider) if declared.provider else None,
            depends_on=[*(self._made[item.key] for item in needed(declared)), *elsewhere],
            holds_data=declared.holds_data,
            seconds=declared.seconds,
        )
        if declared.anew:
            # Two of them would want one name, and the same disks.
            again = pulumi.ResourceOptions(replace_on_changes=list(declared.anew), delete_before_replace=True)
            opts = pulumi.ResourceOptions.merge(opts, again)
        self._made[declared.key] = _Registered(declared, filled(declared.inputs, self._reveal), opts)

    def _provider(self, provider: Provider) -> pulumi.ProviderResource:
        key = (provider.package, provider.name)
        if key not in self._providers:
            settings = filled(provider.settings, self._reveal)
            opts = child(self._landscape, depends_on=[self._made[item.key] for item in provider.after])
            self._providers[key] = pulumi.ProviderResource(provider.package, provider.name, settings, opts)
        return self._providers[key]

    def _reveal(self, unknown: Unknown) -> pulumi.Output[Any]:
        match unknown:
            case Hidden():
                return pulumi.Output.secret(self._values(unknown.refs).apply(lambda known: unknown.render(dict(known))))
            case From():
                return self._made[unknown.resource.key].output(unknown.output)
            case Woven():
                sources = [self._reveal(source) for source in unknown.sources]
                return pulumi.Output.all(*sources).apply(unknown.render)
            case KeyFile():
                private = (_ROOT / unknown.path).read_text(encoding="utf-8")
                return pulumi.Output.from_input(public_key_of(private)) if unknown.public else pulumi.Output.secret(private)

    def _values(self, refs: Sequence[SecretRef]) -> pulumi.Output[list[tuple[SecretRef, str]]]:
        values = pulumi.Output.all(*(self._secrets[ref] for ref in refs))
        return values.apply(lambda found: list(zip(refs, found, strict=True)))
