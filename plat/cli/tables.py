"""The tables that a person reads: who owns what, where it is, and whether it runs."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table

from plat.plan.model import Datastore, Plan, Workload

_CLIENTS = {"postgresql": "psql", "redis": "redis-cli"}


def overview(plan: Plan, states: Mapping[str, str] | None = None) -> Table:
    """One row per context: team, datastores and how to connect, topics, runtime; with `states` of what runs, by name."""
    table = Table(title=f"{plan.landscape} on {plan.environment}", title_justify="left", show_lines=True)
    for column in ("context", "team", "datastore, and how to connect", "topics", "runtime"):
        table.add_column(column, overflow="fold")
    for context in plan.contexts:
        stores = [_datastore(plan, store, states) for store in plan.datastores_of(context)]
        workloads = [_workload(workload, states) for workload in plan.workloads_of(context)]
        topics = "\n".join(topics_of(plan, context)) or "-"
        table.add_row(context, plan.teams[context], "\n".join(stores) or "-", topics, "\n".join(workloads) or "-")
    if plan.broker:
        server = plan.server(plan.broker.server)
        where = f"{plan.broker.type} {server.host}:{server.port}, vhost {plan.broker.vhost}"
        management = f"management {server.host}:{server.extra_ports['management']}"
        table.add_row("(platform)", server.team, f"{where}\n{management}{_state(server.name, states)}", "-", "-")
    return table


def topics_of(plan: Plan, context: str) -> list[str]:
    """What `context` publishes and consumes, a line each."""
    if not plan.broker:
        return []
    published = [
        f"publishes {key} on {exchange.name}"
        for exchange in plan.broker.exchanges
        if exchange.owner == context
        for key in exchange.routing_keys
    ]
    consumed = [f"consumes {queue.name} ({queue.event})" for queue in plan.broker.queues if queue.consumer == context]
    return published + consumed


def as_dict(plan: Plan, states: Mapping[str, str]) -> dict[str, object]:
    """The same for a program: no secret in it."""
    return {
        "landscape": plan.landscape,
        "environment": plan.environment,
        "contexts": [
            {
                "context": context,
                "team": plan.teams[context],
                "datastores": [
                    {
                        "name": store.name,
                        "type": store.type,
                        "host": plan.server(store.server).host,
                        "port": plan.server(store.server).port,
                        "database": store.database,
                        "role": store.role,
                        "state": states.get(store.server, "absent"),
                    }
                    for store in plan.datastores_of(context)
                ],
                "topics": topics_of(plan, context),
                "deployables": [
                    {
                        "name": workload.name,
                        "host": workload.host,
                        "port": workload.port,
                        "state": states.get(workload.name, "absent"),
                    }
                    for workload in plan.workloads_of(context)
                ],
            }
            for context in plan.contexts
        ],
        "broker": _broker(plan, states),
    }


def _broker(plan: Plan, states: Mapping[str, str]) -> dict[str, object] | None:
    if not plan.broker:
        return None
    server = plan.server(plan.broker.server)
    return {
        "type": plan.broker.type,
        "host": server.host,
        "port": server.port,
        "management_port": server.extra_ports["management"],
        "vhost": plan.broker.vhost,
        "state": states.get(server.name, "absent"),
    }


def _datastore(plan: Plan, store: Datastore, states: Mapping[str, str] | None) -> str:
    server = plan.server(store.server)
    variable = f"{store.type.upper()}_URL"
    client = _CLIENTS.get(store.type)
    connect = f"\nplat exec {store.context} -- sh -c '{_command(client, variable)}'" if client else ""
    return f"{store.type} {server.host}:{server.port}/{store.database}{_state(server.name, states)}{connect}"


def _command(client: str, variable: str) -> str:
    return f'redis-cli -u "${variable}"' if client == "redis-cli" else f'{client} "${variable}"'


def _workload(workload: Workload, states: Mapping[str, str] | None) -> str:
    where = f" http://{workload.host}:{workload.port}" if workload.port else ""
    return f"{workload.name}{where}{_state(workload.name, states)}"


def _state(name: str, states: Mapping[str, str] | None) -> str:
    return "" if states is None else f" [{states.get(name, 'absent')}]"
