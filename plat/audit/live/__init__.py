"""What there really is: servers asked as their administrators, clusters by `kubectl`, compared with the plan."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from plat.audit.live import cluster, kafka, mongodb, mysql, postgresql, postgresql_catalogue, processes, rabbitmq, redis
from plat.audit.live.entrance import Entrance, UnreadableServer
from plat.findings import Finding
from plat.home import Home
from plat.kubernetes.kubectl import ClusterProblem, Kubectl
from plat.plan.model import Plan, SecretRef, Server
from plat.plan.shares import Share
from policies.ground import Ground

_Look = Callable[[Server, Entrance, Ground], Iterator[Finding]]

_SHORTEST = 4  # blotting out anything shorter would blot out words


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found, which servers were `asked`, which are `skipped`, and what could not be read, each with the reason."""

    findings: tuple[Finding, ...]
    asked: tuple[str, ...]
    unread: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def look(plan: Plan, shares: Iterable[Share], secrets: Mapping[SecretRef, str], home: Home, kubectl: Kubectl | None) -> Looked:
    """Asks every server of `plan` on this machine by its administrator's secret, what runs here, and its cluster by `kubectl`.

    `shares` are what it is divided into, none where it is not. Changes nothing.
    """
    ground = Ground.of(plan, parts=shares)
    found: list[Finding] = []
    asked: list[str] = []
    unread: list[str] = []
    skipped: list[str] = []
    for server in plan.servers:
        if server.target != "local":
            where = "a cluster" if server.namespace else "a machine"
            skipped.append(f"{server.name} is not asked, as it is on {where}: `plat verify` tries every right in it")
            continue
        try:
            found += _looked_at(server, secrets, ground)
            asked.append(server.name)
        except UnreadableServer as problem:
            unread.append(_without(str(problem), secrets))
    if "local" in plan.targets:
        found += processes.findings(*processes.ask(home, plan), plan)
    if kubectl:
        try:
            found += cluster.findings(cluster.ask(kubectl, ground.namespaces), ground)
            asked.append("the cluster")
        except ClusterProblem as problem:
            unread.append(_without(str(problem), secrets))
    told = tuple(_silenced(item, secrets) for item in found)
    return Looked(told, tuple(asked), tuple(unread), tuple(skipped))


def _looked_at(server: Server, secrets: Mapping[SecretRef, str], ground: Ground) -> list[Finding]:
    if server.admin_secret not in secrets:
        msg = f"{server.name} has not been brought up here: `plat up {ground.plan.landscape}` does"
        raise UnreadableServer(msg)
    entrance = Entrance(server.host, server.port, server.admin_user, secrets[server.admin_secret])
    return list(_KINDS[server.kind](server, entrance, ground))


_KINDS: Mapping[str, _Look] = {
    "kafka": lambda server, entrance, ground: kafka.findings(kafka.ask(server, entrance), server, ground),
    "mongodb": lambda server, entrance, ground: mongodb.findings(mongodb.ask(server, entrance), server, ground),
    "mysql": lambda server, entrance, ground: mysql.findings(mysql.ask(server, entrance), server, ground),
    "postgresql": lambda server, entrance, ground: postgresql.findings(
        postgresql_catalogue.ask(server, entrance, ground), server, ground
    ),
    "rabbitmq": lambda server, entrance, ground: rabbitmq.findings(rabbitmq.ask(server, entrance), server, ground),
    "redis": lambda server, entrance, ground: redis.findings(redis.ask(server, entrance), server, ground),
}


def _silenced(finding: Finding, secrets: Mapping[SecretRef, str]) -> Finding:
    """The finding without any secret, which could be in a name that somebody gave to something by hand."""
    message, hint, subject, field = (
        _without(text, secrets) for text in (finding.message, finding.hint, finding.subject, finding.field)
    )
    return dataclasses.replace(finding, message=message, hint=hint, subject=subject, field=field)


def _without(text: str, secrets: Mapping[SecretRef, str]) -> str:
    for secret in sorted(secrets.values(), key=len, reverse=True):
        if len(secret) >= _SHORTEST:
            text = text.replace(secret, "***")
    return text
