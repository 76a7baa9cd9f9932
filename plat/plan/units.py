"""The units of a landscape: what is released and owned together."""

from __future__ import annotations

from collections.abc import Iterator

import networkx as nx

from plat.landscape import Landscape, LinkedDeployable
from plat.plan.model import PLATFORM, Unit


def unit_of_context(landscape: Landscape, context: str) -> str:
    """What a context is placed with: the deployable beside contexts that hosts it, or itself."""
    hosts = [item.name for item in landscape.deployables_of(context) if item.standalone]
    return hosts[0] if hosts else context


def unit_of_deployable(landscape: Landscape, deployable: LinkedDeployable) -> str:
    """What a deployable is placed with."""
    return deployable.name if deployable.standalone else unit_of_context(landscape, deployable.contexts[0])


def units_of(landscape: Landscape) -> tuple[Unit, ...]:
    """The units, by name: the platform; each context; each deployable beside contexts with those that it hosts.

    Deployables that host one context belong together, since neither works without its store: the first of them by name
    names the unit.
    """
    return tuple(sorted((_platform(landscape), *_others(landscape)), key=lambda unit: unit.name))


def _platform(landscape: Landscape) -> Unit:
    return Unit(PLATFORM, landscape.platform_team or PLATFORM, (), ())


def _others(landscape: Landscape) -> Iterator[Unit]:
    together: nx.Graph[tuple[bool, str]] = nx.Graph()
    together.add_nodes_from((False, context.name) for context in landscape.contexts)
    for deployable in landscape.deployables:
        together.add_node((True, deployable.name))
        together.add_edges_from(((True, deployable.name), (False, context)) for context in deployable.contexts)
    deployables = {deployable.name: deployable for deployable in landscape.deployables}
    for group in nx.connected_components(together):
        contexts = sorted(name for is_deployable, name in group if not is_deployable)
        carriers = [deployables[name] for name in sorted(name for is_deployable, name in group if is_deployable)]
        beside = [carrier for carrier in carriers if carrier.standalone]
        name = beside[0].name if beside else contexts[0]
        owner = beside[0] if beside else landscape.context(contexts[0])
        yield Unit(name, owner.team, tuple(contexts), tuple(carrier.name for carrier in carriers), owner.location)
