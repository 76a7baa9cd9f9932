"""From descriptors to the linked landscape: defaults filled in, names resolved, everything in a stable order."""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Final, TypeVar

from plat.descriptors.assemble_agreements import contracts_of, exceptions_of, relations_of
from plat.descriptors.linked import (
    Landscape,
    LinkedAccess,
    LinkedBroker,
    LinkedConsumption,
    LinkedContext,
    LinkedDatastore,
    LinkedDeployable,
    LinkedExternal,
    LinkedRelease,
    LinkedTeam,
    LinkedUpstream,
)
from plat.descriptors.loader import Parsed, Runnable
from plat.descriptors.models import ContextDescriptor, DeployableDescriptor, LandscapeDescriptor
from plat.descriptors.parts import ExternalUse, Pattern, Release
from plat.descriptors.registry import Registry
from plat.descriptors.relations import published, queue_of
from plat.descriptors.source import Source

RELATIONS_SHARE: Final = 0.5
RETENTION: Final = "7d"
PARTITIONS: Final = 3

_V = TypeVar("_V")


def assemble(registry: Registry) -> Landscape | None:
    """Give the landscape of these descriptors, relations that lead nowhere left out; None without `landscape.yaml`."""
    parsed = registry.loaded.landscape
    if parsed is None:
        return None
    descriptor = parsed.descriptor
    contexts = {name: _context(one, registry) for name, one in _sorted(registry.contexts).items()}
    return Landscape(
        source=parsed.source,
        name=descriptor.name,
        title=descriptor.title or descriptor.name,
        purpose=descriptor.purpose,
        root_dir=registry.loaded.folder,
        teams=tuple(sorted(_teams(parsed), key=attrgetter("name"))),
        platform_team=descriptor.platform_team,
        broker=_broker(parsed),
        externals=tuple(sorted(_externals(parsed), key=attrgetter("name"))),
        contexts=tuple(contexts.values()),
        deployables=tuple(_sorted(_deployables(registry, contexts)).values()),
        relations=tuple(sorted(relations_of(parsed, registry), key=attrgetter("between", "pattern"))),
        contracts=tuple(sorted(contracts_of(registry), key=attrgetter("name"))),
        exceptions=tuple(exceptions_of(parsed)),
        relations_share=descriptor.limits.relations_share or RELATIONS_SHARE,
    )


def _teams(parsed: Parsed[LandscapeDescriptor]) -> Iterator[LinkedTeam]:
    for team in parsed.descriptor.teams:
        source = parsed.source.below(f"teams[{team.name}]")
        yield LinkedTeam(source=source, name=team.name, type=team.type, contact=team.contact)


def _broker(parsed: Parsed[LandscapeDescriptor]) -> LinkedBroker | None:
    broker = parsed.descriptor.broker
    if broker is None:
        return None
    team = broker.team or parsed.descriptor.platform_team
    return LinkedBroker(
        source=parsed.source.below("broker"),
        type=broker.type,
        team=team,
        retention=broker.retention or RETENTION,
        partitions=broker.partitions or PARTITIONS,
    )


def _externals(parsed: Parsed[LandscapeDescriptor]) -> Iterator[LinkedExternal]:
    for external in parsed.descriptor.externals:
        yield LinkedExternal(
            source=parsed.source.below(f"externals[{external.name}]"),
            name=external.name,
            host=external.host,
            port=external.port,
            purpose=external.purpose,
        )


def _context(parsed: Parsed[ContextDescriptor], registry: Registry) -> LinkedContext:
    context = parsed.descriptor
    own = [deployable.name for deployable in context.deployables]
    hosts = [host.descriptor.name for host in registry.hosts_of(context.name)]
    return LinkedContext(
        source=parsed.source,
        name=context.name,
        team=context.team,
        subdomain=context.subdomain,
        purpose=context.purpose,
        datastores=tuple(_datastores(parsed)),
        accesses=tuple(sorted(_accesses(parsed, registry), key=lambda access: (access.owner, access.type or ""))),
        runtime=context.runtime,
        scaling=context.scaling,
        outbox=context.outbox,
        availability=context.availability,
        release=_release(parsed.source, context.release, context.name),
        deployables=tuple(sorted({*own, *hosts})),
        offered_as=tuple(sorted(context.offered_as)),
        exposes=_sorted(context.exposes),
        publishes=_sorted(context.publishes),
        consumes=tuple(sorted(_consumptions(parsed, registry), key=attrgetter("producer", "event"))),
        upstreams=tuple(sorted(_upstreams(parsed, registry), key=attrgetter("context"))),
    )


def _datastores(parsed: Parsed[ContextDescriptor]) -> Iterator[LinkedDatastore]:
    for index, store in enumerate(parsed.descriptor.datastore):
        if store.type == "none":
            continue
        yield LinkedDatastore(
            source=parsed.source.below(f"datastore[{index}]"),
            name=store.name or parsed.descriptor.name,
            type=store.type,
            version=store.version,
            storage=store.storage,
            isolation=store.isolation,
            durability=store.durability,
            pooling=store.pooling,
        )


