"""What the network of a cluster lets through, from one's pods to another's and to machines. Pure; nothing is tried here."""

from __future__ import annotations

from collections.abc import Collection

from plat.kubernetes.flows import Elsewhere, End, Flow, administration, end_of, flows_of
from plat.plan.model import Plan, Server, Workload
from plat.verify.vantage import Place, places_of


class ClusterNetwork:
    """The network of the cluster that `plan` is for. An end is tried from by a pod with its labels, in its namespace."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._running = plan.at("kubernetes").workloads
        self._flows = frozenset(flows_of(plan))

    def has(self, workload: Workload) -> bool:
        """Whether it has pods."""
        return workload.namespace is not None

    def of_workload(self, workload: Workload) -> End:
        """The pods of a workload."""
        return End.of_workload(workload)

    def others(self, target: Workload) -> Collection[End]:
        """The pods of any other workload."""
        return [End.of_workload(workload) for workload in self._running if workload != target]

    def beside(self, server: Server) -> End | None:
        """The pods that work inside of a server; of one on a machine, any that have a way to it."""
        if server.namespace:
            return End.inside(server)
        there = end_of(self._plan, server)
        ends = map(End.of_workload, self._running)
        return next((end for end in ends if Flow(end, there, server.port) in self._flows), None)

    def offered(self, server: Server) -> Collection[int]:
        """All that these work by."""
        return administration(server) if server.namespace else (server.port,)

    def places(self) -> Collection[Place]:
        """All servers, and what is exposed."""
        return tuple(places_of(self._plan))

    def sources(self) -> Collection[tuple[str, End]]:
        """All workloads."""
        return [(workload.name, End.of_workload(workload)) for workload in self._running]

    def fences(self, end: End, place: Place) -> bool:
        """Whether a pod would come to another one's, or to a machine."""
        return end != self._end_of(place)

    def lets(self, end: End, place: Place) -> bool:
        """Whether a policy opens this way."""
        return Flow(end, self._end_of(place), place.port) in self._flows

    def _end_of(self, place: Place) -> End | Elsewhere:
        if place.pooler and isinstance(place.target, Server):
            return End.of_pooler(place.target, place.pooler)
        return end_of(self._plan, place.target)
