"""A landscape, or the share of it that one stack holds, on all targets that its plan is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import pulumi

from components.context import BoundedContext
from components.moving import known_when_moved
from components.secrets import Secrets
from plat.plan.model import Plan
from plat.plan.shares import Share


class Landscape(pulumi.ComponentResource):
    """Everything that `share` says is below this: what its contexts have below theirs, the rest below itself."""

    def __init__(self, share: Share) -> None:
        super().__init__("plat:index:Landscape", share.plan.landscape)
        self.elsewhere = share.elsewhere
        self.generated = Secrets(share, self)
        self.contexts = {name: BoundedContext(name, self) for name in share.contexts}

    def let_wait(self, plan: Plan, inside: Mapping[str, Sequence[pulumi.Resource]]) -> None:
        """Lets what runs for a context wait for what that has in servers: `inside` is what has to be there, by server."""
        parts = [(store.context, store.server) for store in plan.datastores]
        parts += [(contract.consumer, contract.server) for contract in plan.contracts]
        parts += [(user.context, plan.broker.server) for user in plan.broker.users] if plan.broker else []
        # Who reads by a contract may be another share's.
        for context, server in dict.fromkeys(part for part in parts if part[0] in self.contexts):
            self.contexts[context].ready += inside.get(server, ())

    @property
    def secrets(self) -> pulumi.Output[Mapping[str, str]]:
        """What the share gives by name, as one secret value: to `plat exec`, to `plat verify`, to who may read the stack."""
        return self.generated.values()

    def once_made(self, value: str) -> pulumi.Output[str]:
        """`value`, known when everything of the landscape has been made: an update that fails before does not put it out."""
        return pulumi.Output.all(*(resource.urn for resource in _below(self))).apply(lambda _: value)


def _below(resource: pulumi.Resource) -> Iterator[pulumi.Resource]:
    for inner in resource._childResources:  # noqa: SLF001 - the SDK, which waits for a component by it, has no public name
        yield inner
        yield from _below(inner)


class Adapter(Protocol):
    """What a plan has on one target, in two steps: a deployable may wait for what is inside of a server on another one."""

    def provide(self) -> None:
        """Registers servers, with all that is in them."""

    def run(self) -> None:
        """Registers what runs."""


def meet(plan: Plan, root: Path) -> None:
    """Asks the plan's cluster, where it is for one, whether it answers: an update ends here if not, a preview says so.

    Raises pulumi.RunError, before anything is registered.
    """
    if not plan.cluster:
        return
    from plat.kubernetes.answer import Silence, ask  # noqa: PLC0415 - of one target alone
    from plat.kubernetes.kubectl import ClusterProblem  # noqa: PLC0415 - the same

    try:
        ask(plan.cluster, root)
    except Silence as silence:
        if not pulumi.runtime.is_dry_run():
            raise pulumi.RunError(str(silence)) from None
        pulumi.log.warn(silence.warning)
    except ClusterProblem as problem:
        # The provider needs no kubectl: whether the cluster answers is then told by it.
        pulumi.log.warn(f"whether the cluster answers was not asked: {problem}")


def provision(share: Share) -> Landscape:
    """Registers everything that `share` says."""
    known_when_moved()
    landscape = Landscape(share)
    adapters = list(_adapters(share, landscape))
    for adapter in adapters:
        adapter.provide()
    for adapter in adapters:
        adapter.run()
    landscape.register_outputs({})
    return landscape


def _adapters(share: Share, landscape: Landscape) -> Iterator[Adapter]:
    """An adapter for each target of `share`: the others are not loaded, since each has providers of its own."""
    plan = share.now
    if plan.cluster:
        from components.kubernetes.landscape import OnKubernetes  # noqa: PLC0415 - see above

        yield OnKubernetes(share, plan.cluster, landscape)
    if plan.fleet:
        from components.vm.landscape import OnMachines  # noqa: PLC0415 - see above

        yield OnMachines(plan, landscape)
    if "local" in plan.targets:
        from components.local.landscape import OnThisMachine  # noqa: PLC0415 - see above

        yield OnThisMachine(plan.at("local"), landscape)
