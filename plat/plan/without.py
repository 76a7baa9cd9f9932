"""A plan without most of what is in it."""

from __future__ import annotations

import dataclasses
from typing import Any

from plat.plan.model import Broker, Plan


def nothing_of(plan: Plan, **parts: Any) -> Plan:  # noqa: ANN401 - any part of a plan
    """`plan` with nothing in it but `parts`."""
    names = ("servers", "datastores", "contracts", "workloads", "surfaces", "routes", "externals", "claims", "units", "groups")
    nothing: dict[str, Any] = {"teams": {}, "broker": None, "namespaces": (), **dict.fromkeys(names, ())}
    return dataclasses.replace(plan, **nothing | parts)


def broker_of(broker: Broker, contexts: tuple[str, ...]) -> Broker:
    """The broker with what `contexts` have in it."""
    users = (broker.user_of(context) for context in contexts)
    return dataclasses.replace(
        broker,
        exchanges=tuple(item for context in contexts for item in broker.exchanges_of(context)),
        queues=tuple(item for context in contexts for item in broker.queues_of(context)),
        users=tuple(user for user in users if user),
        topics=tuple(item for context in contexts for item in broker.topics_of(context)),
        subscriptions=tuple(item for context in contexts for item in broker.subscriptions_of(context)),
    )
