"""Data contracts in a plan: a schema of views in the provider's database, and a role that may read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from plat import names
from plat.landscape import Landscape, LinkedContract
from plat.plan.intent import datastore_name, is_used, store_of
from plat.plan.model import Contract, Datastore, SecretRef, View


def contracts(landscape: Landscape, datastores: Iterable[Datastore]) -> Iterator[Contract]:
    """The contracts that their consumers name among what they access; of any other nothing is made."""
    stores = {store.name: store for store in datastores}
    for contract in landscape.contracts:
        if is_used(contract, landscape):
            yield _contract(contract, landscape, stores)


def _contract(contract: LinkedContract, landscape: Landscape, stores: Mapping[str, Datastore]) -> Contract:
    store = stores[datastore_name(store_of(contract, landscape))]
    return Contract(
        name=contract.name,
        provider=contract.provider,
        consumer=contract.consumer,
        datastore=store.name,
        server=store.server,
        database=store.database,
        schema=names.sql_identifier(contract.name),
        provider_schema=store.schema or "public",
        owner=store.role,
        role=names.reader_role(contract.consumer, contract.name),
        secret=SecretRef(f"contract/{contract.name}"),
        views=tuple(View(view.name, tuple(view.columns.items())) for view in contract.views),
        expires=contract.expires.isoformat(),
        location=contract.location,
    )
