"""From descriptors to linked agreements: symmetric relations, data contracts, accepted findings."""

from collections.abc import Iterator
from datetime import date

from plat.descriptors.agreement_links import store_of
from plat.descriptors.agreements import DataContractDescriptor
from plat.descriptors.linked import LinkedContract, LinkedException, LinkedRelation, LinkedView
from plat.descriptors.loader import Parsed
from plat.descriptors.models import LandscapeDescriptor
from plat.descriptors.registry import Registry


def relations_of(parsed: Parsed[LandscapeDescriptor], registry: Registry) -> Iterator[LinkedRelation]:
    """Give the symmetric relations, without contexts that there are not, nor those by a contract that there is not."""
    for index, relation in enumerate(parsed.descriptor.relations):
        between = tuple(sorted({name for name in relation.between if name in registry.contexts}))
        if len(between) > 1 and (relation.contract is None or relation.contract in registry.contracts):
            yield LinkedRelation(
                source=parsed.source.below(f"relations[{index}]"),
                between=between,
                pattern=relation.pattern,
                reason=relation.reason,
                contract=relation.contract,
            )


def exceptions_of(parsed: Parsed[LandscapeDescriptor]) -> Iterator[LinkedException]:
    """Give the accepted findings as they are written."""
    for index, accepted in enumerate(parsed.descriptor.exceptions):
        yield LinkedException(
            source=parsed.source.below(f"exceptions[{index}]"),
            rule=accepted.rule,
            subject=accepted.subject,
            reason=accepted.reason,
            owner=accepted.owner,
            until=date.fromisoformat(accepted.until),
        )


def contracts_of(registry: Registry) -> Iterator[LinkedContract]:
    """Give the contracts whose provider, store and consumer there are."""
    for parsed in registry.contracts.values():
        contract = parsed.descriptor
        store = store_of(contract, registry)
        if store is None or contract.consumer not in registry.contexts or contract.consumer == contract.provider:
            continue
        yield LinkedContract(
            source=parsed.source,
            name=contract.name,
            provider=contract.provider,
            datastore=store,
            consumer=contract.consumer,
            views=tuple(_views(parsed, registry)),
            reason=contract.reason,
            provider_owner=contract.owners.provider,
            consumer_owner=contract.owners.consumer,
            expires=date.fromisoformat(contract.expires),
            standard=contract.standard,
        )


def _views(parsed: Parsed[DataContractDescriptor], registry: Registry) -> Iterator[LinkedView]:
    for found in registry.standard_of(parsed.descriptor).views:
        yield LinkedView(source=found.source, name=found.name, columns=found.columns)
    for index, view in enumerate(parsed.descriptor.views):
        yield LinkedView(source=parsed.source.below(f"views[{index}]"), name=view.name, columns=dict(view.columns))
