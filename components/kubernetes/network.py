"""Who reaches whom on the cluster: nobody at first, then exactly those whom the plan lets.

What is not allowed by any policy of a pod's namespace is refused once one policy selects the pod
(https://kubernetes.io/docs/concepts/services-networking/network-policies/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.kubernetes.manifest import Manifest, Unit
from plat.kubernetes import labels
from plat.kubernetes.flows import Elsewhere, End, Flow, Operator
from plat.kubernetes.publishing import paths_of
from plat.plan.model import PLATFORM, External, Plan, Pooler, Server, Workload

_API = "networking.k8s.io/v1"
_KIND = "NetworkPolicy"
_DNS = 53

# What is not the world outside: a way to an external system is none into the cluster, nor to the machines below it
# (RFC 1918, RFC 3927, RFC 6598, RFC 4193, RFC 4291).
_NOT_OUTSIDE_4 = ("10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16")
_NOT_OUTSIDE_6 = ("fc00::/7", "fe80::/10", "::1/128")

Rule = dict[str, Any]


def closed(unit: Unit) -> Manifest:
    """Nothing in a namespace reaches anything, nor is reached."""
    content = {"spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}}
    return unit.put(_API, _KIND, "default-deny", content, resource=f"{unit.namespace.unit}--default-deny")


def names(unit: Unit) -> Manifest:
    """Everything in a namespace may ask for names, of nobody but who answers for the cluster."""
    cluster = unit.plan.cluster
    networks = cluster.name_servers if cluster else ()
    ports = [_port(_DNS, "UDP"), _port(_DNS)]
    rule = {"to": _blocks(networks) or [_peer("kube-system", {"k8s-app": "kube-dns"})], "ports": ports}
    content = {"spec": {"podSelector": {}, "policyTypes": ["Egress"], "egress": [rule]}}
    return unit.put(_API, _KIND, "ask-for-names", content, resource=f"{unit.namespace.unit}--ask-for-names")


def of_workload(unit: Unit, workload: Workload) -> Manifest:
    """What a workload reaches, and who reaches it."""
    own = End.of_workload(workload)
    rules = [_egress(flow) for flow in unit.flows if flow.source == own]
    rules += [_outside(external) for external in unit.plan.externals if workload.name in external.reached_by]
    entering = [*(_ingress(flow) for flow in unit.flows if flow.target == own), *_from_outside(unit.plan, workload)]
    return _policy(unit, workload.name, own, entering, rules)


def of_server(unit: Unit, server: Server, *by: Operator, asks_api: bool = False) -> Manifest:
    """Who reaches a server, which itself reaches nobody but its own nodes and where copies of it go.

    With `asks_api` it reaches the cluster's API too; `by` are the operators that work inside of it.
    """
    own = End.of_server(server)
    rules = [_ingress(flow) for flow in _entering(unit, server)]
    rules += [{"from": [peer], "ports": [_port(server.port)]} for peer in _everybody_at(unit, server)]
    rules += [_operator(operator, server) for operator in by]
    reached = [_egress(flow) for flow in unit.flows if flow.source == own]
    reached += _to_api(unit) if asks_api else ()
    if backups := unit.plan.backups_of(server):
        reached.append({"to": _blocks(backups.networks) or _WORLD, "ports": [_port(backups.port)]})
    return _policy(unit, server.name, own, rules, reached)


def of_pooler(unit: Unit, server: Server, pooler: Pooler, *by: Operator) -> Manifest:
    """Who reaches a pooler, which itself reaches its server, and the cluster's API that tells it its settings."""
    own = End.of_pooler(server, pooler)
    rules = [_ingress(flow) for flow in unit.flows if flow.target == own]
    rules += [_operator(operator, server) for operator in by]
    reached = [_egress(flow) for flow in unit.flows if flow.source == own]
    return _policy(unit, pooler.name, own, rules, [*reached, *_to_api(unit)])


