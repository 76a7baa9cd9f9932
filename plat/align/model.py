"""The rows of the alignment table, recognised from the landscape alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from plat.findings import Finding
from plat.grouping import grouped_by_each
from plat.landscape import Landscape, LinkedContext, LinkedDatastore, LinkedDeployable, LinkedRelease


class Alignment(StrEnum):
    """The ways in which contexts and what runs are aligned."""

    MICROSERVICE = "microservice"
    MODULAR_MONOLITH = "modular monolith"
    SHARED_DATABASE = "service per context with a shared database"
    SUB_SERVICES = "one context with internal sub-services"
    AGGREGATOR = "aggregator (backend for a frontend)"
    ANTI_CORRUPTION_LAYER = "anti-corruption layer"
    UNDEPLOYED = "not deployed yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A rule that a row breaks, with the finding's own words."""

    rule: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A context, or a deployable that is no context's; `context` is None for the latter.

    `host` is the modular monolith that runs the context, if one does.
    """

    context: LinkedContext | None
    team: str
    deployables: tuple[LinkedDeployable, ...]
    host: LinkedDeployable | None
    alignment: Alignment
    violations: tuple[Violation, ...]

    @property
    def name(self) -> str:
        """Whom findings are about: the context, or the deployable itself."""
        return self.context.name if self.context else self.deployables[0].name

    @property
    def datastores(self) -> tuple[LinkedDatastore, ...]:
        """What it keeps its data in."""
        return self.context.datastores if self.context else ()

    def to_dict(self, rationale: str) -> dict[str, Any]:
        """Give the row as plain values for JSON."""
        return {
            "context": self.context.name if self.context else None,
            "team": self.team,
            "services": [deployable.name for deployable in self.deployables],
            "databases": [shown_store(store) for store in self.datastores],
            "cadence": cadence_of(one.release for one in self.deployables) or None,
            "trains": trains_of(self.deployables),
            "pattern": str(self.alignment),
            "rationale": rationale,
            "violations": [{"rule": violation.rule, "message": violation.message} for violation in self.violations],
        }


def rows(landscape: Landscape, findings: Iterable[Finding] = ()) -> tuple[Row, ...]:
    """Give a row per context and per deployable that is no context's, by name; `findings` are of the same landscape."""
    broken: dict[str, list[Violation]] = {}
    for finding in findings:
        for name in finding.subject.split(" / "):
            broken.setdefault(name, []).append(Violation(rule=finding.rule, message=finding.message))
    return tuple(_rows(landscape, broken))


def shown_store(store: LinkedDatastore) -> str:
    """Give a datastore as a reader of the table knows it: `postgresql (schema)`."""
    notes = [store.isolation] if store.isolation != "instance" else []
    return f"{store.type} ({', '.join(notes)})" if notes else store.type


def cadence_of(releases: Iterable[LinkedRelease]) -> str:
    """Give how often something is released, each cadence once; an empty text where nobody says."""
    return ", ".join(sorted({release.cadence for release in releases if release.cadence}))


def trains_of(deployables: Iterable[LinkedDeployable]) -> list[str]:
    """Give the trains that deployables are released with, those left out that are released by themselves."""
    return sorted({one.release.train for one in deployables if one.release.train != one.name})


def shown_releases(deployables: Iterable[LinkedDeployable]) -> str:
    """Give how often, and with which train, deployables are released; an empty text where nobody says."""
    listed = list(deployables)
    trains = trains_of(listed)
    shown = [cadence_of(one.release for one in listed)] + ([f"train {', '.join(trains)}"] if trains else [])
    return ", ".join(part for part in shown if part)


def _rows(landscape: Landscape, broken: dict[str, list[Violation]]) -> Iterator[Row]:
    running = grouped_by_each(landscape.deployables, lambda deployable: deployable.contexts)
    for context in landscape.contexts:
        runs_in = running.get(context.name, ())
        hosts = [deployable for deployable in runs_in if deployable.standalone and len(deployable.contexts) > 1]
        names = [context.name, *(deployable.name for deployable in runs_in)]
        yield Row(
            context=context,
            team=context.team,
            deployables=runs_in,
            host=hosts[0] if hosts else None,
            alignment=_alignment(context, runs_in, hosts),
            violations=_of(names, broken),
        )
    for deployable in landscape.deployables:
        if deployable.standalone and not deployable.contexts:
            yield Row(
                context=None,
                team=deployable.team,
                deployables=(deployable,),
                host=None,
                alignment=_of_none(deployable),
                violations=_of([deployable.name], broken),
            )


def _alignment(context: LinkedContext, runs_in: tuple[LinkedDeployable, ...], hosts: list[LinkedDeployable]) -> Alignment:
    if hosts:
        return Alignment.MODULAR_MONOLITH
    if not runs_in:
        return Alignment.UNDEPLOYED
    if any(not access.contract for access in context.accesses):
        return Alignment.SHARED_DATABASE
    return Alignment.MICROSERVICE if len(runs_in) == 1 else Alignment.SUB_SERVICES


def _of_none(deployable: LinkedDeployable) -> Alignment:
    is_layer = deployable.role == "anti-corruption-layer"
    return Alignment.ANTI_CORRUPTION_LAYER if is_layer else Alignment.AGGREGATOR


def _of(names: list[str], broken: dict[str, list[Violation]]) -> tuple[Violation, ...]:
    found = {violation for name in names for violation in broken.get(name, ())}
    return tuple(sorted(found, key=lambda violation: (violation.rule, violation.message)))
