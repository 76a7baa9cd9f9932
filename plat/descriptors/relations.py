"""Whether relations between contexts can be true: calls, events, queues, and touches on foreign datastores."""

from collections.abc import Iterator

from plat.descriptors.errors import linking
from plat.descriptors.loader import LANDSCAPE_FILE, Parsed, Runnable
from plat.descriptors.models import ContextDescriptor
from plat.descriptors.parts import Access, Consumption, Event, Upstream
from plat.descriptors.registry import Registry
from plat.findings import Finding
from plat.names import dead_letter_queue, queue_name


def check_relations(registry: Registry) -> Iterator[Finding]:
    """Give every relation that leads nowhere, to itself, or to what another one has."""
    for parsed in registry.loaded.runnables:
        for upstream in parsed.descriptor.upstreams:
            yield from _upstream(parsed, upstream, registry)
    for context in registry.loaded.contexts:
        for access in context.descriptor.accesses:
            yield from _access(context, access, registry)
        for consumption in context.descriptor.consumes:
            yield from _consumption(context, consumption, registry)
        yield from _broker(context, registry)
    yield from _queues(registry)


def published(consumption: Consumption, registry: Registry) -> Event | None:
    """Give the event that is consumed, or None where its context does not publish it."""
    producer = registry.contexts.get(consumption.context)
    return producer.descriptor.publishes.get(consumption.name) if producer else None


def queue_of(consumer: str, consumption: Consumption, event: Event) -> str:
    """Give the queue of a consumption: the one that the descriptor names, or the derived one."""
    derived = queue_name(consumer, consumption.context, consumption.name, event.version)
    return consumption.queue or derived


def _upstream(parsed: Runnable, upstream: Upstream, registry: Registry) -> Iterator[Finding]:
    name, place = upstream.context, f"upstreams[{upstream.context}]"
    if name == parsed.descriptor.name:
        yield parsed.blame(linking.self_relation(name, "calls"), f"{place}.context")
        return
    operations = registry.operations_of(name)
    if operations is None:
        if name not in registry.loaded.broken:
            known = {*registry.contexts, *registry.deployables}
            yield parsed.blame(linking.unknown_context(name, known), f"{place}.context")
        return
    for operation in upstream.uses:
        if operation not in operations:
            problem = linking.unknown_operation(name, operation, operations)
            yield parsed.blame(problem, f"{place}.uses[{operation}]")


def _access(parsed: Parsed[ContextDescriptor], access: Access, registry: Registry) -> Iterator[Finding]:
    place = f"accesses[{access.datastore}].datastore"
    owner, _, kind = access.datastore.partition("/")
    if owner == parsed.descriptor.name:
        yield parsed.blame(linking.self_relation(owner, "accesses the datastore of"), place)
        return
    other = registry.contexts.get(owner)
    if other is None:
        if owner not in registry.loaded.broken:
            yield parsed.blame(linking.unknown_context(owner, registry.contexts), place)
        return
    types = [store.type for store in other.descriptor.datastore if store.type != "none"]
    if not types or (kind and kind not in types):
        yield parsed.blame(linking.unknown_datastore(owner, kind, types), place)
    elif not kind and len({*types}) > 1 and access.contract not in registry.contracts:
        yield parsed.blame(linking.ambiguous_datastore(owner, types), place)


def _consumption(parsed: Parsed[ContextDescriptor], consumption: Consumption, registry: Registry) -> Iterator[Finding]:
    producer, place = consumption.context, f"consumes[{consumption.event}]"
    if producer == parsed.descriptor.name:
        yield parsed.blame(linking.self_relation(producer, "consumes an event of"), f"{place}.event")
    elif producer not in registry.contexts:
        if producer not in registry.loaded.broken:
            yield parsed.blame(linking.unknown_context(producer, registry.contexts), f"{place}.event")
    elif (event := published(consumption, registry)) is None:
        known = registry.contexts[producer].descriptor.publishes
        yield parsed.blame(linking.unknown_event(producer, consumption.name, known), f"{place}.event")
    else:
        yield from _standing(parsed, consumption, event)


def _standing(parsed: Parsed[ContextDescriptor], consumption: Consumption, event: Event) -> Iterator[Finding]:
    place = f"consumes[{consumption.event}]"
    if event.status == "retired":
        yield parsed.blame(linking.retired_event(consumption.event), f"{place}.event")
    if event.status == "deprecated":
        yield parsed.blame(linking.deprecated_event(consumption.event), f"{place}.event")
    if consumption.version not in (None, event.version):
        problem = linking.other_version(consumption.event, consumption.version or 0, event.version)
        yield parsed.blame(problem, f"{place}.version")


def _broker(parsed: Parsed[ContextDescriptor], registry: Registry) -> Iterator[Finding]:
    landscape = registry.loaded.landscape
    if landscape is None or landscape.descriptor.broker is not None:
        return
    for field in ("publishes", "consumes"):
        if getattr(parsed.descriptor, field):
            yield parsed.blame(linking.no_broker(LANDSCAPE_FILE), field)


def _queues(registry: Registry) -> Iterator[Finding]:
    taken: dict[str, tuple[Parsed[ContextDescriptor], str]] = {}
    for parsed in registry.loaded.contexts:
        consumer = parsed.descriptor.name
        for index, consumption in enumerate(parsed.descriptor.consumes):
            event = published(consumption, registry) or Event(version=consumption.version or 1)
            queue = queue_of(consumer, consumption, event)
            place = f"consumes[{index}].{'queue' if consumption.queue else 'event'}"
            names = (queue, dead_letter_queue(queue))
            other = next((taken[name] for name in names if name in taken), None)
            if other is not None:
                first, where = other
                yield parsed.blame(linking.queue_taken(queue, first.descriptor.name), place, first.source.at(where))
            for name in names:
                taken.setdefault(name, (parsed, place))
