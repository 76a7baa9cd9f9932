"""The tables that a person reads: who owns what, where it is, and whether it runs."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table

from plat import names
from plat.environment import DEFAULT_ENVIRONMENT
from plat.plan.kinds import BROKERS, STORES
from plat.plan.model import Contract, Datastore, Plan, Server, Workload

ABSENT = "absent"


def overview(plan: Plan, states: Mapping[str, str] | None = None) -> Table:
    """One row per context: team, datastores and how to connect, topics, runtime; with `states` of what runs, by name."""
    table = Table(title=f"{plan.landscape} on {plan.environment}", title_justify="left", show_lines=True)
    for column in ("context, team", "datastore, and how to connect", "topics", "runtime"):
        table.add_column(column, overflow="fold")
    for context in plan.contexts:
        stores = [_datastore(plan, store, states) for store in plan.datastores_of(context)]
        stores += [_contract(plan, contract) for contract in plan.contracts_of(context)]
        workloads = [_workload(plan, workload, states) for workload in plan.workloads_of(context)]
        topics = "\n".join(topics_of(plan, context))
        table.add_row(
            f"{context}\n{plan.teams[context]}", "\n".join(stores) or "-", topics or "-", "\n".join(workloads) or "-"
        )
    for workload in plan.workloads:
        if not workload.contexts:
            table.add_row(f"(no context)\n{workload.team}", "-", "-", _workload(plan, workload, states))
    if plan.broker:
        server = plan.server(plan.broker.server)
        inside = f", vhost {plan.broker.vhost}" if plan.broker.vhost else ""
        where = f"{plan.broker.type} {server.host}:{server.port}{inside}{_on(server)}{_state(server.name, states)}"
        how = f"{_exec(plan)} -l {plan.landscape} {server.name} -- {BROKERS[plan.broker.type].command(plan.broker)}"
        table.add_row(f"(the broker)\n{server.team}", f"{where}\n{how}", "-", "-")
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
    published += [f"publishes {topic.name}" for topic in plan.broker.topics_of(context) if not topic.dead_letters_of]
    consumed = [f"consumes {queue.name} ({queue.event})" for queue in plan.broker.queues_of(context)]
    return [
        *published,
        *consumed,
        *(f"consumes {item.topic} as {item.group}" for item in plan.broker.subscriptions_of(context)),
    ]


def as_dict(plan: Plan, states: Mapping[str, str]) -> dict[str, object]:
    """The same for a program: no secret in it."""
    return {
        "landscape": plan.landscape,
        "environment": plan.environment,
        "contexts": [
            {
                "context": context,
                "team": plan.teams[context],
                "datastores": [_datastore_dict(plan, store, states) for store in plan.datastores_of(context)],
                "contracts": [_contract_dict(plan, contract) for contract in plan.contracts_of(context)],
                "topics": topics_of(plan, context),
                "deployables": [_workload_dict(plan, workload, states) for workload in plan.workloads_of(context)],
            }
            for context in plan.contexts
        ],
        "deployables": [_workload_dict(plan, workload, states) for workload in plan.workloads if not workload.contexts],
        "broker": _broker_dict(plan, states),
    }


def _datastore_dict(plan: Plan, store: Datastore, states: Mapping[str, str]) -> dict[str, object]:
    server = plan.server(store.server)
    return {
        "name": store.name,
        "type": store.type,
        "host": server.host,
        "port": server.port,
        "database": store.database,
        "schema": store.schema,
        "role": store.role,
        **_machine_dict(server),
        "state": states.get(server.name, ABSENT),
    }


def _contract_dict(plan: Plan, contract: Contract) -> dict[str, object]:
    server = plan.server(contract.server)
    return {
        "name": contract.name,
        "provider": contract.provider,
        "host": server.host,
        "port": server.port,
        "database": contract.database,
        "schema": contract.schema,
        "role": contract.role,
        "views": [view.name for view in contract.views],
        "expires": contract.expires,
    }


def _workload_dict(plan: Plan, workload: Workload, states: Mapping[str, str]) -> dict[str, object]:
    return {
        "name": workload.name,
        "team": workload.team,
        "host": plan.host_of(workload),
        "port": workload.port,
        **_machine_dict(workload),
        "state": states.get(workload.name, ABSENT),
    }


def _broker_dict(plan: Plan, states: Mapping[str, str]) -> dict[str, object] | None:
    if not plan.broker:
        return None
    server = plan.server(plan.broker.server)
    return {
        "type": plan.broker.type,
        "host": server.host,
        "port": server.port,
        **({"management_port": server.extra_ports["management"]} if "management" in server.extra_ports else {}),
        **({"vhost": plan.broker.vhost} if plan.broker.vhost else {}),
        **_machine_dict(server),
        "state": states.get(server.name, ABSENT),
    }


def _machine_dict(item: Server | Workload) -> dict[str, str]:
    return {"machine": item.machine} if item.machine else {}


def _datastore(plan: Plan, store: Datastore, states: Mapping[str, str] | None) -> str:
    server = plan.server(store.server)
    # No address with a password in it: what stands on a command line stands in the process list.
    client = STORES[store.type].command(store, server)
    where = f"{store.type} {server.host}:{server.port}, {_part(store)}{_on(server)}{_state(server.name, states)}"
    return f"{where}\n{_exec(plan)} {store.context} -- {client}"


def _exec(plan: Plan) -> str:
    return "plat exec" if plan.environment == DEFAULT_ENVIRONMENT else f"plat exec -e {plan.environment}"


def _part(store: Datastore) -> str:
    return f"schema {store.schema} of database {store.database}" if store.schema else f"database {store.database}"


def _contract(plan: Plan, contract: Contract) -> str:
    views = ", ".join(f"{contract.schema}.{view.name}" for view in contract.views)
    several = any(len(workload.contexts) > 1 for workload in plan.workloads_of(contract.consumer))
    prefix = f"{names.env_prefix(contract.consumer)}_" if several else ""
    way = f"{prefix}{names.env_prefix(contract.name)}_URL"
    return f"reads {views} of {contract.provider} until {contract.expires}, by ${way}"


def _workload(plan: Plan, workload: Workload, states: Mapping[str, str] | None) -> str:
    where = f" http://{plan.host_of(workload)}:{workload.port}" if workload.port else ""
    return f"{workload.name}{where}{_on(workload)}{_state(workload.name, states)}"


def _on(item: Server | Workload) -> str:
    return f", on machine {item.machine}" if item.machine else ""


def _state(name: str, states: Mapping[str, str] | None) -> str:
    return "" if states is None else f" ({states.get(name, ABSENT).lower()})"
