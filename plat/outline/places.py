"""Where things are, on a cluster or on machines, told."""

from __future__ import annotations

from collections.abc import Iterator

from plat.outline.model import Line
from plat.outline.tell import Owned, holder, tell
from plat.plan.model import (
    PLATFORM,
    Admission,
    ApiServer,
    Cluster,
    Fleet,
    Gateway,
    Machine,
    Monitoring,
    Namespace,
    Plan,
    PostgreSQLCluster,
    Unit,
    plain,
)


@tell.register
def _unit(unit: Unit, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    for context in unit.contexts if len(unit.contexts) > 1 else ():
        text = f"released with {', '.join(name for name in unit.contexts if name != context)}"
        yield Owned(context, Line("unit", unit.name, text, unit.location, plain(unit)))


@tell.register
def _cluster(cluster: Cluster, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    where = cluster.kubeconfig or "as kubectl finds it"
    text = f"Kubernetes: {where}, context {cluster.context or 'as that says'}, names end in {cluster.domain}"
    text += f"; machines see {', '.join(cluster.outgoing)}" if cluster.outgoing else ""
    yield Owned(None, Line("cluster", cluster.domain, text, None, plain(cluster)))


@tell.register
def _gateway(gateway: Gateway, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    text = f"{gateway.name} of {gateway.namespace}: what is public is reached below {gateway.domain}"
    yield Owned(None, Line("gateway", gateway.name, text, None, plain(gateway)))


@tell.register
def _admission(admission: Admission, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    named = f"user {admission.user}" if admission.user else f"group {admission.group}" if admission.group else ""
    text = f"{named or 'who may change policies of admission'} alone changes what is planned"
    yield Owned(None, Line("admission", "admission", text, None, plain(admission)))


@tell.register
def _api_server(api: ApiServer, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    text = f"the cluster's API: port {api.port} of {', '.join(api.networks)}, for servers that an operator makes"
    yield Owned(None, Line("api-server", "api-server", text, None, plain(api)))


@tell.register
def _monitoring(monitoring: Monitoring, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    text = f"Prometheus of {monitoring.namespace} reads what servers that an operator makes measure"
    yield Owned(None, Line("monitoring", monitoring.namespace, text, None, plain(monitoring)))


@tell.register
def _postgresql(made: PostgreSQLCluster, plan: Plan) -> Iterator[Owned]:
    if plan.cluster and any(plan.cluster.operates(server) for server in plan.servers if server.kind == "postgresql"):
        copies = f"copied to {made.backups.destination} of {made.backups.endpoint}" if made.backups else "no copies elsewhere"
        text = f"PostgreSQL by CloudNativePG: {made.instances} instances of each server, {copies}"
        yield Owned(None, Line("postgresql", "postgresql", text, None, plain(made)))


@tell.register
def _namespace(namespace: Namespace, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    owner = None if namespace.unit == PLATFORM else namespace.unit
    text = f"{namespace.name}: closed both ways but for what relations open, {namespace.team}'s"
    yield Owned(owner, Line("namespace", namespace.name, text, namespace.location, plain(namespace)))


@tell.register
def _fleet(fleet: Fleet, plan: Plan) -> Iterator[Owned]:  # noqa: ARG001 - all that tell have one signature
    public = f"what is public from {', '.join(fleet.public)}" if fleet.public else "nothing is public"
    text = f"machines: entered from {', '.join(fleet.administration)}, {public}"
    yield Owned(None, Line("fleet", "machines", text, None, {"administration": fleet.administration, "public": fleet.public}))


@tell.register
def _machine(machine: Machine, plan: Plan) -> Iterator[Owned]:
    made = f"made by {machine.hypervisor.name} ({machine.hypervisor.uri})" if machine.hypervisor else "there already"
    alone = "for it alone" if machine.dedicated else f"for {machine.team}'s"
    text = f"{machine.name}: a machine at {machine.address}, {made}, {alone}"
    for unit in machine.units:
        yield Owned(_owner(unit, plan), Line("machine", machine.name, text, None, plain(machine)))


def _owner(unit: str, plan: Plan) -> str | None:
    if unit == PLATFORM:
        return None
    return unit if unit in plan.teams else holder(plan.workload(unit))