def _accesses(parsed: Parsed[ContextDescriptor], registry: Registry) -> Iterator[LinkedAccess]:
    for access in parsed.descriptor.accesses:
        owner, _, kind = access.datastore.partition("/")
        if owner not in registry.contexts or owner == parsed.descriptor.name:
            continue
        yield LinkedAccess(
            source=parsed.source.below(f"accesses[{access.datastore}]"),
            owner=owner,
            type=kind or None,
            mode=access.mode,
            tables=access.tables,
            contract=access.contract,
        )


def _consumptions(parsed: Parsed[ContextDescriptor], registry: Registry) -> Iterator[LinkedConsumption]:
    for consumption in parsed.descriptor.consumes:
        event = published(consumption, registry)
        if event is None or consumption.context == parsed.descriptor.name:
            continue
        yield LinkedConsumption(
            source=parsed.source.below(f"consumes[{consumption.event}]"),
            producer=consumption.context,
            event=consumption.name,
            version=event.version,
            queue=queue_of(parsed.descriptor.name, consumption, event),
            role=consumption.from_role,
            pattern=consumption.pattern,
        )


def _upstreams(parsed: Runnable, registry: Registry) -> Iterator[LinkedUpstream]:
    for upstream in parsed.descriptor.upstreams:
        operations = registry.operations_of(upstream.context) or {}
        uses = tuple(sorted(operation for operation in upstream.uses if operation in operations))
        if not uses or upstream.context == parsed.descriptor.name:
            continue
        yield LinkedUpstream(
            source=parsed.source.below(f"upstreams[{upstream.context}]"),
            context=upstream.context,
            uses=uses,
            pattern=upstream.pattern,
        )


def _deployables(registry: Registry, contexts: Mapping[str, LinkedContext]) -> dict[str, LinkedDeployable]:
    found: dict[str, LinkedDeployable] = {}
    for name, parsed in registry.contexts.items():
        for deployable in _own(parsed, contexts[name], registry):
            found.setdefault(deployable.name, deployable)
    for name, host in registry.deployables.items():
        found[name] = _standalone(host, contexts, registry)
    return found


def _own(parsed: Parsed[ContextDescriptor], context: LinkedContext, registry: Registry) -> Iterator[LinkedDeployable]:
    for deployable in parsed.descriptor.deployables:
        yield LinkedDeployable(
            source=parsed.source.below(f"deployables[{deployable.name}]"),
            name=deployable.name,
            team=deployable.team or context.team,
            standalone=False,
            role=None,
            contexts=(context.name,),
            image=deployable.image,
            command=deployable.command,
            port=deployable.port,
            environment=_sorted(deployable.environment),
            runtime=deployable.runtime or context.runtime,
            scaling=deployable.scaling or context.scaling,
            exposes={},
            upstreams=context.upstreams,
            externals=_known(deployable.externals, registry),
            external_patterns=_patterns(deployable.externals),
            availability=context.availability,
            release=_release(parsed.source, parsed.descriptor.release, deployable.name),
        )


def _standalone(
    parsed: Parsed[DeployableDescriptor], contexts: Mapping[str, LinkedContext], registry: Registry
) -> LinkedDeployable:
    deployable = parsed.descriptor
    hosted = tuple(sorted(name for name in deployable.hosts if name in contexts))
    called = [*_upstreams(parsed, registry), *(call for name in hosted for call in contexts[name].upstreams)]
    outside = (call for call in called if call.context not in hosted)
    return LinkedDeployable(
        source=parsed.source,
        name=deployable.name,
        team=deployable.team,
        standalone=True,
        role=deployable.role or ("modular-monolith" if hosted else None),
        contexts=hosted,
        image=deployable.image,
        command=deployable.command,
        port=deployable.port,
        environment=_sorted(deployable.environment),
        runtime=deployable.runtime,
        scaling=deployable.scaling,
        exposes=_sorted(deployable.exposes),
        upstreams=tuple(sorted(outside, key=attrgetter("context", "uses"))),
        externals=_known(deployable.externals, registry),
        external_patterns=_patterns(deployable.externals),
        availability=deployable.availability,
        release=_release(parsed.source, deployable.release, deployable.name),
    )


def _release(source: Source, release: Release, name: str) -> LinkedRelease:
    return LinkedRelease(source=source.below("release"), train=release.train or name, cadence=release.cadence)


def _known(uses: Sequence[ExternalUse], registry: Registry) -> tuple[str, ...]:
    return tuple(sorted({use.external for use in uses} & {*registry.externals}))


def _patterns(uses: Sequence[ExternalUse]) -> dict[str, Pattern]:
    return {use.external: use.pattern for use in sorted(uses, key=attrgetter("external")) if use.pattern}


def _sorted(mapping: Mapping[str, _V]) -> dict[str, _V]:
    return dict(sorted(mapping.items()))
