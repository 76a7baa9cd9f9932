"""Who answers for what: every context one team, every shared thing somebody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from plat.findings import Severity
from plat.landscape import Landscape, LinkedContext, LinkedDeployable
from plat.rules.map.model import Flaw, MapRule, quoted


def check_two_teams(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each context that deployables of several teams run."""
    for context in landscape.contexts:
        runners = landscape.deployables_of(context.name)
        teams = sorted({runner.team for runner in runners})
        if len(teams) > 1:
            first, *others = sorted(runners, key=lambda runner: (runner.team != context.team, runner.name))
            foreign = next(other for other in others if other.team != first.team)
            yield Flaw(
                subject=context.name,
                message=f"context `{context.name}` ({context.team}) is run by {len(teams)} teams: {quoted(teams)}",
                place=foreign,
                field="team",
                related=(first.at("team"),),
            )


def check_enabling(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for each context, and each deployable of its own, of an enabling team."""
    enabling = {team.name for team in landscape.teams if team.type == "enabling"}
    owned: list[LinkedContext | LinkedDeployable] = [*landscape.contexts]
    owned += [deployable for deployable in landscape.deployables if deployable.standalone]
    for one in owned:
        if one.team in enabling:
            yield Flaw(
                subject=one.name,
                message=f"`{one.name}` belongs to {one.team}, an enabling team: it helps others for a while and runs nothing",
                place=one,
                field="team",
            )


def check_broker(landscape: Landscape, today: date) -> Iterator[Flaw]:  # noqa: ARG001 - every rule has one signature
    """Yields a flaw for a broker that no team runs."""
    if landscape.broker is not None and landscape.broker.team is None:
        yield Flaw(
            subject=landscape.name,
            message="the message broker, on which every event depends, belongs to no team",
            place=landscape,
            field="broker",
        )


TWO_TEAMS = MapRule(
    id="two-teams-one-context",
    title="A context belongs to one team",
    severity=Severity.ERROR,
    why=(
        "Two teams on one context is a red flag: they share a model and a language without sharing a plan, so each change "
        "needs exceptional coordination, and in the end nobody answers for it. One team may well own several contexts."
    ),
    fix="give the context, with all that runs it, to one team, or split it along what the two teams really do",
    source="Vlad Khononov, Learning Domain-Driven Design (2021), ch. 3 'Managing Domain Complexity', on ownership boundaries; "
    "Matthew Skelton and Manuel Pais, Team Topologies (2019), ch. 3 'Team-First Thinking'",
    example="""\
kind: Context
name: booking
team: booking-team
""",
    exceptable=False,
    check=check_two_teams,
)

ENABLING = MapRule(
    id="owned-by-enabling-team",
    title="An enabling team owns no context and no deployable",
    severity=Severity.WARNING,
    why=(
        "An enabling team helps stream-aligned teams to learn something, and leaves. What it owned would have no owner then, "
        "or would keep it from leaving."
    ),
    fix="give it to the stream-aligned team that works with it, or change the team's `type` where it has become another one",
    source="Matthew Skelton and Manuel Pais, Team Topologies (2019), ch. 5 'The Four Fundamental Team Topologies'",
    example="""\
# landscape.yaml
teams:
  - {name: booking-team}
  - {name: testing-guild, type: enabling}
""",
    check=check_enabling,
)

BROKER = MapRule(
    id="broker-without-owner",
    title="The message broker has an owner",
    severity=Severity.WARNING,
    why=(
        "Every context that publishes or consumes depends on the broker, and none of them can own it alone. A platform team "
        "runs it as a service for all."
    ),
    fix="name the team as `broker.team` or, for all that serves everybody, as `platform-team` in landscape.yaml",
    source="Matthew Skelton and Manuel Pais, Team Topologies (2019), ch. 5, on platform teams",
    example="""\
# landscape.yaml
platform-team: platform-team
broker: {type: rabbitmq}
""",
    check=check_broker,
)
