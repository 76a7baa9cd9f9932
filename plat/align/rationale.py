"""Why a row of the alignment table is as it is, in a sentence or two, out of what the landscape says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plat.align.model import Alignment, Row, cadence_of, trains_of
from plat.landscape import Landscape, LinkedContext

_NEIGHBOURS = 3  # named one by one; more are counted


def rationale(row: Row, landscape: Landscape) -> str:
    """Give the reason of a row of this landscape."""
    if row.context is None:
        return _of_none(row, landscape)
    if row.alignment is Alignment.MODULAR_MONOLITH:
        return _monolith(row, row.context, landscape)
    if row.alignment is Alignment.SUB_SERVICES:
        return _sub_services(row, row.context)
    if row.alignment is Alignment.SHARED_DATABASE:
        return _shared(row.context)
    if row.alignment is Alignment.UNDEPLOYED:
        return f"A {row.context.subdomain} context of `{row.team}` that nothing runs: it has no deployable."
    return f"{_microservice(row, row.context)} {_dependants(row.context.name, landscape)}".strip()


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


def _monolith(row: Row, context: LinkedContext, landscape: Landscape) -> str:
    host = row.host or row.deployables[0]
    others = [name for name in host.contexts if name != context.name]
    teams = {context.team, host.team, *(landscape.context(name).team for name in others)}
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


def _of_none(row: Row, landscape: Landscape) -> str:
    deployable = row.deployables[0]
    called = sorted({call.context for call in deployable.upstreams})
    callers = _callers(deployable.name, landscape)
    if row.alignment is Alignment.ANTI_CORRUPTION_LAYER:
        fronted = _named([*deployable.externals, *called]) if deployable.externals or called else "others"
        whom = f" for {_named(callers)}" if callers else ""
        return f"Translates {fronted}{whom}: their changes and failures stop here, and one team keeps the relation."
    over = _named(called) if called else "no context yet"
    return f"A surface over {over}: no business logic, and so no data of its own."


def _dependants(name: str, landscape: Landscape) -> str:
    callers = _callers(name, landscape)
    readers = [context.name for context in landscape.contexts for event in context.consumes if event.producer == name]
    found = sorted({*callers, *readers})
    return f"{_named(found)} {'depends' if len(found) == 1 else 'depend'} on its surface alone." if found else ""


def _callers(name: str, landscape: Landscape) -> list[str]:
    contexts = [context.name for context in landscape.contexts for call in context.upstreams if call.context == name]
    alone = (deployable for deployable in landscape.deployables if deployable.standalone and not deployable.contexts)
    return sorted({*contexts, *(one.name for one in alone for call in one.upstreams if call.context == name)})


def _named(names: Iterable[str]) -> str:
    found = [f"`{name}`" for name in names]
    if len(found) > _NEIGHBOURS:
        return _listed([*found[: _NEIGHBOURS - 1], f"{len(found) - _NEIGHBOURS + 1} others"])
    return _listed(found) or "nothing else"


def _listed(items: Sequence[str]) -> str:
    *first, last = items or [""]
    return f"{', '.join(first)} and {last}" if first else last
