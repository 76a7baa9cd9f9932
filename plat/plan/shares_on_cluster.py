"""What the shares of a plan for a cluster are besides: whose namespaces, and what their objects have to know of others'.

An object of a share may depend on what another one holds: a policy lets somebody else's pods in, a workload is scaled by what
waits at the broker. Each share sees exactly that of the landscape, so that a unit costs the same in a small one and in a large
one, and changes only with its neighbours.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from plat.kubernetes.flows import Elsewhere, End, Flow, flows_of
from plat.plan.model import PLATFORM, Broker, External, Namespace, Plan, Unit

Besides = Mapping[str, Any]
"""Fields of a `Share`."""


class ClusterIndex:
    """What of `plan` every unit looks up; `platforms` are the names of the platform's servers."""

    def __init__(self, plan: Plan, platforms: Collection[str]) -> None:
        self._plan = plan
        self._platforms = platforms
        self._namespaces = {namespace.unit: namespace for namespace in plan.namespaces}
        self._flows: dict[str, list[Flow]] = {}
        for flow in flows_of(plan):
            for name in dict.fromkeys(_namespaces_of(flow)):
                self._flows.setdefault(name, []).append(flow)
        self._surfaces = {surface.context: surface for surface in plan.surfaces}
        self._externals: dict[str, list[External]] = {}
        for external in plan.externals:
            for name in external.reached_by:
                self._externals.setdefault(name, []).append(external)

    def of_platform(self, part: Plan) -> Besides:
        """Of the platform's own share, which is `part`: the landscape's policies of admission are there."""
        namespaces = self._of([PLATFORM])
        # Whoever has something in one of its servers says so by a label: another one changes nothing here.
        servers = {End.of_server(server) for server in part.servers}
        flows = [flow for flow in self._ways(namespaces) if flow.target not in servers or not _is_of_a_workload(flow.source)]
        return {"plan": dataclasses.replace(part, namespaces=namespaces, groups=self._plan.groups), "flows": tuple(flows)}

    def of_everybody(self, part: Plan) -> Besides:
        """Of the share that lets nobody else into the platform's servers, which are those of `part`."""
        plan = self._plan
        stores = tuple(store for store in plan.datastores if store.server in self._platforms)
        contracts = tuple(contract for contract in plan.contracts if contract.server in self._platforms)
        platform = self._of([PLATFORM])
        view = dataclasses.replace(part, broker=plan.broker, datastores=stores, contracts=contracts, namespaces=platform)
        return {"view": view}

    def of_access(self, part: Plan) -> Besides:
        """Of a unit's access, which is `part`: it works in the platform's namespace, which is not its own."""
        return {"view": dataclasses.replace(part, namespaces=self._of([PLATFORM]))}

    def namespaces_of(self, unit: Unit) -> tuple[Namespace, ...]:
        """The namespaces of a unit's own share."""
        return self._of(dict.fromkeys((*unit.contexts, *unit.deployables)))

    def of_unit(self, part: Plan, unit: Unit, broker: Broker | None) -> Besides:
        """Of a unit's own share, which is `part`; `broker` has what the unit has there."""
        plan = self._plan
        stores = [store for context in unit.contexts for store in plan.datastores_of(context)]
        read = [contract for context in unit.contexts for contract in plan.contracts_of(context)]
        names = {store.server for store in stores} | {contract.server for contract in read}
        names |= {broker.server} if broker else set()
        others = tuple(plan.server(name) for name in sorted(names - {server.name for server in part.servers}))
        surfaces = [self._surfaces.get(context) for context in unit.contexts]
        view = dataclasses.replace(
            part,
            servers=(*part.servers, *others),
            datastores=tuple(stores),
            contracts=tuple(dict.fromkeys((*part.contracts, *read))),
            broker=broker,
            surfaces=tuple(filter(None, surfaces)),
            externals=tuple(self._reached(unit.deployables)),
        )
        return {"view": view, "flows": tuple(self._ways(part.namespaces))}

    def _of(self, units: Iterable[str]) -> tuple[Namespace, ...]:
        return tuple(self._namespaces[unit] for unit in units if unit in self._namespaces)

    def _ways(self, namespaces: Iterable[Namespace]) -> Iterable[Flow]:
        return dict.fromkeys(flow for namespace in namespaces for flow in self._flows.get(namespace.name, ()))

    def _reached(self, workloads: Iterable[str]) -> Iterator[External]:
        """The systems outside that some of `workloads` reach, without who else does."""
        found: dict[str, External] = {}
        reaching: dict[str, list[str]] = {}
        for name in workloads:
            for external in self._externals.get(name, ()):
                found[external.name] = external
                reaching.setdefault(external.name, []).append(name)
        for name, external in sorted(found.items()):
            yield dataclasses.replace(external, reached_by=tuple(sorted(reaching[name])))


def _namespaces_of(flow: Flow) -> Iterator[str]:
    return (end.namespace for end in (flow.source, flow.target) if isinstance(end, End))


def _is_of_a_workload(end: End | Elsewhere) -> bool:
    return isinstance(end, End) and end.is_of_a_workload
