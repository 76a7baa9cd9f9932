"""What a deployable reaches over the network, by the names of servers and of other deployables."""

from __future__ import annotations

from collections.abc import Iterator

from plat.landscape import Landscape, LinkedDeployable
from plat.plan import stores
from plat.plan.intent import datastore_name, is_used, store_of
from plat.plan.kinds import broker_server


def reached_by(landscape: Landscape, deployable: LinkedDeployable) -> Iterator[str]:
    """Its contexts' servers, those of contracts that they read by, the broker, and whoever serves what it calls."""
    own = {*deployable.contexts}
    holders = dict(stores.placed(landscape))
    yield from (holder.name for (context, _), holder in holders.items() if context in own)
    for contract in landscape.contracts:
        if contract.consumer in own and is_used(contract, landscape):
            yield holders[contract.provider, datastore_name(store_of(contract, landscape))].name
    if landscape.broker and any(
        context.publishes or context.consumes for context in landscape.contexts if context.name in own
    ):
        yield broker_server(landscape.broker.type)
    for upstream in deployable.upstreams:
        serving = [item for item in landscape.deployables_of(upstream.context) if item.port is not None]
        yield serving[0].name if serving else upstream.context