def of_inside(unit: Unit, server: Server) -> Manifest:
    """Who makes what is inside of a server reaches that server alone."""
    own = End.inside(server)
    rules = [_egress(flow) for flow in unit.flows if flow.source == own]
    return _policy(unit, f"{server.name}--inside", own, [], rules)


def of_entity_operator(unit: Unit, server: Server) -> Manifest:
    """Who makes topics and users in a Kafka that Strimzi makes reaches its nodes, and the cluster's API that tells them."""
    own = End.of_entity_operator(server)
    rules = [_egress(flow) for flow in unit.flows if flow.source == own]
    return _policy(unit, f"{server.name}--entity-operator", own, [], [*rules, *_to_api(unit)])


def peers(unit: Unit, server: Server) -> list[Rule]:
    """Who reaches a server where everybody does who has something in it."""
    entering = [_end(flow.source) for flow in _entering(unit, server) if flow.port == server.port]
    return [*entering, *_everybody_at(unit, server)]


def _entering(unit: Unit, server: Server) -> Iterator[Flow]:
    """The ways to `server` of whoever is let in by name, as workloads are not that have something in the platform's."""
    own, shared = End.of_server(server), server.owner == PLATFORM
    for flow in unit.flows:
        by_label = shared and isinstance(flow.source, End) and flow.source.is_of_a_workload
        if flow.target == own and not by_label:
            yield flow


def _everybody_at(unit: Unit, server: Server) -> Iterator[Rule]:
    """The pods of a landscape that say they have something in a server of its platform's; admission sees to it who says so."""
    if server.owner == PLATFORM:
        yield {
            "namespaceSelector": {"matchLabels": {labels.PART_OF: unit.plan.landscape}},
            "podSelector": {"matchLabels": {labels.AT[server.kind]: server.name}},
        }


def _to_api(unit: Unit) -> list[Rule]:
    api = unit.cluster.api_server
    return [{"to": [{"ipBlock": {"cidr": network}} for network in api.networks], "ports": [_port(api.port)]}] if api else []


def _from_outside(plan: Plan, workload: Workload) -> Iterator[Rule]:
    gateway = plan.cluster.gateway if plan.cluster else None
    if gateway and workload.port is not None and paths_of(plan, workload):
        yield {"from": [_peer(gateway.pods_namespace, gateway.pods)], "ports": [_port(workload.port)]}


def _egress(flow: Flow) -> Rule:
    return {"to": [_end(flow.target)], "ports": [_port(flow.port)]}


def _ingress(flow: Flow) -> Rule:
    return {"from": [_end(flow.source)], "ports": [_port(flow.port)]}


def _operator(operator: Operator, server: Server) -> Rule:
    ports = [_port(number) for number in operator.ports_of(server)]
    return {"from": [_peer(operator.namespace, operator.labels)], "ports": ports}


def _end(end: End | Elsewhere) -> Rule:
    return {"ipBlock": {"cidr": f"{end.address}/32"}} if isinstance(end, Elsewhere) else _peer(end.namespace, end.labels)


def _policy(unit: Unit, name: str, pods: End, ingress: list[Rule], egress: list[Rule]) -> Manifest:
    spec: Rule = {"podSelector": {"matchLabels": pods.labels}, "policyTypes": ["Ingress", "Egress"]}
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


def _blocks(networks: Sequence[str]) -> list[Any]:
    return [{"ipBlock": {"cidr": network}} for network in networks]


# A policy knows addresses, no names: the port is the external system's, the address anybody's outside of here.
_WORLD = [
    {"ipBlock": {"cidr": "0.0.0.0/0", "except": list(_NOT_OUTSIDE_4)}},
    {"ipBlock": {"cidr": "::/0", "except": list(_NOT_OUTSIDE_6)}},
]


def _outside(external: External) -> Rule:
    return {"to": _WORLD, "ports": [_port(external.port)]}
