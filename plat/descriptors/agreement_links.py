"""Whether agreements between contexts lead anywhere: symmetric relations, data contracts, customers, accepted findings."""

from collections.abc import Iterator, Mapping
from typing import Any

from plat.descriptors.agreements import DataContractDescriptor
from plat.descriptors.errors import agreements, linking
from plat.descriptors.loader import LANDSCAPE_FILE, Parsed, Runnable
from plat.descriptors.models import ContextDescriptor, LandscapeDescriptor
from plat.descriptors.parts import DatastoreType, Event, Operation
from plat.descriptors.registry import Registry
from plat.findings import Finding


def check_agreements(registry: Registry) -> Iterator[Finding]:
    """Give every agreement that names what there is not. Who names one that is broken by itself is not to blame."""
    if registry.loaded.landscape is not None:
        yield from _of_landscape(registry.loaded.landscape, registry)
    for contract in registry.loaded.contracts:
        yield from _contract(contract, registry)
    contexts = set(registry.contexts)
    callers = {*contexts, *registry.deployables}
    for parsed in registry.loaded.runnables:
        yield from _customers(parsed, "exposes", parsed.descriptor.exposes, callers, registry)
    for context in registry.loaded.contexts:
        yield from _customers(context, "publishes", context.descriptor.publishes, contexts, registry)
        yield from _accesses(context, registry)


def store_of(contract: DataContractDescriptor, registry: Registry) -> DatastoreType | None:
    """Give the type of the provider's store that a contract means; None where there is none, or of several types."""
    provider = registry.contexts.get(contract.provider)
    stores = [store.type for store in provider.descriptor.datastore if store.type != "none"] if provider else []
    if contract.datastore is not None:
        return contract.datastore if contract.datastore in stores else None
    if "postgresql" in stores:
        return "postgresql"
    return stores[0] if len({*stores}) == 1 else None


def _of_landscape(parsed: Parsed[LandscapeDescriptor], registry: Registry) -> Iterator[Finding]:
    for index, relation in enumerate(parsed.descriptor.relations):
        for name in relation.between:
            yield from _context(parsed, f"relations[{index}].between[{name}]", name, registry)
        if relation.contract is not None:
            yield from _known_contract(parsed, f"relations[{index}].contract", relation.contract, registry)
    for index, accepted in enumerate(parsed.descriptor.exceptions):
        yield from _team(parsed, f"exceptions[{index}].owner", accepted.owner, registry)


def _contract(parsed: Parsed[DataContractDescriptor], registry: Registry) -> Iterator[Finding]:
    contract = parsed.descriptor
    yield from _context(parsed, "provider", contract.provider, registry)
    yield from _context(parsed, "consumer", contract.consumer, registry)
    yield from _team(parsed, "owners.provider", contract.owners.provider, registry)
    yield from _team(parsed, "owners.consumer", contract.owners.consumer, registry)
    if contract.provider == contract.consumer:
        yield parsed.blame(linking.self_relation(contract.provider, "has a contract with"), "consumer")
    yield from registry.standard_of(contract).findings
    yield from _schema(parsed, registry)
    provider = registry.contexts.get(contract.provider)
    store = store_of(contract, registry)
    if store not in {None, "postgresql"}:
        problem = agreements.contract_store(contract.provider, str(store))
        yield parsed.blame(problem, "datastore" if contract.datastore else "provider")
    if provider is None or store is not None:
        return
    types = [store.type for store in provider.descriptor.datastore if store.type != "none"]
    if contract.datastore is None and len(types) > 1:
        yield parsed.blame(linking.ambiguous_store_of_contract(contract.provider, types), "provider")
    else:
        field = "datastore" if contract.datastore else "provider"
        yield parsed.blame(linking.unknown_datastore(contract.provider, contract.datastore or "", types), field)


def _schema(parsed: Parsed[DataContractDescriptor], registry: Registry) -> Iterator[Finding]:
    """Refuse a contract that is called like a store: its schema could be the store's own."""
    for name, context in registry.contexts.items():
        for index, store in enumerate(context.descriptor.datastore):
            if (store.name or name) == parsed.descriptor.name:
                place = context.source.at(f"datastore[{index}]")
                yield parsed.blame(agreements.contract_schema_taken(parsed.descriptor.name), "name", place)


def _accesses(parsed: Parsed[ContextDescriptor], registry: Registry) -> Iterator[Finding]:
    for access in parsed.descriptor.accesses:
        if access.contract is not None:
            yield from _known_contract(parsed, f"accesses[{access.datastore}].contract", access.contract, registry)


def _customers(
    parsed: Runnable, field: str, offers: Mapping[str, Event] | Mapping[str, Operation], known: set[str], registry: Registry
) -> Iterator[Finding]:
    for name, offer in offers.items():
        for customer in offer.offered_to:
            if customer not in known and customer not in registry.loaded.broken:
                problem = linking.unknown_context(customer, known)
                yield parsed.blame(problem, f"{field}.{name}.offered-to[{customer}]")


def _context(parsed: Parsed[Any], field: str, name: str, registry: Registry) -> Iterator[Finding]:
    if name not in registry.contexts and name not in registry.loaded.broken:
        yield parsed.blame(linking.unknown_context(name, registry.contexts), field)


def _team(parsed: Parsed[Any], field: str, name: str, registry: Registry) -> Iterator[Finding]:
    if registry.loaded.landscape is not None and name not in registry.teams:
        yield parsed.blame(linking.unknown_team(name, registry.teams, LANDSCAPE_FILE), field)


def _known_contract(parsed: Parsed[Any], field: str, name: str, registry: Registry) -> Iterator[Finding]:
    if name not in registry.contracts and name not in registry.loaded.broken:
        yield parsed.blame(linking.unknown_contract(name, registry.contracts), field)
