"""What addresses mean in a plan: whose server or workload a text leads to.

On machines a port is one thing's everywhere, so that it alone says whose server it is: it counts in whatever notation it
stands. On a cluster the ports are the usual ones, and the name of a Service in its namespace says it, however much of the
name is written (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/). With machines beside a cluster both
count, and so do the ports of nodes by which those reach what is on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Protocol, TypeVar

from plat.address import is_loopback
from plat.plan.model import Namespace, Plan, Server, Workload
from plat.plan.seen import seen_from

_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:0[xX](?P<hex>[0-9a-fA-F]{1,8})|(?P<decimal>[0-9]{1,12}))(?![0-9A-Za-z])")
_NAME = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+")

_T = TypeVar("_T", Server, Workload)


class Whereabouts(Protocol):
    """Reads addresses against one plan."""

    def servers(self, text: str) -> Sequence[Server]:
        """The servers that a text leads to."""

    def administered(self, text: str) -> Sequence[Server]:
        """The servers that it leads to by a port for their administration."""

    def workloads(self, text: str) -> Sequence[Workload]:
        """The workloads that it leads to."""

    def astray(self, text: str) -> Sequence[Namespace]:
        """The namespaces that it leads into, at something which the plan does not have there."""

    def server_at(self, host: str, port: int) -> Server | None:
        """The server that listens there; None where there is none."""

    def administered_at(self, host: str, port: int) -> Server | None:
        """The server whose administration listens there; None where there is none."""


def whereabouts(plan: Plan) -> Whereabouts:
    """What addresses mean where `plan` is."""
    if not plan.cluster:
        return _OnMachines(plan)
    return _OnBoth(plan) if plan.fleet else _InCluster(plan)


class _OnMachines:
    def __init__(self, plan: Plan) -> None:
        own = [server for server in plan.servers if not server.namespace]
        outside = {server.outside.port: server for server in plan.servers if server.outside}
        self._servers = {**{server.port: server for server in own}, **outside}
        self._administered = {port: server for server in own for port in server.extra_ports.values()}
        self._workloads: dict[int, Workload] = {}
        for workload in plan.workloads:
            port = workload.port if not workload.namespace else workload.outside.port if workload.outside else None
            self._workloads |= {port: workload} if port is not None else {}

    def servers(self, text: str) -> Sequence[Server]:
        return _found(self._servers, text)

    def administered(self, text: str) -> Sequence[Server]:
        return _found(self._administered, text)

    def workloads(self, text: str) -> Sequence[Workload]:
        return _found(self._workloads, text)

    def astray(self, text: str) -> Sequence[Namespace]:  # noqa: ARG002 - machines have no namespaces
        return ()

    def server_at(self, host: str, port: int) -> Server | None:
        return _if_at(self._servers.get(port), host)

    def administered_at(self, host: str, port: int) -> Server | None:
        return _if_at(self._administered.get(port), host)


class _InCluster:
    def __init__(self, plan: Plan) -> None:
        self._domain = plan.cluster.domain if plan.cluster else ""
        here = [server for server in plan.servers if server.namespace]
        self._servers = {
            (name, server.namespace or ""): server
            for server in here
            for name in (server.name, *(pooler.name for pooler in server.poolers))
        }
        self._workloads = {(item.name, item.namespace): item for item in plan.workloads if item.namespace}
        self._namespaces = {namespace.name: namespace for namespace in plan.namespaces}
        # The same words stand in the texts of many, and each is asked about in several ways.
        self._keys = cache(self._keys_of)

    def servers(self, text: str) -> Sequence[Server]:
        return self._named(self._servers, text)

    def administered(self, text: str) -> Sequence[Server]:
        numbers = _numbers(text)
        return [server for server in self.servers(text) if numbers & set(server.extra_ports.values())]

    def workloads(self, text: str) -> Sequence[Workload]:
        return self._named(self._workloads, text)

    def astray(self, text: str) -> Sequence[Namespace]:
        keys = [key for key in self._keys(text) if key not in self._servers and key not in self._workloads]
        return [self._namespaces[namespace] for _, namespace in keys if namespace in self._namespaces]

    def server_at(self, host: str, port: int) -> Server | None:
        return self._at(host, lambda server: server.port == port)

    def administered_at(self, host: str, port: int) -> Server | None:
        return self._at(host, lambda server: port in server.extra_ports.values())

    def _at(self, host: str, listens: Callable[[Server], bool]) -> Server | None:
        found = self._named(self._servers, host)
        return found[0] if len(found) == 1 and listens(found[0]) else None

    def _named(self, things: Mapping[tuple[str, str], _T], text: str) -> list[_T]:
        return [things[key] for key in self._keys(text) if key in things]

    def _keys_of(self, text: str) -> tuple[tuple[str, str], ...]:
        names = dict.fromkeys(match[0] for match in _NAME.finditer(text.lower()))
        return tuple(self._service(name) for name in names)

    def _service(self, name: str) -> tuple[str, str]:
        """The Service and the namespace of a name: a pod's own name stands before its Service's."""
        short = name.removesuffix(f".{self._domain}").removesuffix(".svc").removesuffix(".pod")
        service, _, namespace = short.rpartition(".")
        return service.rpartition(".")[2], namespace


class _OnBoth:
    def __init__(self, plan: Plan) -> None:
        self._in_cluster, self._on_machines = _InCluster(plan), _OnMachines(plan)

    def servers(self, text: str) -> Sequence[Server]:
        return [*self._in_cluster.servers(text), *self._on_machines.servers(text)]

    def administered(self, text: str) -> Sequence[Server]:
        return [*self._in_cluster.administered(text), *self._on_machines.administered(text)]

    def workloads(self, text: str) -> Sequence[Workload]:
        return [*self._in_cluster.workloads(text), *self._on_machines.workloads(text)]

    def astray(self, text: str) -> Sequence[Namespace]:
        return self._in_cluster.astray(text)

    def server_at(self, host: str, port: int) -> Server | None:
        return self._in_cluster.server_at(host, port) or self._on_machines.server_at(host, port)

    def administered_at(self, host: str, port: int) -> Server | None:
        return self._in_cluster.administered_at(host, port) or self._on_machines.administered_at(host, port)


def _if_at(server: Server | None, host: str) -> Server | None:
    # What is on this machine answers on loopback too.
    here = server is not None and server.target == "local" and is_loopback(host)
    return server if server and (host == seen_from("vm", server).host or here) else None


def _found(things: Mapping[int, _T], text: str) -> list[_T]:
    return [things[number] for number in sorted(_numbers(text)) if number in things]


def _numbers(text: str) -> set[int]:
    return {int(match["hex"], 16) if match["hex"] else int(match["decimal"]) for match in _NUMBER.finditer(text)}
