"""Why a row of the alignment table is as it is, in a sentence or two, out of what the landscape says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from plat.align.model import Alignment, Row, cadence_of, trains_of
from plat.grouping import grouped
from plat.landscape import Landscape, LinkedContext

_NEIGHBOURS = 3  # named one by one; more are counted


class Reasons:
    """The reasons of a landscape's rows; what all of them need to know is looked up once."""

    def __init__(self, landscape: Landscape) -> None:
        self._teams = {context.name: context.team for context in landscape.contexts}
        self._users = {name: sorted({user for user, _ in uses}) for name, uses in _uses(landscape).items()}

    def of(self, row: Row) -> str:
        """Give the reason of a row."""
        if row.context is None:
            return _of_none(row, self._users.get(row.name, []))
        if row.alignment is Alignment.MODULAR_MONOLITH:
            return _monolith(row, row.context, self._teams)
        if row.alignment is Alignment.SUB_SERVICES:
            return _sub_services(row, row.context)
        if row.alignment is Alignment.SHARED_DATABASE:
            return _shared(row.context)
        if row.alignment is Alignment.UNDEPLOYED:
            return f"A {row.context.subdomain} context of `{row.team}` that nothing runs: it has no deployable."
        return " ".join((_microservice(row, row.context), *_reads(row.context), *_used(self._users.get(row.name, []))))


def _uses(landscape: Landscape) -> dict[str, tuple[tuple[str, str], ...]]:
    """Give who uses whom, as (user, used), by the used."""
    calls = [(context.name, call.context) for context in landscape.contexts for call in context.upstreams]
    reads = [(context.name, event.producer) for context in landscape.contexts for event in context.consumes]
    alone = (deployable for deployable in landscape.deployables if deployable.standalone and not deployable.contexts)
    others = [(deployable.name, call.context) for deployable in alone for call in deployable.upstreams]
    return grouped([*calls, *reads, *others], lambda use: use[1])


def _reads(context: LinkedContext) -> list[str]:
    owners = sorted({access.owner for access in context.accesses})
    return [f"It reads data of {_named(owners)} by contract."] if owners else []


def _used(users: Sequence[str]) -> list[str]:
    if not users:
        return []
    return [f"{_named(users)} {'depends' if len(users) == 1 else 'depend'} on its surface alone."]


def _microservice(row: Row, context: LinkedContext) -> str:
    reasons = [f"is {context.subdomain}", *_pace(row)]
    if context.scaling.profile != "steady":
        reasons.append(f"has a load of its own ({context.scaling.profile})")
    if context.availability != "standard":
        reasons.append(f"is {context.availability}")
    data = "its own data" if context.datastores else "no data"
    return f"One team, one model, one service with {data}: it {_listed(reasons)}."


def _pace(row: Row) -> list[str]:
    cadence = cadence_of(one.release for one in row.deployables)
    if trains := trains_of(row.deployables):
        return [" ".join(word for word in ("is released", cadence, "with the train", ", ".join(trains)) if word)]
    return [f"is released {cadence} by itself"] if cadence else []


def _monolith(row: Row, context: LinkedContext, team_of: Mapping[str, str]) -> str:
    host = row.host or row.deployables[0]
    others = [name for name in host.contexts if name != context.name]
    teams = {context.team, host.team, *(team_of[name] for name in others)}
    if len(teams) > 1:
        owners = _listed(sorted(f"`{team}`" for team in teams))
        return f"Runs in `{host.name}` with {_named(others)}, so that no release goes out unless {owners} all agree."
    cadence = cadence_of([host.release])
    together = f"are released together{f' ({cadence})' if cadence else ''}"
    first = f"`{host.team}` owns it and {_named(others)}, which {together}."
    kept = {store.isolation for store in context.datastores}
    if not kept:
        return f"{first} It keeps no data."
    own = _listed(sorted(f"{isolation if isolation != 'instance' else 'server'} of its own" for isolation in kept))
    return f"{first} It has a {own}, so that it can be taken out later."


def _sub_services(row: Row, context: LinkedContext) -> str:
    names = _listed([f"`{deployable.name}`" for deployable in row.deployables])
    profiles = sorted({deployable.scaling.profile for deployable in row.deployables})
    apart = f"which scale apart ({' and '.join(profiles)})" if len(profiles) > 1 else "which run apart"
    return f"One model of `{context.team}` in {names}, {apart}. What others see is one contract, whatever runs behind it."


def _shared(context: LinkedContext) -> str:
    owners = sorted({access.owner for access in context.accesses if not access.contract})
    return f"A service of its own on the data of {_named(owners)} without a contract: it changes only when that does."


def _of_none(row: Row, callers: Sequence[str]) -> str:
    deployable = row.deployables[0]
    called = sorted({call.context for call in deployable.upstreams})
    if row.alignment is Alignment.ANTI_CORRUPTION_LAYER:
        fronted = _named([*deployable.externals, *called]) if deployable.externals or called else "others"
        whom = f" for {_named(callers)}" if callers else ""
        return f"Translates {fronted}{whom}: their changes and failures stop here, and one team keeps the relation."
    over = _named(called) if called else "no context yet"
    return f"A surface over {over}: no business logic, and so no data of its own."


def _named(names: Iterable[str]) -> str:
    found = [f"`{name}`" for name in names]
    if len(found) > _NEIGHBOURS:
        return _listed([*found[: _NEIGHBOURS - 1], f"{len(found) - _NEIGHBOURS + 1} others"])
    return _listed(found) or "nothing else"


def _listed(items: Sequence[str]) -> str:
    *first, last = items or [""]
    return f"{', '.join(first)} and {last}" if first else last
