"""Who reaches whom on the cluster: nobody at first, then exactly those whom the plan lets.

What is not allowed by any policy of a pod's namespace is refused once one policy selects the pod
(https://kubernetes.io/docs/concepts/services-networking/network-policies/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from components.kubernetes.manifest import Manifest, Unit
from plat.kubernetes import labels
from plat.plan.model import External, Plan, Server, Workload

_API = "networking.k8s.io/v1"
_KIND = "NetworkPolicy"
_DNS = 53

# What is not the world outside: a way to an external system is none into the cluster, nor to the machines below it
# (RFC 1918, RFC 3927, RFC 6598, RFC 4193, RFC 4291).
_NOT_OUTSIDE_4 = ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
_NOT_OUTSIDE_6 = ("fc00::/7", "fe80::/10", "::1/128")

Rule = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Flow:
    """One way: from the pods of `source` to a port of those of `target`, each a namespace and what selects pods in it."""

    source: tuple[str, Mapping[str, str]]
    target: tuple[str, Mapping[str, str]]
    port: int

    @property
    def egress(self) -> Rule:
        """What lets it out of its source."""
        return {"to": [_peer(*self.target)], "ports": [_port(self.port)]}

    @property
    def ingress(self) -> Rule:
        """What lets it into its target."""
        return {"from": [_peer(*self.source)], "ports": [_port(self.port)]}


def closed(unit: Unit) -> Manifest:
    """Nothing in a namespace reaches anything, nor is reached."""
    content = {"spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}}
    return unit.put(_API, _KIND, "default-deny", content, resource=f"{unit.namespace.unit}--default-deny")


def names(unit: Unit) -> Manifest:
    """Everything in a namespace may ask for names, of nobody but who answers for the cluster."""
    cluster = unit.plan.cluster
    networks = cluster.name_servers if cluster else ()
    peers: list[Any] = [{"ipBlock": {"cidr": network}} for network in networks]
    ports = [_port(_DNS, "UDP"), _port(_DNS)]
    rule = {"to": peers or [_peer("kube-system", {"k8s-app": "kube-dns"})], "ports": ports}
    content = {"spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [rule]}}
    return unit.put(_API, _KIND, "ask-for-names", content, resource=f"{unit.namespace.unit}--ask-for-names")


def of_workload(unit: Unit, workload: Workload) -> Manifest:
    """What a workload reaches, and who reaches it."""
    flows = list(flows_of(unit.plan))
    own = (unit.namespace.name, labels.pods_of_workload(workload))
    rules = [flow.egress for flow in flows if flow.source == own]
    rules += [_outside(external) for external in unit.plan.externals if workload.name in external.reached_by]
    return _policy(unit, workload.name, own[1], [flow.ingress for flow in flows if flow.target == own], rules)


def of_server(unit: Unit, server: Server) -> Manifest:
    """Who reaches a server, which itself reaches nobody."""
    own = (unit.namespace.name, labels.pods_of_server(server))
    return _policy(unit, server.name, own[1], [flow.ingress for flow in flows_of(unit.plan) if flow.target == own], [])


def of_inside(unit: Unit, server: Server) -> Manifest:
    """Who makes what is inside of a server reaches that server alone."""
    own = (unit.namespace.name, labels.pods_inside(server))
    rules = [flow.egress for flow in flows_of(unit.plan) if flow.source == own]
    return _policy(unit, f"{server.name}--inside", own[1], [], rules)


def flows_of(plan: Plan) -> Iterator[Flow]:
    """Every way that `plan` opens inside of the cluster, each once."""
    yield from dict.fromkeys(map(_hashable, _flows(plan)))


def _flows(plan: Plan) -> Iterator[Flow]:
    for server in plan.servers:
        target = (server.namespace or "", labels.pods_of_server(server))
        inside = (server.namespace or "", labels.pods_inside(server))
        yield from (Flow(inside, target, port) for port in _administration(server))
    for workload in plan.workloads:
        for server in plan.servers_of(workload):
            yield Flow(_pods(workload), (server.namespace or "", labels.pods_of_server(server)), server.port)
    for route in plan.routes:
        surface = plan.surface(route.destination)
        if surface is None:
            continue
        serving = plan.workload(surface.workload)
        for workload in plan.workloads:
            if route.source in {workload.name, *workload.contexts}:
                yield Flow(_pods(workload), _pods(serving), surface.port)


def _administration(server: Server) -> tuple[int, ...]:
    management = server.extra_ports.get("management")
    return (server.port, management) if management else (server.port,)


def _pods(workload: Workload) -> tuple[str, Mapping[str, str]]:
    return workload.namespace or "", labels.pods_of_workload(workload)


class _Selector(dict[str, str]):
    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted(self.items())))


def _hashable(flow: Flow) -> Flow:
    (source, sources), (target, targets) = flow.source, flow.target
    return Flow((source, _Selector(sources)), (target, _Selector(targets)), flow.port)


def _policy(unit: Unit, name: str, pods: Mapping[str, str], ingress: list[Rule], egress: list[Rule]) -> Manifest:
    spec: Rule = {"podSelector": {"matchLabels": dict(pods)}, "policyTypes": ["Ingress", "Egress"]}
    spec |= {"ingress": ingress} if ingress else {}
    spec |= {"egress": egress} if egress else {}
    return unit.put(_API, _KIND, name, {"spec": spec})


def _peer(namespace: str, pods: Mapping[str, str]) -> Rule:
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": dict(pods)},
    }


def _port(number: int, protocol: str = "TCP") -> Rule:
    return {"protocol": protocol, "port": number}


def _outside(external: External) -> Rule:
    """A policy knows addresses, no names: the port is the external system's, the address anybody's outside of here."""
    world = [
        {"ipBlock": {"cidr": "0.0.0.0/0", "except": list(_NOT_OUTSIDE_4)}},
        {"ipBlock": {"cidr": "::/0", "except": list(_NOT_OUTSIDE_6)}},
    ]
    return {"to": world, "ports": [_port(external.port)]}
