"""Whether what descriptors say of each other leads anywhere: owners, hosts, surfaces and files."""

from collections.abc import Iterable, Iterator, Sequence

from plat.descriptors.agreement_links import check_agreements
from plat.descriptors.agreements import DataContractDescriptor
from plat.descriptors.errors import linking, values
from plat.descriptors.files import is_regular_inside
from plat.descriptors.loader import LANDSCAPE_FILE, Parsed, Runnable
from plat.descriptors.models import ContextDescriptor, DeployableDescriptor, LandscapeDescriptor
from plat.descriptors.parts import Deployable
from plat.descriptors.registry import Registry
from plat.descriptors.relations import check_relations
from plat.descriptors.shared_stores import check_shared_stores
from plat.findings import Finding
from plat.names import env_prefix


def check_links(registry: Registry) -> Iterator[Finding]:
    """Give everything that is wrong between descriptors. Who refers to one that is broken by itself is not to blame."""
    loaded = registry.loaded
    if loaded.landscape is not None:
        yield from _landscape(loaded.landscape, registry)
    for context in loaded.contexts:
        yield from _team(context, "team", context.descriptor.team, registry)
        yield from _context(context, registry)
        yield from _files(context, registry)
    for deployable in loaded.deployables:
        yield from _team(deployable, "team", deployable.descriptor.team, registry)
        yield from _deployable(deployable, registry)
        yield from _files(deployable, registry)
    for contract in loaded.contracts:
        yield from _files(contract, registry)
    yield from check_relations(registry)
    yield from check_shared_stores(registry)
    yield from check_agreements(registry)


def _landscape(parsed: Parsed[LandscapeDescriptor], registry: Registry) -> Iterator[Finding]:
    descriptor, loaded = parsed.descriptor, registry.loaded
    if descriptor.name != loaded.folder.name:
        yield parsed.blame(linking.other_folder(descriptor.name, loaded.folder.name), "name")
    if not loaded.contexts and not loaded.broken:
        yield parsed.blame(linking.no_contexts(), "name")
    if descriptor.platform_team is not None:
        yield from _team(parsed, "platform-team", descriptor.platform_team, registry)
    if descriptor.broker is not None and descriptor.broker.team is not None:
        yield from _team(parsed, "broker.team", descriptor.broker.team, registry)


def _team(parsed: Runnable | Parsed[LandscapeDescriptor], field: str, name: str, registry: Registry) -> Iterator[Finding]:
    if registry.loaded.landscape is not None and name not in registry.teams:
        yield parsed.blame(linking.unknown_team(name, registry.teams, LANDSCAPE_FILE), field)


def _context(parsed: Parsed[ContextDescriptor], registry: Registry) -> Iterator[Finding]:
    context = parsed.descriptor
    hosts = registry.hosts_of(context.name)
    for index, deployable in enumerate(context.deployables):
        place = f"deployables[{index}]"
        if deployable.team is not None:
            yield from _team(parsed, f"{place}.team", deployable.team, registry)
        yield from _externals(parsed, f"{place}.externals", [use.external for use in deployable.externals], registry)
        called = [upstream.context for upstream in context.upstreams]
        yield from _variables(parsed, place, deployable, called, ())
    if hosts and context.deployables:
        problem = linking.hosted_with_deployables(context.name, hosts[0].descriptor.name)
        yield parsed.blame(problem, "deployables", hosts[0].source.at("hosts"))
    if registry.loaded.broken:
        return  # one of them may host the context
    if not hosts and not context.deployables:
        yield parsed.blame(linking.without_deployable(context.name), "name")
    for index, store in enumerate(context.datastore):
        if store.isolation == "schema" and not hosts:
            yield parsed.blame(linking.schema_without_host(context.name), f"datastore[{index}].isolation")
    ports = [own.port for own in context.deployables] + [host.descriptor.port for host in hosts]
    if context.exposes and ports and not any(ports):
        yield parsed.blame(linking.without_port(context.name), "exposes")


def _deployable(parsed: Parsed[DeployableDescriptor], registry: Registry) -> Iterator[Finding]:
    deployable = parsed.descriptor
    for name in deployable.hosts:
        if name not in registry.contexts and name not in registry.loaded.broken:
            yield parsed.blame(linking.unknown_context(name, registry.contexts), f"hosts[{name}]")
    yield from _externals(parsed, "externals", [use.external for use in deployable.externals], registry)
    called = [upstream.context for upstream in deployable.upstreams]
    yield from _variables(parsed, "", deployable, called, deployable.hosts)
    if deployable.exposes and deployable.port is None:
        yield parsed.blame(linking.without_port(deployable.name), "exposes")


def _externals(parsed: Runnable, field: str, names: Iterable[str], registry: Registry) -> Iterator[Finding]:
    for name in names:
        if registry.loaded.landscape is not None and name not in registry.externals:
            yield parsed.blame(linking.unknown_external(name, registry.externals, LANDSCAPE_FILE), f"{field}[{name}]")


def _variables(
    parsed: Runnable,
    place: str,
    deployable: Deployable | DeployableDescriptor,
    called: Sequence[str],
    hosted: Sequence[str],
) -> Iterator[Finding]:
    """Refuse literals for variables that are derived from this deployable's relations."""
    derived = {f"{env_prefix(name)}_{ending}" for name in called for ending in ("URL", "TOKEN")}
    beginnings = tuple(f"{env_prefix(name)}_" for name in hosted)
    for variable in deployable.environment:
        of_hosted = variable.startswith(beginnings) and variable.endswith(("_URL", "_PASSWORD", "_TOKEN"))
        if variable in derived or of_hosted:
            field = f"{place}.environment".removeprefix(".")
            problem = values.reserved_variable(variable)
            yield problem.at(
                parsed.source.key_at(field, variable), field=f"{field}.{variable}", subject=parsed.descriptor.name
            )


def _files(parsed: Runnable | Parsed[DataContractDescriptor], registry: Registry) -> Iterator[Finding]:
    descriptor, loaded = parsed.descriptor, registry.loaded
    named: list[tuple[str, str | None]] = []
    if isinstance(descriptor, DataContractDescriptor):
        named.append(("standard", descriptor.standard))
    else:
        named += [(f"exposes.{name}.spec", operation.spec) for name, operation in descriptor.exposes.items()]
    if isinstance(descriptor, ContextDescriptor):
        named += [(f"publishes.{name}.schema", event.schema_file) for name, event in descriptor.publishes.items()]
    for field, path in named:
        if path is None:
            continue
        if not is_regular_inside(loaded.folder, path):
            yield parsed.blame(linking.missing_file(path, loaded.others), field)
        elif path not in loaded.others:
            yield parsed.blame(linking.descriptor_as_contract(path), field)
