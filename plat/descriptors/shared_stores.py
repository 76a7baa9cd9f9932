"""Whether stores that share a server can: schemas of the contexts that one deployable hosts, databases of one context."""

from collections.abc import Iterator
from typing import NamedTuple

from plat.descriptors.errors import linking
from plat.descriptors.loader import Parsed
from plat.descriptors.models import ContextDescriptor
from plat.descriptors.parts import Datastore
from plat.descriptors.registry import Registry
from plat.findings import Finding, Location


class _Store(NamedTuple):
    context: Parsed[ContextDescriptor]
    field: str
    datastore: Datastore

    @property
    def name(self) -> str:
        return self.datastore.name or self.context.descriptor.name

    def at(self, field: str) -> Location:
        return self.context.source.at(f"{self.field}.{field}")


def check_shared_stores(registry: Registry) -> Iterator[Finding]:
    """Give every store that cannot share a server with those that it would share one with."""
    for context in registry.loaded.contexts:
        yield from _one_role(context)
    for name in sorted(registry.contexts):
        yield from _one_host(registry.contexts[name], registry)
    for host, parsed in sorted(registry.deployables.items()):
        sharing = [store for name in sorted(parsed.descriptor.hosts) for store in _schemas(registry, name)]
        yield from _agreed(host, sharing)
        if sharing:
            yield from _server_names(host, registry)


def _stores(context: Parsed[ContextDescriptor]) -> Iterator[_Store]:
    for index, store in enumerate(context.descriptor.datastore):
        yield _Store(context, f"datastore[{index}]", store)


def _schemas(registry: Registry, context: str) -> Iterator[_Store]:
    parsed = registry.contexts.get(context)
    yield from (store for store in (_stores(parsed) if parsed else ()) if store.datastore.isolation == "schema")


def _one_role(context: Parsed[ContextDescriptor]) -> Iterator[Finding]:
    """A context has one role at a server, and a password for it: its second store there would have another one."""
    first: dict[tuple[str, str], _Store] = {}
    for store in _stores(context):
        kind, isolation = store.datastore.type, store.datastore.isolation
        other = first.setdefault((kind, isolation), store)
        if isolation != "instance" and other is not store:
            problem = linking.second_store_in_server(context.descriptor.name, kind, isolation)
            yield context.blame(problem, f"{store.field}.isolation", other.at("isolation"))


def _one_host(context: Parsed[ContextDescriptor], registry: Registry) -> Iterator[Finding]:
    hosts = registry.hosts_of(context.descriptor.name)
    if len(hosts) > 1:
        for store in _schemas(registry, context.descriptor.name):
            problem = linking.schema_of_several_hosts(context.descriptor.name, [host.descriptor.name for host in hosts])
            related = [host.source.at("hosts") for host in hosts]
            yield context.blame(problem, f"{store.field}.isolation", *related)


def _agreed(host: str, sharing: list[_Store]) -> Iterator[Finding]:
    for store in sharing[1:]:
        first = sharing[0]
        if store.datastore.durability != first.datastore.durability:
            problem = linking.shared_server_differs(host, "durability", store.datastore.durability, first.datastore.durability)
            yield store.context.blame(problem, f"{store.field}.durability", first.at("durability"))
    versioned = [store for store in sharing if store.datastore.version is not None]
    for store in versioned[1:]:
        wanted, other = str(store.datastore.version), str(versioned[0].datastore.version)
        if wanted != other:
            problem = linking.shared_server_differs(host, "version", wanted, other)
            yield store.context.blame(problem, f"{store.field}.version", versioned[0].at("version"))


def _server_names(host: str, registry: Registry) -> Iterator[Finding]:
    for name in sorted(registry.contexts):
        for store in _stores(registry.contexts[name]):
            if store.datastore.type == "postgresql" and store.name == host:
                yield store.context.blame(linking.store_named_like_host(host), f"{store.field}.name")
