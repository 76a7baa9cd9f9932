"""Who is called what in a landscape: lookups by name, and the names that clash."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple, TypeVar

from plat.descriptors.agreements import DataContractDescriptor
from plat.descriptors.errors import linking
from plat.descriptors.files import is_regular_inside, shown_folder
from plat.descriptors.loader import Loaded, Parsed, Runnable
from plat.descriptors.models import ContextDescriptor, DeployableDescriptor
from plat.descriptors.parts import Operation
from plat.descriptors.standard import Standard, read_standard
from plat.findings import Finding, Location
from plat.grouping import grouped
from plat.names import skeleton

_D = TypeVar("_D", ContextDescriptor, DeployableDescriptor, DataContractDescriptor)


class Claimed(NamedTuple):
    """A name that something has: what it is, of which context (if of one), and what tells where it says so."""

    name: str
    kind: str
    place: Callable[[], Location]
    owner: str = ""

    @property
    def location(self) -> Location:
        """Where it says so. It is looked for where two clash: of most names nobody wants to know."""
        return self.place()


class Registry:
    """The descriptors of a landscape by name; where two have one name, the first one in the order of files counts."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self.contexts: Mapping[str, Parsed[ContextDescriptor]] = _first_by_name(loaded.contexts)
        self.deployables: Mapping[str, Parsed[DeployableDescriptor]] = _first_by_name(loaded.deployables)
        self.contracts: Mapping[str, Parsed[DataContractDescriptor]] = _first_by_name(loaded.contracts)
        landscape = loaded.landscape.descriptor if loaded.landscape else None
        self.teams = tuple(team.name for team in landscape.teams) if landscape else ()
        self.externals = tuple(external.name for external in landscape.externals) if landscape else ()
        self._standards: dict[str, Standard] = {}
        self._hosts: dict[str, list[Parsed[DeployableDescriptor]]] = {}
        for _, parsed in sorted(self.deployables.items()):
            for context in parsed.descriptor.hosts:
                self._hosts.setdefault(context, []).append(parsed)

    def operations_of(self, name: str) -> Mapping[str, Operation] | None:
        """Give what a context, or a deployable of its own, exposes; None where there is neither."""
        parsed = self.contexts.get(name) or self.deployables.get(name)
        return parsed.descriptor.exposes if parsed else None

    def hosts_of(self, context: str) -> tuple[Parsed[DeployableDescriptor], ...]:
        """Give the deployables that host a context, by name."""
        return tuple(self._hosts.get(context, ()))

    def standard_of(self, contract: DataContractDescriptor) -> Standard:
        """Give the body that a contract has in a file of its own; nothing where it has none, or the file is not there."""
        path, folder = contract.standard, self.loaded.folder
        if path is None or path not in self.loaded.others or not is_regular_inside(folder, path):
            return Standard((), ())
        if contract.name not in self._standards:
            self._standards[contract.name] = read_standard(folder, path, f"{shown_folder(folder)}/{path}")
        return self._standards[contract.name]

    def clashes(self) -> Iterator[Finding]:
        """Give the names that two things have, or that a reader takes for one."""
        return _clashes(self.loaded)


def _first_by_name(parsed: Sequence[Parsed[_D]]) -> Mapping[str, Parsed[_D]]:
    return {one.descriptor.name: one for one in reversed(parsed)}


def _clashes(loaded: Loaded) -> Iterator[Finding]:
    contexts, deployables = list(_contexts(loaded)), list(_deployables(loaded))
    contracts = [Claimed(each.descriptor.name, "contract", partial(each.source.at, "name")) for each in loaded.contracts]
    yield from _duplicates([*contexts, *deployables, *contracts])
    for family in (
        contexts,
        deployables,
        contracts,
        _members(loaded, "teams", "team"),
        _members(loaded, "externals", "external"),
    ):
        yield from _lookalikes(family)
    for parsed in loaded.runnables:
        yield from _lookalikes(_within(parsed, "exposes", "operation"))
        yield from _lookalikes(_within(parsed, "publishes", "event"))


def _contexts(loaded: Loaded) -> Iterator[Claimed]:
    for parsed in loaded.contexts:
        name = parsed.descriptor.name
        yield Claimed(name, "context", partial(parsed.source.at, "name"), name)


def _deployables(loaded: Loaded) -> Iterator[Claimed]:
    for parsed in loaded.deployables:
        yield Claimed(parsed.descriptor.name, "deployable", partial(parsed.source.at, "name"))
    for context in loaded.contexts:
        for index, deployable in enumerate(context.descriptor.deployables):
            place = partial(context.source.at, f"deployables[{index}].name")
            yield Claimed(deployable.name, "deployable", place, context.descriptor.name)


def _members(loaded: Loaded, field: str, kind: str) -> list[Claimed]:
    if loaded.landscape is None:
        return []
    descriptor, source = loaded.landscape.descriptor, loaded.landscape.source
    names = [thing.name for thing in (descriptor.teams if kind == "team" else descriptor.externals)]
    return [Claimed(name, kind, partial(source.at, f"{field}[{index}].name")) for index, name in enumerate(names)]


def _within(parsed: Runnable, field: str, kind: str) -> list[Claimed]:
    names: Mapping[str, object] = getattr(parsed.descriptor, field, {})
    return [Claimed(name, kind, partial(parsed.source.key_at, field, name), parsed.descriptor.name) for name in names]


def _duplicates(claims: Iterable[Claimed]) -> Iterator[Finding]:
    for _, group in sorted(grouped(claims, lambda claimed: claimed.name).items()):
        earlier: list[Claimed] = []
        for claimed in _in_order(group):
            clash = next((other for other in earlier if not _is_its_own(claimed, other)), None)
            if clash is not None:
                problem = linking.duplicate_name(claimed.kind, claimed.name, clash.kind)
                yield problem.at(claimed.location, field="name", subject=claimed.name, related=(clash.location,))
            earlier.append(claimed)


def _in_order(group: Sequence[Claimed]) -> Sequence[Claimed]:
    if len(group) == 1:
        return group
    return sorted(group, key=lambda claimed: (claimed.location, claimed.name, claimed.kind, claimed.owner))


def _is_its_own(one: Claimed, other: Claimed) -> bool:
    """Tell whether one is a context and the other a deployable inside of it, which may have its name."""
    return one.kind != other.kind and one.owner == other.owner != ""


def _lookalikes(claims: Iterable[Claimed]) -> Iterator[Finding]:
    for group in grouped(claims, lambda claimed: skeleton(claimed.name)).values():
        first, *later = _in_order(group)
        for claimed in later:
            if claimed.name != first.name:
                problem = linking.lookalike(claimed.kind, claimed.name, first.name)
                yield problem.at(claimed.location, field="name", subject=claimed.name, related=(first.location,))
