"""Deployables without a context of their own: what stands in front of contexts, or of systems outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from plat.findings import Severity
from plat.landscape import Landscape
from plat.rules.map.model import Flaw, MapRule, pair
from plat.rules.map.uses import uses_of


def check_interfaces(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each call of a backend for a frontend from inside of the landscape."""
    interfaces = {one.name: one for one in landscape.deployables if one.role == "backend-for-frontend"}
    for use in uses_of(landscape):
        if use.upstream in interfaces:
            yield Flaw(
                subject=pair(*use.ends),
                message=f"{use.told}, which is a backend for a frontend: it serves an interface, and decides nothing",
                place=use.place,
                field=use.field,
                related=(interfaces[use.upstream].at("role"),),
            )


def check_externals(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each deployable that goes past the anti-corruption layer to an external system."""
    fronts = {
        external: front
        for front in reversed(landscape.deployables)
        if front.role == "anti-corruption-layer"
        for external in front.externals
    }
    for deployable in landscape.deployables:
        for external in deployable.externals:
            front = fronts.get(external)
            if front is not None and front is not deployable:
                yield Flaw(
                    subject=deployable.name,
                    message=f"`{deployable.name}` reaches external `{external}` itself, but `{front.name}` ({front.team}) is "
                    "the anti-corruption layer in front of it",
                    place=deployable,
                    field=f"externals[{external}]",
                    hint=f"call what `{front.name}` exposes, or ask {front.team} to expose it",
                    related=(front.at(f"externals[{external}]"),),
                )


INTERFACES = MapRule(
    id="interface-as-upstream",
    title="A backend for a frontend is nobody's upstream",
    severity=Severity.WARNING,
    why=(
        "A backend for a frontend puts together what one interface shows. A context that calls it depends on how something "
        "is shown, and makes business logic grow in a place that no context owns."
    ),
    fix="call the contexts that the backend itself calls",
    source="Sam Newman, Building Microservices (2nd ed., 2021), ch. 14 'User Interfaces', pattern Backend for Frontend",
    example="""\
# storefront.yaml
kind: Deployable
role: backend-for-frontend
exposes: {ShowBasket: {public: true}}
upstreams:
  - {context: sales, uses: [GetBasket]}
""",
    check=check_interfaces,
)

EXTERNALS = MapRule(
    id="external-behind-acl",
    title="An external system behind an anti-corruption layer is reached through it",
    severity=Severity.ERROR,
    why=(
        "An anti-corruption layer keeps a vendor's model, its failures and its changes in one place, with one team that owns "
        "the relation to the vendor. Each deployable that goes past it lets all of that in again."
    ),
    fix="call what the anti-corruption layer exposes",
    source="Eric Evans, Domain-Driven Design (2003), ch. 14, pattern Anticorruption Layer; Michael Nygard, Release It! (2nd "
    "ed., 2018), ch. 4 'Stability Antipatterns', on integration points",
    example="""\
# integrations.yaml
kind: Deployable
role: anti-corruption-layer
exposes: {VerifyDocument: {}}
externals: [document-vendor]
# credentialing.yaml
upstreams:
  - {context: integrations, uses: [VerifyDocument]}
""",
    exceptable=False,
    check=check_externals,
)
