"""What runs together and is released together: apart where there is a reason, and only there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from plat.findings import Location, Severity
from plat.grouping import grouped, grouped_by_each
from plat.landscape import Landscape, LinkedContext, LinkedDeployable
from plat.rules.map.model import Flaw, MapRule, pair, quoted
from plat.rules.map.uses import Use, uses_of

_Reason = Callable[[LinkedContext], str]

_REASONS: Mapping[str, _Reason] = {
    "scaling profiles": lambda context: context.scaling.profile,
    "availability": lambda context: context.availability,
}


def check_distributed(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each release of several deployables whose contexts work together by calls alone.

    By calls alone, for everything: each of its deployables runs a context that calls, or is called by, one that runs in
    another of them, and no event passes between them.
    """
    trains = _trains(landscape)
    crossing = grouped_by_each(uses_of(landscape), lambda use: _crossed(landscape, use))
    for train, between in sorted(crossing.items()):
        together = trains[train]
        calling = {name for use in between if use.kind == "call" for end in use.ends for name in _names(landscape, end, train)}
        if calling != {one.name for one in together} or any(use.kind == "event" for use in between):
            continue
        yield Flaw(
            subject=pair(*calling),
            message=f"{quoted(sorted(calling))} are released together (train `{train}`) and work together by calls alone: one "
            "monolith with a network inside",
            place=together[-1].release,
            field="train",
            related=tuple(use.place.at(use.field) for use in between),
        )


def check_early(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for deployables of one team and one release between which nothing makes a difference."""
    for train, together in sorted(_trains(landscape).items()):
        alike = grouped(together, lambda one: (one.team, one.scaling.profile, one.availability, one.runtime.target))
        for (team, *_), apart in alike.items():
            if len({one.contexts for one in apart}) > 1:
                *others, last = apart
                names = [one.name for one in apart]
                yield Flaw(
                    subject=pair(*names),
                    message=f"{quoted(names)} belong to {team}, are released together (train `{train}`), and differ neither "
                    "in scaling nor in what their failure means: nothing is won by keeping them apart",
                    place=last.release,
                    field="train",
                    related=tuple(other.release.at("train") for other in others),
                )


def check_due(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each deployable that hosts contexts which scale, or must survive, in different ways."""
    for host in landscape.deployables:
        contexts = [landscape.context(name) for name in host.contexts]
        told = {what: grouped(contexts, reason) for what, reason in _REASONS.items()}
        differing = {what: groups for what, groups in told.items() if len(groups) > 1}
        if differing:
            reasons = " and ".join(f"different {what} ({_listed(groups)})" for what, groups in differing.items())
            yield Flaw(
                subject=host.name,
                message=f"deployable `{host.name}` hosts contexts with {reasons}",
                place=host,
                field="hosts",
                related=tuple(_places(contexts, differing)),
            )


def _trains(landscape: Landscape) -> dict[str, tuple[LinkedDeployable, ...]]:
    return grouped((one for one in landscape.deployables if one.contexts), lambda one: one.release.train)


def _crossed(landscape: Landscape, use: Use) -> set[str]:
    """Give the trains within which a use goes from one deployable to another."""
    down, up = (landscape.deployables_of(end) for end in (use.downstream, use.upstream))
    both = {one.release.train for one in down} & {one.release.train for one in up}
    return {train for train in both if not _names(landscape, use.downstream, train) & _names(landscape, use.upstream, train)}


def _names(landscape: Landscape, context: str, train: str) -> set[str]:
    return {one.name for one in landscape.deployables_of(context) if one.release.train == train}


def _listed(groups: Mapping[str, tuple[LinkedContext, ...]]) -> str:
    return ", ".join(f"{quoted([one.name for one in contexts])} {value}" for value, contexts in sorted(groups.items()))


def _places(contexts: list[LinkedContext], differing: Mapping[str, object]) -> Iterator[Location]:
    fields = {"scaling profiles": "scaling.profile", "availability": "availability"}
    for context in contexts:
        for what in differing:
            yield context.at(fields[what])


DISTRIBUTED = MapRule(
    id="distributed-monolith",
    title="What is released together does not work together by calls alone",
    severity=Severity.WARNING,
    why=(
        "Contexts in deployables of their own that are always released together, and that call each other for everything, "
        "have all the costs of a distributed system and none of its gains: no one changes, fails or scales alone."
    ),
    fix="host them in one deployable (a modular monolith), or make them independent: events instead of calls, and a release "
    "of their own for each",
    source="Sam Newman, Building Microservices (2nd ed., 2021), ch. 1 'What Are Microservices?', on the distributed monolith",
    example="""\
# shop.yaml
kind: Deployable
role: modular-monolith
hosts: [basket, catalog, checkout]
""",
    check=check_distributed,
)

EARLY = MapRule(
    id="split-too-early",
    title="Contexts are deployed apart for a reason",
    severity=Severity.WARNING,
    why=(
        "One team that owns both, always releases them together, scales them in the same way and loses as much with the one "
        "as with the other pays for a network, two pipelines and two sets of rights, and gets nothing for it. A boundary in "
        "the code can be moved; one between deployables is hard to."
    ),
    fix="host them in one deployable until a reason comes: another team, another rhythm of releases, other scaling, or a "
    "failure that must not spread",
    source="Martin Fowler, MonolithFirst (2015, martinfowler.com); Neal Ford, Mark Richards, Pramod Sadalage and Zhamak "
    "Dehghani, Software Architecture: The Hard Parts (2021), ch. 7 'Service Granularity'",
    example="""\
# scheduling.yaml: released in its own rhythm
release: {cadence: daily}
""",
    check=check_early,
)

DUE = MapRule(
    id="split-due",
    title="Contexts in one deployable scale and fail alike",
    severity=Severity.WARNING,
    why=(
        "A deployable scales as a whole and fails as a whole. Contexts that are read a lot beside others that work through a "
        "queue, or a critical one beside one that may be away for a day, are worth the price of a deployable of their own."
    ),
    fix="give the context that differs a deployable of its own, or write down the same `scaling.profile` and `availability` "
    "for all where they do not really differ",
    source="Neal Ford, Mark Richards, Pramod Sadalage and Zhamak Dehghani, Software Architecture: The Hard Parts (2021), ch. "
    "7 'Service Granularity', on granularity disintegrators; Michael Nygard, Release It! (2nd ed., 2018), ch. 5 'Stability "
    "Patterns', Bulkheads",
    example="""\
# pricing.yaml: taken out of the monolith's `hosts`
scaling: {profile: bursty, min: 2, max: 20}
deployables:
  - {name: pricing, image: "registry.example/pricing:1.0.0", command: [pricing], port: 8080}
""",
    check=check_due,
)
