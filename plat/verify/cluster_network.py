"""What the network of a cluster lets through, from one's pods to another's. Pure; nothing is tried here."""

from __future__ import annotations

from collections.abc import Collection

from plat.kubernetes.flows import End, Flow, administration, flows_of
from plat.plan.model import Plan, Server, Workload
from plat.verify.vantage import Place, places_of


class ClusterNetwork:
    """The network of the cluster that `plan` is for. An end is tried from by a pod with its labels, in its namespace."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._flows = frozenset(flows_of(plan))

    def of_workload(self, workload: Workload) -> End:
        """The pods of a workload."""
        return End.of_workload(workload)

    def others(self, target: Workload) -> Collection[End]:
        """The pods of any other workload."""
        return [End.of_workload(workload) for workload in self._plan.workloads if workload != target]

    def beside(self, server: Server) -> End:
        """The pods that work inside of a server."""
        return End.inside(server)

    def offered(self, server: Server) -> Collection[int]:
        """All that these work by."""
        return administration(server)

    def places(self) -> Collection[Place]:
        """All servers, and what is exposed."""
        return tuple(places_of(self._plan))

    def sources(self) -> Collection[tuple[str, End]]:
        """All workloads."""
        return [(workload.name, End.of_workload(workload)) for workload in self._plan.workloads]

    def fences(self, end: End, target: Server | Workload) -> bool:
        """Whether a pod would come to another one's."""
        return end != _end(target)

    def lets(self, end: End, place: Place) -> bool:
        """Whether a policy opens this way."""
        return Flow(end, _end(place.target), place.port) in self._flows


def _end(target: Server | Workload) -> End:
    return End.of_server(target) if isinstance(target, Server) else End.of_workload(target)
